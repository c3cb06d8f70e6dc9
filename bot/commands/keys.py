"""`wuxue key`: another key for private text, under which every sealed text is sealed anew."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from bot.commands import ground
from bot.commands.database import locked, opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, console, fail, say, words
from bot.config import Config
from scheduler.clock import SystemClock
from storage import copying, key_files, resealing
from storage.engine import Database
from storage.resealing import SEALED, Batch, SealedColumn
from storage.sealed import NoteKey, new_secret

# So many ids of a table are written out.
MOST_IDS = 20
app = typer.Typer(no_args_is_help=True, help="私密文字的密钥。 The key of private text.")


@app.callback()
def key() -> None:
    """私密文字的密钥。 The key of private text."""


@app.command()
def rotate(
    to: Annotated[
        Path | None,
        typer.Option("--to", help="A file with the new key; without it a fresh one is made."),
    ] = None,
    config_path: ConfigPath = HERE,
) -> None:
    """换一把密钥，把所有私密文字重新加密。 Take another key and seal all private text anew.

    先停下 wuxue run。中断了再运行一次就接着做；做完会说旧密钥怎么处理。
    Stop `wuxue run` first. When interrupted, run it again; at the end it says what to do with the
    old key.

    [bold]wuxue key rotate[/bold]
    [bold]wuxue key rotate --to 新密钥文件[/bold]
    """
    config = ground.read_config(config_path)
    with locked(config), opened(config) as database:
        others = database.read_now(copying.others_connected)
        if others:
            fail("key_in_use", count=others)
        _change(config, to)
        note_key = ground.read_note_key(config)
        sealed = _reseal(database, note_key)
        proven, not_opened = _prove(database, ground.read_note_secret(config))
        database.drop_old_pages_now()
    _show(sealed, proven)
    _retire(config, sealed, proven, not_opened)


def _change(config: Config, to: Path | None) -> None:
    """Put the new key in place, or find that it is there and go on."""
    file, current = config.secrets.note_key_file, ground.read_note_secret(config)
    in_environment = config.secrets.note_key is not None
    with _written(file):
        is_under_way = key_files.is_under_way(file, current)
        if is_under_way and to is not None:
            fail("key_under_way", code=WRONG_USE)
        if in_environment and not is_under_way:
            fail("key_environment", code=WRONG_USE, old=key_files.old_of(file))
        present = ground.read_note_key(config)
        if is_under_way:
            say("key_going_on")
            known = {one.key.written for one in present.signed_before}
            missing = [one for one in present.former if one.signer.public.written not in known]
            key_files.note_public(file, missing, now=SystemClock().now())
            return
        fresh = new_secret() if to is None else _given(to, present)
        # First of all: whoever loses the secret can still have its certificates checked.
        key_files.note_public(file, [present], now=SystemClock().now())
        key_files.take_place(file, fresh)
    say("key_taken", file=file, old=key_files.old_of(file))


def _given(file: Path, present: NoteKey) -> bytes:
    """A key of one's own; one that has sealed before is none."""
    try:
        fresh = key_files.read_key(file)
    except (OSError, ValueError):
        fail("key_new_missing", code=WRONG_USE, file=file)
    if NoteKey(fresh).key_id in {one.key_id for one in (present, *present.former)}:
        fail("key_same", code=WRONG_USE, file=file)
    return fresh


@contextmanager
def _written(file: Path) -> Iterator[None]:
    """A sentence where the folder of the key cannot be written to, or an old key not be read."""
    try:
        yield
    except OSError as error:
        fail("key_not_written", file=file, reason=error.strerror or type(error).__name__)
    except ValueError:
        fail("note_key_damaged", file=key_files.old_of(file))


def _reseal(database: Database, note_key: NoteKey) -> dict[SealedColumn, int]:
    """Everything that a former key sealed, a batch a transaction."""
    waiting: dict[SealedColumn, int] = {}
    for one in note_key.former:
        for sealed, count in database.read_now(resealing.count, one).items():
            waiting[sealed] = waiting.get(sealed, 0) + count
    done = dict.fromkeys(SEALED, 0)
    with _bar(words("key_sealing"), sum(waiting.values())) as bar:
        for sealed in SEALED:
            after: int | None = 0
            while after is not None:
                batch: Batch = database.write_now(resealing.reseal, sealed, note_key, after=after)
                done[sealed] += batch.done
                bar.update(bar.task_ids[0], advance=batch.done + len(batch.not_opened))
                after = batch.last_id
    return done


def _prove(
    database: Database, secret: bytes
) -> tuple[dict[SealedColumn, int], dict[SealedColumn, list[int]]]:
    """Open every text with the new key alone: how many each column has, which ids do not open."""
    alone = NoteKey(secret)
    proven, not_opened = dict.fromkeys(SEALED, 0), {one: list[int]() for one in SEALED}
    total = sum(database.read_now(resealing.count).values())
    with _bar(words("key_proving"), total) as bar:
        for sealed in SEALED:
            after: int | None = 0
            while after is not None:
                batch: Batch = database.read_now(resealing.prove, sealed, alone, after=after)
                proven[sealed] += batch.done
                not_opened[sealed] += batch.not_opened
                bar.update(bar.task_ids[0], advance=batch.done + len(batch.not_opened))
                after = batch.last_id
    return proven, not_opened


@contextmanager
def _bar(description: str, total: int) -> Iterator[Progress]:
    """A bar on stderr."""
    text = TextColumn("{task.description}")
    with Progress(text, BarColumn(), MofNCompleteColumn(), console=ground.errors) as bar:
        bar.add_task(description, total=total)
        yield bar


def _show(sealed: Mapping[SealedColumn, int], proven: Mapping[SealedColumn, int]) -> None:
    """How many of each table; numbers alone."""
    table = Table(words("key_table"), words("key_done_count"), words("key_proven_count"))
    for one in SEALED:
        if sealed[one] or proven[one]:
            table.add_row(one.table, f"{sealed[one]:,}", f"{proven[one]:,}")
    console.print(table)


def _retire(
    config: Config,
    sealed: Mapping[SealedColumn, int],
    proven: Mapping[SealedColumn, int],
    not_opened: Mapping[SealedColumn, list[int]],
) -> None:
    """Say what is to be done with both keys; exit code 1 where a text was left."""
    file = config.secrets.note_key_file
    with _written(file):
        old = key_files.retire(file, now=SystemClock().now())
    say("key_done", sealed=sum(sealed.values()), proven=sum(proven.values()))
    public = file.with_name(key_files.PUBLIC_KEYS)
    if config.secrets.note_key is None:
        say("key_back_up", file=file, public=public)
    else:
        say("key_back_up_environment", public=public)
    left = {one: ids for one, ids in not_opened.items() if ids}
    if not left:
        say("key_retired", old=old)
        return
    for one, ids in left.items():
        some = words("list_sign").join(map(str, ids[:MOST_IDS]))
        say("key_not_opened", to=ground.errors, table=one.table, count=len(ids), ids=some)
    fail("key_not_opened_next", old=key_files.old_of(file))
