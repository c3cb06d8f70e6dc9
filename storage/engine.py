"""Connections: one writer thread on SQLite, a pool on PostgreSQL, the same sessions on both."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from storage.workers import Workers

log = structlog.get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

READERS = 2
# Threads take the interpreter in turns, so that more of them only wait for one another: with eight
# a tenth fewer answers a second were handled.
POSTGRESQL_POOL = 4
BUSY_TIMEOUT_MS = 10_000
IDLE_TIMEOUT_MS = 15_000
STATEMENT_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    # An answer that Telegram was told we have must survive a power cut.
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    # Deleted private text must not stay readable in free pages.
    "PRAGMA secure_delete=ON",
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
)


def is_sqlite(url: str) -> bool:
    """Whether a database URL means the file that needs nothing installed."""
    return make_url(url).get_backend_name() == "sqlite"


def sqlite_path(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(make_url(url).database or "")


def _sqlite_engine(url: str, *, read_only: bool) -> Engine:
    path = sqlite_path(url)
    if not path.parent.exists():
        path.parent.mkdir(parents=True, mode=0o700)
    if not path.exists():
        path.touch(mode=0o600)
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        # Python's sqlite3 would open transactions by itself, and too late; we say BEGIN below.
        connection.isolation_level = None
        for pragma in STATEMENT_PRAGMAS:
            connection.execute(pragma)
        if read_only:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        # A deferred transaction that reads and then writes fails at once when another process
        # wrote in between; taking the write lock first waits instead.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def make_engine(url: str) -> Engine:
    """An engine for one process's writes (SQLite) or for everything (PostgreSQL)."""
    if is_sqlite(url):
        return _sqlite_engine(url, read_only=False)
    return create_engine(
        url,
        pool_size=POSTGRESQL_POOL,
        max_overflow=0,
        pool_recycle=1800,
        # A process that froze within a transaction must not hold up all the others.
        connect_args={"options": f"-c idle_in_transaction_session_timeout={IDLE_TIMEOUT_MS}"},
    )


def open_session(engine: Engine) -> Session:
    """A session whose objects stay readable after commit."""
    return Session(engine, expire_on_commit=False)


class Database:
    """Runs query functions in database threads, each in one transaction.

    On SQLite every write goes through one thread (two busy writers waited 3.8 s at the 99th
    percentile, one thread 3.5 ms); reads have a few connections of their own.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = is_sqlite(url)
        self.engine = make_engine(url)
        if self.is_sqlite:
            self._read_engine = _sqlite_engine(url, read_only=True)
            self._writers = Workers(1, name="writer")
            self._readers = Workers(READERS, name="reader")
        else:
            self._read_engine = self.engine
            self._writers = Workers(POSTGRESQL_POOL, name="database")
            self._readers = self._writers

    async def write(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `fn(session, ...)` and commit; an exception rolls everything back."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._writers, lambda: self.write_now(fn, *args, **kwargs)
        )

    async def read(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `fn(session, ...)` without a write lock; nothing it changes is kept."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._readers, lambda: self.read_now(fn, *args, **kwargs))

    def write_now(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """`write` for callers without an event loop (the command line)."""

        def write() -> R:
            with open_session(self.engine) as session, session.begin():
                return _before_commit(session, fn, *args, **kwargs)

        return _through_restart(write)

    def read_now(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """`read` for callers without an event loop."""

        def read() -> R:
            with open_session(self._read_engine) as session:
                return _before_commit(session, fn, *args, **kwargs)

        return _through_restart(read)

    async def drop_old_pages(self) -> bool:
        """Empty SQLite's write-ahead file, where deleted text would stay; nothing on PostgreSQL.

        False where somebody was reading too long: the next one that is asked for makes up for it.
        """
        if not self.is_sqlite:
            return True
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, self.drop_old_pages_now)

    def drop_old_pages_now(self) -> bool:
        """`drop_old_pages` for callers without an event loop."""
        if not self.is_sqlite:
            return True
        # Not through SQLAlchemy's connection: within a transaction nothing can be emptied.
        connection = self.engine.raw_connection()
        try:
            cursor = connection.cursor()
            is_busy = bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
        finally:
            connection.close()
        if is_busy:
            log.warning("old_pages_not_dropped")
        return not is_busy

    def close(self) -> None:
        """Finish what is running, then let go of every connection."""
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self._read_engine.dispose()
        self.engine.dispose()


class _ConnectionLost(Exception):
    """The connection was gone before the commit began, so that nothing was kept."""

    def __init__(self, error: DBAPIError) -> None:
        super().__init__()
        self.error = error


def _before_commit(
    session: Session,
    fn: Callable[Concatenate[Session, P], R],
    *args: P.args,
    **kwargs: P.kwargs,
) -> R:
    """Run `fn`; raises _ConnectionLost instead of what the database's driver says of it."""
    try:
        return fn(session, *args, **kwargs)
    except DBAPIError as error:
        if error.connection_invalidated:
            raise _ConnectionLost(error) from error
        raise


def _through_restart(transaction: Callable[[], R]) -> R:
    """Run a transaction, once more where the database was restarted under it.

    Asking every connection beforehand whether it still lives costs as much as a query.
    """
    try:
        return transaction()
    except _ConnectionLost as lost:
        log.info("connection_lost", error=type(lost.error).__name__)
    try:
        return transaction()
    except _ConnectionLost as lost:
        raise lost.error from None
