"""`wuxue db copy`: an installation moves and goes on at its new database, or nothing moves."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from sqlalchemy import text

from storage.engine import Database
from tests.bot.commands.conftest import Wuxue

PERSON = (
    "INSERT INTO person (id, name, language, content_language, status, created_at)"
    " VALUES (1, {}, 'zh', 'zh', 'active', '2026-11-24 06:00:00.000000')"
)


def units_of(database: Database) -> list[str]:
    with database.engine.connect() as connection:
        return list(connection.execute(text("SELECT name_zh FROM unit ORDER BY id")).scalars())


def test_an_installation_moves_to_postgresql_and_goes_on_there(
    wuxue: Wuxue, installed: Path, empty_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the copy the commands find everything at the new address, and number on from there."""
    moved = wuxue("db", "copy", "--to", empty_postgresql.url)
    assert moved.exit_code == 0, moved.output
    assert "逐表核对一致" in moved.stdout
    assert "[database]" in moved.stdout
    assert "不一致" not in moved.stdout
    assert units_of(empty_postgresql) == ["中心", "八一站"]
    monkeypatch.setenv("WUXUE_DATABASE__URL", empty_postgresql.url)
    assert wuxue("unit", "add", "巴宜站", "--under", "中心").exit_code == 0
    assert units_of(empty_postgresql) == ["中心", "八一站", "巴宜站"]


def test_and_back_to_a_sqlite_file(
    wuxue: Wuxue, installed: Path, empty_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The way back is the same command; the address may come from the environment."""
    assert wuxue("db", "copy", "--to", empty_postgresql.url).exit_code == 0
    empty_postgresql.engine.dispose()
    monkeypatch.setenv("WUXUE_DATABASE__URL", empty_postgresql.url)
    monkeypatch.setenv("WUXUE_COPY_TO", "sqlite:///data/back.sqlite")
    back = wuxue("db", "copy")
    assert back.exit_code == 0, back.output
    assert f'url = "sqlite:///{installed}/data/back.sqlite"' in back.stdout
    assert (installed / "data" / "back.sqlite").stat().st_mode & 0o777 == 0o600
    monkeypatch.setenv("WUXUE_DATABASE__URL", "sqlite:///data/back.sqlite")
    assert wuxue("unit", "add", "巴宜站", "--under", "中心").exit_code == 0


def test_the_password_of_the_new_database_is_not_printed(
    wuxue: Wuxue, installed: Path, empty_postgresql: Database
) -> None:
    """The line for config.toml leaves it out."""
    address = empty_postgresql.url.replace("postgres:@", "postgres:geheim@", 1)
    moved = wuxue("db", "copy", "--to", address)
    assert moved.exit_code == 0, moved.output
    assert "geheim" not in moved.output
    assert 'url = "postgresql+psycopg://postgres:' in moved.stdout


def test_nul_bytes_are_taken_out_and_reported(
    wuxue: Wuxue, installed: Path, empty_postgresql: Database
) -> None:
    """PostgreSQL stores none; the sentence says how many texts had one."""
    with closing(sqlite3.connect(installed / "data" / "wuxue.sqlite")) as connection, connection:
        connection.execute(PERSON.format("'卓' || char(0) || '玛'"))
    moved = wuxue("db", "copy", "--to", empty_postgresql.url)
    assert moved.exit_code == 0, moved.output
    assert "有 1 处" in moved.stdout


def test_one_difference_undoes_everything(
    wuxue: Wuxue, installed: Path, postgresql_database: Database
) -> None:
    """A row that changes on its way names its table, exit code 1, and the target is empty."""
    with postgresql_database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE FUNCTION damage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            " NEW.name_zh := NEW.name_zh || '?'; RETURN NEW; END $$"
        )
        connection.exec_driver_sql(
            "CREATE TRIGGER damage BEFORE INSERT ON unit FOR EACH ROW EXECUTE FUNCTION damage()"
        )
    refused = wuxue("db", "copy", "--to", postgresql_database.url)
    assert refused.exit_code == 1
    assert "核对不一致：unit。" in refused.stderr
    assert units_of(postgresql_database) == []


def test_a_target_in_use_or_filled_or_too_new_is_refused(
    wuxue: Wuxue, installed: Path, postgresql_database: Database
) -> None:
    """Nothing is mixed into another installation."""
    with postgresql_database.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO unit (path, level, name_zh) VALUES ('/1/', 'prefecture', '别家')")
        )
    refused = wuxue("db", "copy", "--to", postgresql_database.url)
    assert refused.exit_code == 1
    assert "不是空的（unit" in refused.stderr
    assert units_of(postgresql_database) == ["别家"]
    with postgresql_database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9001'"))
    refused = wuxue("db", "copy", "--to", postgresql_database.url)
    assert refused.exit_code == 1
    assert "9001" in refused.stderr


@pytest.mark.parametrize("file", ["wuxue.sqlite", "new.sqlite"])
def test_a_running_bot_on_either_side_is_not_copied_under(
    wuxue: Wuxue, installed: Path, file: str
) -> None:
    """The lock file of the source and of the target say who is there."""
    with FileLock(installed / "data" / f"{file}.lock"):
        refused = wuxue("db", "copy", "--to", "sqlite:///data/new.sqlite")
    assert refused.exit_code == 1
    assert "已经有一个 wuxue 在用" in refused.stderr
    assert wuxue("db", "copy", "--to", "sqlite:///data/new.sqlite").exit_code == 0


def test_programs_connected_to_a_postgresql_source_are_noticed(
    wuxue: Wuxue, installed: Path, postgresql_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server has no lock file, but it knows who is connected."""
    monkeypatch.setenv("WUXUE_DATABASE__URL", postgresql_database.url)
    with postgresql_database.engine.connect() as bot:
        bot.execute(text("SELECT 1"))
        refused = wuxue("db", "copy", "--to", "sqlite:///data/new.sqlite")
    assert refused.exit_code == 1
    # The tests' own server keeps a connection to it besides.
    assert re.search(r"还有 \d+ 个程序连着", refused.stderr)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("mysql://a/b", "--to 要写"),
        ("sqlite:///nowhere/new.sqlite", "没有文件夹 nowhere"),
        ("sqlite:///data/wuxue.sqlite", "就是现在用的数据库"),
    ],
)
def test_a_wrong_address_is_wrong_use(
    wuxue: Wuxue, installed: Path, address: str, sentence: str
) -> None:
    """Exit code 2 and a sentence before anything is touched."""
    refused = wuxue("db", "copy", "--to", address)
    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert not list((installed / "data").glob("new*"))
