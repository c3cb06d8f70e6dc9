"""A day owed to many at once: in what order the database does it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from curriculum import cohorts, daily_lesson
from scheduler import planner
from storage.engine import Database
from tests.county import BOT, build, write_pack

TEN = datetime(2026, 11, 25, 2, tzinfo=UTC)
ADDED = "INSERT INTO delivery"


@contextmanager
def asked(session: Session) -> Iterator[list[tuple[str, Any]]]:
    """The statements that add deliveries within the block, with their values."""
    found: list[tuple[str, Any]] = []

    def note(*call: Any) -> None:
        if ADDED in call[2]:
            found.append((call[2], call[3]))

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def test_each_ones_own_next_lesson_is_known_before_the_first_row_is_added(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> None:
    """PostgreSQL reads the lessons received to the end first: nobody's wait for others' new rows.

    Reading and adding by turns, it went through all that was new for each, 30,000 times over.
    """

    def plan(session: Session) -> list[str]:
        build(session, write_pack(tmp_path / "pack"), now=start, pace=cohorts.OWN)
        with asked(session) as statements:
            planner.plan_due(session, daily_lesson, bot=BOT, now=TEN, real=TEN)
        ((statement, values),) = statements
        rows = session.connection().exec_driver_sql(f"EXPLAIN (COSTS OFF) {statement}", values)
        return [row[0].strip() for row in rows]

    lines = postgresql_database.write_now(plan)
    # A sort is read to its end before it gives its first row, and rows are added from nothing else.
    assert lines[lines.index("CTE member") + 1] == "->  Sort"
    assert "->  CTE Scan on member" in lines


@pytest.mark.parametrize("pace", [cohorts.TOGETHER, cohorts.OWN])
def test_whoever_is_owed_the_day_already_is_counted_as_nobody_new(
    database: Database, tmp_path: Path, start: datetime, pace: str
) -> None:
    """However often a day is planned, each of three learners is owed it once, and counted once."""

    def plan(session: Session) -> list[int]:
        county = build(session, write_pack(tmp_path / "pack", 20), now=start, pace=pace)
        (place,) = planner.behind(session, daily_lesson, bot=BOT, now=TEN)
        occasion = daily_lesson.Occasion(place[0], TEN.date())
        added = [daily_lesson.plan(session, occasion, now=TEN) for _ in range(2)]
        assert len(county.learners) == 3
        later = daily_lesson.Occasion(place[0], TEN.date() + timedelta(days=1))
        return [*added, daily_lesson.plan(session, later, now=TEN)]

    assert database.write_now(plan) == [3, 0, 3]
