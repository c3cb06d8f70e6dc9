"""Opening the database for a command, and `wuxue db`: one release's schema, a copy beforehand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError, OperationalError

from bot.commands.ground import HERE, ConfigPath, fail, read_config, say
from bot.config import Config
from scheduler.clock import SystemClock
from storage import schema
from storage.engine import Database, is_sqlite, sqlite_path

app = typer.Typer(no_args_is_help=True, help="数据库。 The database.")


@contextmanager
def opened(config: Config, *, create: bool = False) -> Iterator[Database]:
    """The database at this release's schema; otherwise a sentence, exit code 1.

    `create` makes it where there is none yet. An older schema is never changed here: that is
    `upgrade_old`'s, which keeps a copy.
    """
    with _connected(config, create=create) as database:
        stands_at = _stands_at(database)
        if stands_at is None and create:
            schema.upgrade(database.engine)
        elif stands_at is None:
            fail("database_empty")
        elif stands_at > schema.head():
            fail("database_too_new", stands_at=stands_at, known=schema.head())
        elif stands_at < schema.head():
            fail("database_old", stands_at=stands_at, needed=schema.head())
        yield database


@contextmanager
def locked(config: Config, *, may_be_missing: bool = False) -> Iterator[None]:
    """Nobody else runs or upgrades on the same SQLite file meanwhile; exit code 1 when one does."""
    url = config.database.url.get_secret_value()
    if is_sqlite(url) and may_be_missing:
        sqlite_path(url).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    elif is_sqlite(url) and not sqlite_path(url).exists():
        fail("database_missing", file=sqlite_path(url))
    with held(url):
        yield


@contextmanager
def held(url: str) -> Iterator[None]:
    """`locked` for any address, also of a SQLite file that is not there yet in a folder that is."""
    if not is_sqlite(url):
        yield
        return
    path = sqlite_path(url)
    lock = FileLock(f"{path}.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        fail("already_running", file=path)
    try:
        yield
    finally:
        lock.release()


def upgrade_old(config: Config) -> bool:
    """Bring an older schema to this release's, a SQLite file only after a copy beside it.

    True when there was something to do; too new a schema is left for `opened` to refuse.
    """
    url = config.database.url.get_secret_value()
    with _connected(config, create=False) as database:
        stands_at = _stands_at(database)
        if stands_at is None or stands_at >= schema.head():
            return False
        if is_sqlite(url):
            copy = schema.copy_beside(
                sqlite_path(url), now=SystemClock().now(), keep=config.operations.backup_keep
            )
            say("copied_before_upgrade", file=copy)
        schema.upgrade(database.engine)
        say("database_upgraded", before=stands_at, now=schema.head())
        return True


@contextmanager
def _connected(config: Config, *, create: bool) -> Iterator[Database]:
    url = config.database.url.get_secret_value()
    if is_sqlite(url) and not create and not _is_there(sqlite_path(url)):
        # Connecting would leave an empty file behind.
        fail("database_missing", file=sqlite_path(url))
    database = Database(url)
    try:
        yield database
    except OperationalError as error:
        # The whole error would quote the rows it was about.
        fail("database_failed", reason=type(error.orig).__name__)
    finally:
        database.close()


def _stands_at(database: Database) -> str | None:
    """The schema's revision, or a sentence where there is no database behind the address."""
    try:
        return schema.current(database.engine)
    except DatabaseError:
        fail("database_not_opened")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        fail("database_not_opened")


@app.command("upgrade")
def upgrade_database(config_path: ConfigPath = HERE) -> None:
    """把数据库升到这一版的结构。 Bring the database to this release's schema.

    先停下 wuxue run。SQLite 文件会先在旁边留一份。
    Stop `wuxue run` first. A SQLite file is copied beside itself beforehand.

    [bold]wuxue db upgrade[/bold]
    """
    config = read_config(config_path)
    with locked(config):
        upgrade_old(config)
        with opened(config):
            say("database_up_to_date")
