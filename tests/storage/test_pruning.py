"""Old deliveries go; whatever a rule still reads stays, and nobody waits for it."""

import time
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert
from sqlmodel import Session, select

from curriculum import catch_up, daily_lesson, lesson_answers, progress, recall
from curriculum.cohorts import OWN, TOGETHER
from scheduler import planner
from scheduler.pruner import Pruner
from storage import deliveries, leases, pruning
from storage.deliveries import Delivery, SentMessage
from storage.engine import Database, open_session
from storage.lessons import Answer, Lesson
from storage.records import LearningRecord
from tests.county import BOT, County, build, write_pack
from tests.curriculum.test_holds import at
from tests.parts import record_part
from tests.scheduler.test_postman import HandDrivenClock

LESSONS = 4
FIRST = date(2026, 11, 25)
# Long after: everything of 2026 is older than the 120 days that are kept.
LATER = at(date(2027, 6, 1), 12)
KEEP_DAYS = 120


def live_through(database: Database, county: County, days: int) -> None:
    """Plan and send each day's lesson; the first learner answers every other one."""
    for number in range(days):
        day = FIRST + timedelta(days=number)
        moment = at(day)
        database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=moment, real=moment)
        sent = database.write_now(_send, moment)
        learner = county.learners[0]
        for occasion, person_id in sent:
            if person_id == learner.person_id and number % 2 == 0:
                database.write_now(
                    lesson_answers.learned,
                    learner,
                    occasion=occasion,
                    chosen=1,
                    now=moment + timedelta(minutes=5),
                )


def _send(session: Session, now: datetime) -> list[tuple[str, int | None]]:
    rows = leases.claim(
        session,
        now=now,
        real=now,
        lease=timedelta(seconds=60),
        limit=100,
        claimed_by="t",
        bot=BOT,
    )
    verdicts = daily_lesson.facts(session, [r for r in rows if r.kind == "daily_lesson"], now=now)
    for row in rows:
        version = getattr(verdicts.get(row.id), "content_version", None)
        for part in (0, 1):
            record_part(
                session,
                delivery_id=row.id,
                part=part,
                chat_id=row.person_id or 0,
                message_id=row.id * 10 + part,
                poll_id=f"poll-{row.id}" if part else None,
                content_version=version,
                sent_at=now,
            )
        deliveries.finish(session, [row.id], status="sent", at=now)
    return [(row.occasion, row.person_id) for row in rows if row.kind == "daily_lesson"]


async def prune(database: Database, now: datetime = LATER) -> int:
    return await Pruner(database, HandDrivenClock(now), bot=BOT, keep_days=KEEP_DAYS).run_if_due()


def counts(database: Database) -> dict[str, int]:
    tables: dict[str, Any] = {
        "delivery": Delivery,
        "message": SentMessage,
        "answer": Answer,
        "record": LearningRecord,
    }
    return {
        name: database.read_now(
            lambda session, table=table: session.exec(select(func.count(table.id))).one()
        )
        for name, table in tables.items()
    }


def what_the_rules_say(database: Database, county: County) -> list[Any]:
    """Progress, what may be caught up on and recalled, of every learner."""

    def read(session: Session) -> list[Any]:
        return [
            (
                asdict(progress.of(session, learner, now=LATER)),
                [asdict(owed) for owed in catch_up.waiting(session, learner, now=LATER)],
                recall.may_ask(session, learner, now=LATER),
            )
            for learner in county.learners
        ]

    return database.read_now(read)


def next_lessons(database: Database) -> list[tuple[int | None, str]]:
    """What planning the next day would owe to each, without keeping it."""

    def look(session: Session) -> list[tuple[int | None, str]]:
        before = set(session.exec(select(Delivery.id)))
        planner.plan_due(session, daily_lesson, bot=BOT, now=LATER, real=LATER)
        rows = session.exec(select(Delivery).order_by(Delivery.recipient)).all()  # type: ignore[arg-type]
        found = [
            (row.person_id, session.get_one(Lesson, row.subject_id).code)
            for row in rows
            if row.id not in before and row.kind == "daily_lesson"
        ]
        session.rollback()
        return found

    # Reading connections of SQLite refuse to plan, so the writing one is used and rolled back.
    with open_session(database.engine) as session:
        return look(session)


