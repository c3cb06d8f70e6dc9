"""`wuxue verify`: whether a certificate's PDF says what was signed, and whether it was revoked.

Exit codes: 0 valid, 1 the work failed, 2 wrong use, 3 revoked, 4 unknown, 5 changed.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, fail, say
from bot.reports.certificates import NotOurs, Signed, signed_of
from bot.training_certificate import days
from curriculum import certificates
from curriculum.certificates import CHANGED, REVOKED, UNKNOWN, VALID, Checked, Statement
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from storage.signatures import PublicKey

EXIT_CODES = {VALID: 0, REVOKED: 3, UNKNOWN: 4, CHANGED: 5}


def verify(
    file: Annotated[Path | None, typer.Argument(help="The certificate, a PDF.")] = None,
    key: Annotated[
        str, typer.Option(help="The public key, 64 hex digits: no database is needed then.")
    ] = "",
    *,
    show_key: Annotated[
        bool, typer.Option("--show-key", help="Show the public key of this installation.")
    ] = False,
    config_path: ConfigPath = HERE,
) -> None:
    """查验证书文件。 Check a certificate's file.

    退出码：0 有效，3 已撤回，4 没有查到，5 改动过。
    Exit codes: 0 valid, 3 revoked, 4 unknown, 5 changed.

    [bold]wuxue verify 证书_2026-000012.pdf[/bold]
    [bold]wuxue verify 证书_2026-000012.pdf --key 3b6a27bc...[/bold]
    [bold]wuxue verify --show-key[/bold]
    """
    if show_key:
        _show_keys(config_path)
        return
    if file is None:
        fail("verify_which", code=WRONG_USE)
    try:
        data = file.read_bytes()
    except OSError as error:
        fail("verify_not_read", file=file, reason=error.strerror or type(error).__name__)
    given = _read_key(key) if key else None
    if given is None and not config_path.exists():
        fail("verify_needs_key", code=WRONG_USE, file=config_path)
    try:
        signed = signed_of(data)
    except NotOurs:
        _answer(Checked(UNKNOWN), None)
    if given is not None:
        _offline(signed, given)
    _online(signed, config_path)


def _show_keys(config_path: Path) -> None:
    """This installation's public key, and those of former secrets with the day of their end."""
    key = ground.read_note_key(ground.read_config(config_path))
    ground.show(key.signer.public.written)
    for one in key.signed_before:
        until = local_date(one.until, ZONE).isoformat()
        say("verify_former_key", public=one.key.written, until=until)


def _read_key(written: str) -> PublicKey:
    try:
        return PublicKey.read(written)
    except ValueError:
        fail("verify_bad_key", code=WRONG_USE)


def _offline(signed: Signed, key: PublicKey) -> NoReturn:
    """By the signature alone, and saying that nothing is known of its being revoked."""
    try:
        statement = Statement.read(signed.document)
    except ValueError:
        _answer(Checked(UNKNOWN), None)
    if not certificates.is_signed(signed.document, signed.signature, by=key):
        _answer(Checked(CHANGED), None)
    say("verify_offline")
    _answer(Checked(VALID, statement, statement.serial), statement)


def _online(signed: Signed, config_path: Path) -> NoReturn:
    config = ground.read_config(config_path)
    key = ground.read_note_key(config)
    with opened(config) as database:
        found = database.read_now(
            certificates.check_file,
            signed.document,
            signed.signature,
            bot=ground.read_bot_id(config, config_path),
            by=key.signer.public,
            before=key.signed_before,
        )
    _answer(found, found.statement)


def _answer(found: Checked, statement: Statement | None) -> NoReturn:
    """What was found, in one line each; ends with its exit code."""
    if found.state == VALID:
        say("verify_valid", serial=found.serial)
    elif found.state == CHANGED:
        say("verify_changed")
    elif found.revoked_at is None:
        say("verify_unknown")
    else:
        revoked_on = local_date(found.revoked_at, ZONE).isoformat()
        say("verify_revoked", serial=found.serial, revoked_on=revoked_on)
    if statement is not None:
        say(
            "verify_statement",
            name=statement.name,
            title=statement.title,
            days=days(statement.starts_on, statement.ends_on),
            minutes=statement.minutes,
            issuer=statement.issuer,
        )
    raise typer.Exit(EXIT_CODES[found.state])
