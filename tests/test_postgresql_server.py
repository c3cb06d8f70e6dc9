"""The database that serves test after test: each finds it as the migrations left it."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import create_engine, text

from storage import audit
from storage.engine import Database
from tests.postgresql_server import Server

ADD = "INSERT INTO unit (path, level, name_zh) VALUES ('/1/', 'prefecture', '林芝市') RETURNING id"


def run(url: str, *statements: str) -> list[object]:
    """Run statements; what the last one found, first column."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        found = list(result.scalars()) if result.returns_rows else []
    engine.dispose()
    return found


@pytest.fixture
def servers_own(postgresql_server: Server) -> Iterator[Server]:
    """The server, its current database given up afterwards."""
    yield postgresql_server
    with postgresql_server.lent() as url:
        run(url, "CREATE TABLE given_up (id int)")


def test_rows_and_numbers_are_gone(servers_own: Server, start: datetime) -> None:
    """A row written by one test is not there for the next, and numbers begin anew."""
    with servers_own.lent() as first:
        assert run(first, ADD, ADD) == [2]
        database = Database(first)
        database.write_now(
            audit.add, at=start, actor_id=None, action="add", object_kind="unit", object_id=1
        )
        database.close()
    with servers_own.lent() as second:
        assert second == first
        assert run(second, "SELECT count(*) FROM audit_entry") == [0]
        assert run(second, ADD) == [1]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more (id int)",
        "ALTER TABLE person ADD COLUMN more int",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "DROP INDEX {index}",
    ],
)
def test_a_changed_schema_is_not_lent_again(servers_own: Server, change: str) -> None:
    """Whoever alters tables, triggers or indexes leaves a fresh database to the next."""
    with servers_own.lent() as first:
        (index, *_) = run(
            first,
            "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisunique"
            " AND indrelid = 'delivery'::regclass",
        )
        run(first, change.format(index=index))
    with servers_own.lent() as second:
        assert second != first
