"""`wuxue db copy`: moves an installation to another database, compared before it counts."""

from collections.abc import Sequence
from contextlib import closing
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from bot.commands import ground
from bot.commands.database import held, locked, opened
from bot.commands.ground import HERE, WRONG_USE, ConfigPath, console, fail, say, show, words
from bot.config_values import DatabaseUrl
from storage import copying, schema
from storage.copying import CopyDiffers, TableCopied, TargetNotEmpty
from storage.engine import Database, is_sqlite, sqlite_path

# Every row is written once and read back once.
PASSES = 2


def copy_database(
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="Address of the empty database to move to.",
            # An address with a password on the command line is seen by everybody on the machine.
            envvar="WUXUE_COPY_TO",
            show_envvar=True,
        ),
    ],
    config_path: ConfigPath = HERE,
) -> None:
    """把整个数据库搬到另一个库，逐表核对。 Move everything to another database, compared.

    先停下 wuxue run。新库要是空的；有一处不一致就全部还原。
    Stop `wuxue run` first. The new database must be empty; one difference undoes it all.

    [bold]wuxue db copy --to postgresql+psycopg://wuxue:密码@主机/wuxue[/bold]
    [bold]WUXUE_COPY_TO=... wuxue db copy[/bold]
    """
    to = _address(to)
    config = ground.read_config(config_path)
    if to == _whole(config.database.url.get_secret_value()):
        fail("copy_same", code=WRONG_USE)
    with locked(config), held(to), opened(config) as source:
        copied = _copy(source, to)
    _show(copied)
    cleaned = sum(one.cleaned for one in copied)
    if cleaned:
        say("copy_cleaned", count=cleaned, style="yellow")
    say("copy_done", rows=sum(one.rows for one in copied))
    say("copy_next", config=config_path)
    show(f'url = "{make_url(to).render_as_string(hide_password=True)}"')


def _address(url: str) -> str:
    """The address to move to; exit code 2 when it is none."""
    try:
        TypeAdapter(DatabaseUrl).validate_python(url)
    except ValidationError:
        fail("copy_address", code=WRONG_USE)
    if is_sqlite(url) and not sqlite_path(url).parent.is_dir():
        fail("copy_folder_missing", folder=sqlite_path(url).parent, code=WRONG_USE)
    return _whole(url)


def _whole(url: str) -> str:
    """A file by its whole path: config.toml may lie elsewhere than the terminal stands."""
    return f"sqlite:///{sqlite_path(url).resolve()}" if is_sqlite(url) else url


def _copy(source: Database, to: str) -> list[TableCopied]:
    """Everything in one transaction of the target; exit code 1 when it did not arrive whole."""
    with closing(Database(to)) as target:
        try:
            _prepare(target)
            return source.write_now(lambda here: target.write_now(_move, here))
        except TargetNotEmpty as refused:
            fail("copy_not_empty", table=refused.table)
        except CopyDiffers as differs:
            _show(differs.copied)
            wrong = [one.name for one in differs.copied if not one.is_same]
            fail("copy_differs", tables=words("list_sign").join(wrong))
        except DBAPIError as error:
            # The whole error would quote the rows it was about.
            fail("database_failed", reason=type(error.orig).__name__)


def _prepare(target: Database) -> None:
    """Bring an empty target to this release's schema."""
    try:
        schema.upgrade(target.engine)
    except schema.SchemaTooNew as too_new:
        fail("database_too_new", stands_at=too_new, known=schema.head())


def _move(there: Session, here: Session) -> list[TableCopied]:
    """Copy while a bar on stderr counts rows written and read back."""
    copying.hold_still(here)
    others = copying.others_connected(here)
    if others:
        fail("copy_in_use", count=others)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=ground.errors,
    )
    with bar:
        task = bar.add_task(words("copy_sending"), total=PASSES * copying.count_rows(here))

        def advance(table: str, rows: int) -> None:
            bar.update(task, advance=rows, description=f"{words('copy_sending')} {table}")

        return copying.copy(here, there, on_rows=advance)


def _show(copied: Sequence[TableCopied]) -> None:
    """Each table that holds something, on both sides."""
    table = Table(
        words("copy_table"),
        words("copy_rows"),
        words("copy_rows_there"),
        words("copy_digest"),
        "",
    )
    for one in copied:
        if one.rows or one.rows_there:
            mark = words("copy_same_mark") if one.is_same else words("copy_differs_mark")
            table.add_row(one.name, f"{one.rows:,}", f"{one.rows_there:,}", one.digest[:12], mark)
    console.print(table)
