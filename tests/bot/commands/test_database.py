"""An older or newer schema, on both databases: never changed unasked, never a traceback."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from storage import schema
from storage.engine import Database
from tests.bot.commands.conftest import Wuxue

OLD_UNIT = "INSERT INTO unit (id, path, level, name_zh) VALUES (1, '/1/', 'prefecture', '老中心')"


def make_old(file: Path, *, revision: str = "0002") -> None:
    """Put a database of an older release in the place of this one."""
    for left in file.parent.glob(f"{file.name}*"):
        left.unlink()
    database = Database(f"sqlite:///{file}")
    schema.upgrade(database.engine, to=revision)
    database.close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(OLD_UNIT)


def revision_of(file: Path) -> str:
    with closing(sqlite3.connect(file)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def set_revision(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def copies(file: Path) -> list[Path]:
    return sorted(file.parent.glob("wuxue.before-*.sqlite"))


def test_db_upgrade_keeps_a_copy_of_the_older_schema(wuxue: Wuxue, installed: Path) -> None:
    """The copy is as it was, the rows are in the new schema; a second time does nothing."""
    file = installed / "data" / "wuxue.sqlite"
    make_old(file)
    refused = wuxue("plan")
    assert refused.exit_code == 1
    assert "wuxue db upgrade" in refused.stderr
    assert revision_of(file) == "0002"
    done = wuxue("db", "upgrade")
    assert done.exit_code == 0, done.output
    (copy,) = copies(file)
    assert str(copy) in done.stdout
    assert revision_of(copy) == "0002"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert revision_of(file) == schema.head()
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("SELECT name_zh FROM unit").fetchall() == [("老中心",)]
    again = wuxue("db", "upgrade")
    assert again.exit_code == 0
    assert "已是最新" in again.stdout
    assert copies(file) == [copy]


@pytest.mark.parametrize("command", ["plan", "run", "init", "db upgrade"])
def test_a_newer_schema_is_refused_and_left_alone(
    wuxue: Wuxue, installed: Path, command: str
) -> None:
    """An older program never touches what a newer one wrote, and makes no copy of it either."""
    file = installed / "data" / "wuxue.sqlite"
    set_revision(file, "9001")
    refused = wuxue(*command.split())
    assert refused.exit_code == 1
    assert "请升级五学+" in refused.stderr
    assert "9001" in refused.stderr
    assert revision_of(file) == "9001"
    assert copies(file) == []


@pytest.mark.parametrize("command", ["run", "db upgrade"])
def test_a_database_in_use_is_neither_run_on_twice_nor_upgraded(
    wuxue: Wuxue, installed: Path, command: str
) -> None:
    """The lock file says who is there."""
    with FileLock(installed / "data" / "wuxue.sqlite.lock"):
        refused = wuxue(*command.split())
    assert refused.exit_code == 1
    assert "已经有一个 wuxue 在用" in refused.stderr
    assert wuxue("db", "upgrade").exit_code == 0


def test_a_file_that_is_no_database_is_refused_in_a_sentence(wuxue: Wuxue, installed: Path) -> None:
    """No traceback for a damaged file."""
    for left in (installed / "data").glob("wuxue.sqlite*"):
        left.unlink()
    (installed / "data" / "wuxue.sqlite").write_text("not a database, but long enough " * 99)
    refused = wuxue("plan")
    assert refused.exit_code == 1
    assert "数据库打不开" in refused.stderr


def test_postgresql_is_upgraded_only_when_asked(
    wuxue: Wuxue, installed: Path, empty_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`run` refuses an old schema there, since others may be using it, and names the command."""
    monkeypatch.setenv("WUXUE_DATABASE__URL", empty_postgresql.url)
    assert "wuxue init" in wuxue("run").stderr
    schema.upgrade(empty_postgresql.engine, to="0002")
    refused = wuxue("run")
    assert refused.exit_code == 1
    assert "wuxue db upgrade" in refused.stderr
    assert schema.current(empty_postgresql.engine) == "0002"
    assert wuxue("db", "upgrade").exit_code == 0
    assert schema.current(empty_postgresql.engine) == schema.head()
    assert "接下来 7 天没有安排" in wuxue("plan").stdout
