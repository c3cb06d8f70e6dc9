"""How full the outbox is, and what the machine under the database shows."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, update
from sqlmodel import Session

from curriculum import daily_lesson
from scheduler import planner
from storage import deliveries, machine, queue
from storage.deliveries import CLAIMED, FAILED, SENT
from storage.engine import Database, sqlite_path
from tests.county import BOT, build, write_pack

TEN = datetime(2026, 11, 25, 2, tzinfo=UTC)


def test_open_deliveries_are_counted_by_where_they_stand(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Due, later, in hand; closed ones and another bot's are not in it."""

    def states(session: Session) -> queue.Queue:
        build(session, write_pack(tmp_path / "pack"), now=start, learners=6)
        planner.plan_due(session, daily_lesson, bot=BOT, now=TEN - timedelta(hours=9), real=TEN)
        table = deliveries.TABLE
        ids = sorted(session.connection().execute(table.select()).scalars())
        for row_id, changed in zip(
            ids,
            (
                {"status": SENT},
                {"status": FAILED},
                {"status": CLAIMED},
                {"due_at": TEN + timedelta(hours=1)},
                {"due_at": TEN - timedelta(minutes=5)},
                {"bot": BOT + 1},
            ),
            strict=True,
        ):
            session.connection().execute(
                update(table).where(table.c.id == row_id).values(**changed)
            )
        return queue.depth(session, bot=BOT, now=TEN)

    found = database.write_now(states)
    assert found == queue.Queue(1, 1, 1, TEN - timedelta(minutes=5))


def test_an_empty_outbox_has_no_oldest(database: Database) -> None:
    """Nothing open, nothing late."""
    assert database.read_now(queue.depth, bot=BOT, now=TEN) == queue.Queue(0, 0, 0, None)


def test_the_open_rows_are_found_by_their_index(sqlite_database: Database) -> None:
    """Twenty million sent rows cost the metrics nothing."""

    def plan(session: Session) -> str:
        asked: list[tuple[str, Any]] = []
        engine = session.get_bind().engine

        def note(*call: Any) -> None:
            asked.append((call[2], call[3]))

        event.listen(engine, "before_cursor_execute", note)
        queue.depth(session, bot=BOT, now=TEN)
        event.remove(engine, "before_cursor_execute", note)
        found = []
        for statement, values in asked[1:]:  # BEGIN comes first
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            found += [str(row) for row in rows]
        return " ".join(found)

    plans = sqlite_database.read_now(plan)
    assert "ix_delivery_waiting" in plans
    assert "ix_delivery_in_hand" in plans


def test_the_newest_copy_beside_the_file_is_the_last_backup(sqlite_database: Database) -> None:
    """Whatever it is called behind its dot; the file itself, its journal and others are none."""
    path = sqlite_path(sqlite_database.url)
    path.with_name("other.before-1.sqlite").write_bytes(b"")
    assert machine.look(sqlite_database.engine).last_backup is None
    for name, at in (("before-20261101T000000Z", TEN - timedelta(days=3)), ("backup-1", TEN)):
        copy = path.with_name(f"{path.stem}.{name}{path.suffix}")
        copy.write_bytes(b"")
        os.utime(copy, (at.timestamp(), at.timestamp()))
    seen = machine.look(sqlite_database.engine)
    assert seen.last_backup == TEN
    assert seen.disk is not None
    assert 0 < seen.disk.free <= seen.disk.total


def test_of_a_server_nothing_is_said_that_cannot_be_seen(postgresql_database: Database) -> None:
    """Its disk and its backups are its own."""
    seen = machine.look(postgresql_database.engine)
    assert seen == machine.Machine(is_sqlite=False, disk=None, last_backup=None)