@pytest.mark.asyncio
@pytest.mark.parametrize("pace", [TOGETHER, OWN])
async def test_progress_and_the_next_lesson_are_the_same_before_and_after(
    database: Database, tmp_path: Path, start: datetime, pace: str
) -> None:
    """Two and a half rounds of a pack, pruned: nobody's progress, order or catching up changes."""
    pack = write_pack(tmp_path / "pack", LESSONS)
    county = database.write_now(build, pack, now=start, pace=pace, late="merge")
    live_through(database, county, 14)
    before = counts(database), what_the_rules_say(database, county), next_lessons(database)
    assert await prune(database) > 0
    after = counts(database), what_the_rules_say(database, county), next_lessons(database)
    assert after[0]["delivery"] < before[0]["delivery"]
    assert after[0]["message"] == 2 * after[0]["delivery"]
    assert (after[0]["answer"], after[0]["record"]) == (before[0]["answer"], before[0]["record"])
    assert after[1:] == before[1:]
    assert await prune(database) == 0


@pytest.mark.asyncio
async def test_what_is_young_or_open_stays(
    database: Database, tmp_path: Path, start: datetime
) -> None:
    """Kept: what waits, however old, and what was closed within the days that are kept."""
    county = database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)
    person_id = county.learners[0].person_id

    def fill(session: Session) -> None:
        for occasion, status, closed_at in (
            ("old", "sent", start),
            ("failed", "failed", start),
            ("waiting", "waiting", start),
            ("young", "sent", LATER - timedelta(days=KEEP_DAYS - 1)),
        ):
            session.connection().execute(
                insert(pruning.DELIVERY).values(
                    bot=BOT,
                    kind="account_moved",
                    occasion=occasion,
                    recipient=person_id,
                    person_id=person_id,
                    urgency="foldable",
                    due_at=closed_at,
                    sent_at=closed_at if status == "sent" else None,
                    status=status,
                    attempts=1,
                    parts_sent=0,
                    created_at=closed_at,
                )
            )

    database.write_now(fill)
    assert await prune(database) == 2
    left = database.read_now(lambda session: set(session.exec(select(Delivery.occasion))))
    assert left == {"waiting", "young"}


@pytest.mark.asyncio
async def test_it_runs_once_a_day(sqlite_database: Database) -> None:
    """A tick a minute looks at the clock, not at the table."""
    clock = HandDrivenClock(LATER)
    pruner = Pruner(sqlite_database, clock, bot=BOT, keep_days=KEEP_DAYS)
    assert await pruner.run_if_due() == 0

    def owe(session: Session) -> None:
        deliveries.add(
            session,
            bot=BOT,
            kind="account_moved",
            occasion="1",
            recipient=1,
            urgency="foldable",
            due_at=LATER - timedelta(days=400),
            created_at=LATER - timedelta(days=400),
        )
        deliveries.finish(session, [1], status="failed", at=LATER)

    sqlite_database.write_now(owe)
    clock.business += timedelta(hours=23)
    assert await pruner.run_if_due() == 0
    clock.business += timedelta(hours=1)
    assert await pruner.run_if_due() == 1


def test_one_batch_holds_the_writer_for_a_moment_only(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """A hundred deliveries with their messages and answers: the median batch is under 50 ms."""
    county = sqlite_database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)
    person_id = county.learners[0].person_id
    number = 20 * pruning.DELETED_AT_ONCE

    def fill(session: Session) -> None:
        session.connection().execute(
            insert(pruning.DELIVERY),
            [
                {
                    "id": n,
                    "bot": BOT,
                    "kind": "account_moved",
                    "occasion": str(n),
                    "recipient": person_id,
                    "person_id": person_id,
                    "urgency": "foldable",
                    "due_at": start,
                    "sent_at": start,
                    "status": "sent",
                    "attempts": 1,
                    "parts_sent": 2,
                    "created_at": start,
                }
                for n in range(1, number + 1)
            ],
        )
        session.connection().execute(
            insert(pruning.SENT_MESSAGE),
            [
                {
                    "delivery_id": n,
                    "part": part,
                    "chat_id": 1,
                    "message_id": n * 2 + part,
                    "sent_at": start,
                }
                for n in range(1, number + 1)
                for part in (0, 1)
            ],
        )

    sqlite_database.write_now(fill)
    spans = []
    for first in range(1, number + 1, pruning.DELETED_AT_ONCE):
        began = time.perf_counter()
        ids = range(first, first + pruning.DELETED_AT_ONCE)
        assert sqlite_database.write_now(pruning.drop, list(ids)) == pruning.DELETED_AT_ONCE
        spans.append(time.perf_counter() - began)
    assert sorted(spans)[len(spans) // 2] < 0.05
    assert counts(sqlite_database)["message"] == 0
