"""`wuxue init`: config.toml, keys, database, starter lessons, the first administrator's invite."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from sqlmodel import Session

from bot.commands import ground
from bot.commands.database import opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, fail, say, words
from bot.commands.inviting import show_invite
from bot.config import Config
from bot.config_tables import Telegram
from bot.setting import write_config
from curriculum import joining, lessons, working_days
from curriculum.joining import NewInvite
from curriculum.lesson_pack import read_pack
from curriculum.people import ADMINISTRATOR
from scheduler.clock import SystemClock
from storage.engine import is_sqlite, sqlite_path
from storage.lessons import pack_by_code
from storage.people import Unit, add_unit, unit_by_name, unit_names
from storage.sealed import new_secret, write_key_file

STARTER_PACK = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
TOKEN_VARIABLE = "WUXUE_TELEGRAM__TOKEN"  # noqa: S105  a name, not a token


def init(
    config_path: ConfigPath = HERE,
    token: Annotated[str, typer.Option(help="The bot's token; asked for when left out.")] = "",
    unit: Annotated[str, typer.Option(help="Your organisation's topmost unit.")] = "",
) -> None:
    """第一次使用：设置、密钥、数据库、入门课和您的邀请。 The first steps, all at once.

    再运行一次不会改动已有的设置和密钥，只给一个新的邀请链接。
    A second run leaves settings and key as they are and only makes a new invite link.

    [bold]wuxue init --unit 林芝市社工指导中心[/bold]
    [bold]wuxue init --token 123456789:AA... --unit 林芝市社工指导中心[/bold]
    """
    unit = unit.strip()
    if config_path.exists():
        say("init_config_kept", file=config_path)
    else:
        _new_config(config_path, token)
    config = ground.read_config(config_path)
    ground.read_token(config, config_path)
    _note_key(config)
    with opened(config, create=True) as database:
        top = database.read_now(_top_units)
        if top and unit and unit not in top:
            fail("init_other_unit", unit=top[0], given=unit)
        name = unit or (top[0] if top else _asked(words("ask_unit"), "--unit"))
        made = database.write_now(_first_steps, config=config, unit_name=name)
    show_invite(made, config, config_path)
    say("init_done")


def _new_config(path: Path, token: str) -> None:
    """Write config.toml; a token that stands in the environment is not copied into the file."""
    in_environment = os.environ.get(TOKEN_VARIABLE, "") if not token else ""
    if not token and not in_environment:
        token = _asked(words("ask_token"), "--token", hidden=True)
    try:
        Telegram.model_validate({"token": token or in_environment})
    except ValidationError:
        fail("token_malformed", code=WRONG_USE)
    try:
        write_config(path, token=token)
    except OSError as error:
        fail("init_not_written", file=path, reason=error.strerror or type(error).__name__)
    say("init_config_written", file=path)


def _asked(question: str, option: str, *, hidden: bool = False) -> str:
    """Ask at the terminal; where nobody can answer, wrong use."""
    try:
        answer: str = typer.prompt(question, hide_input=hidden and sys.stdin.isatty())
    except typer.Abort:
        fail("init_needs", code=WRONG_USE, option=option)
    return answer.strip()


def _note_key(config: Config) -> None:
    """Make the data folder, private, and the key for private text, unless they are there."""
    url, file = config.database.url.get_secret_value(), config.secrets.note_key_file
    try:
        if is_sqlite(url):
            sqlite_path(url).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if config.secrets.note_key is not None:
            return
        if file.exists():
            say("init_key_kept", file=file)
            return
        write_key_file(file, new_secret())
    except OSError as error:
        fail("init_not_written", file=file, reason=error.strerror or type(error).__name__)
    say("init_key_made", file=file)


def _top_units(session: Session) -> list[str]:
    """The names of units that belong to none."""
    return [name for path, name in unit_names(session).values() if path.count("/") == len("//")]


def _first_steps(session: Session, *, config: Config, unit_name: str) -> NewInvite:
    now = SystemClock().now()
    if config.calendar.national == "china":
        working_days.import_national(session, first_year=now.year, last_year=now.year + 1)
    starter = read_pack(STARTER_PACK)
    if pack_by_code(session, starter.code) is None:
        # Once only: a second init must not turn lessons that were reviewed since into drafts.
        lessons.import_pack(session, starter, now=now)
    return joining.make_invite(
        session,
        role=ADMINISTRATOR,
        unit=_top_unit(session, unit_name),
        cohort=None,
        uses=1,
        created_by=None,
        now=now,
    )


def _top_unit(session: Session, name: str) -> Unit:
    found = unit_by_name(session, name)
    return found[0] if found else add_unit(session, name_zh=name, level="region", parent=None)
