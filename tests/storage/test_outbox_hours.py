"""The outbox and the clock: what is too late, what is moved, what comes next."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, select

from storage import deliveries, leases
from storage.deliveries import Delivery
from storage.engine import Database
from tests.county import BOT, build, write_pack


@pytest.fixture
def owed(database: Database, tmp_path: Path, start: datetime) -> Database:
    """Two notices due an hour apart, each good for five minutes."""

    def fill(session: Session) -> None:
        county = build(session, write_pack(tmp_path / "pack", 1), now=start, learners=2)
        for number, learner in enumerate(county.learners):
            due_at = start + timedelta(hours=number)
            deliveries.add(
                session,
                bot=BOT,
                kind="notice",
                occasion="1",
                recipient=learner.person_id,
                person_id=learner.person_id,
                urgency="timed",
                due_at=due_at,
                not_after=due_at + timedelta(minutes=5),
                created_at=start,
            )

    database.write_now(fill)
    return database


def _claimed(database: Database, now: datetime) -> list[datetime]:
    found = database.write_now(
        leases.claim,
        now=now,
        real=now,
        lease=timedelta(seconds=60),
        limit=9,
        claimed_by="a",
        bot=BOT,
    )
    return [row.due_at for row in found]


def test_what_is_too_late_is_not_claimed_even_before_it_expired(
    owed: Database, start: datetime
) -> None:
    """When a sleeping machine wakes, the first thing sent is not a message past its time."""
    assert _claimed(owed, start + timedelta(hours=1)) == [start + timedelta(hours=1)]


def test_the_next_due_moment_is_told_in_utc_with_its_kind(owed: Database, start: datetime) -> None:
    """Whoever waits knows until when; another bot has nothing to wait for."""
    assert owed.read_now(deliveries.next_due, bot=BOT) == (start, "notice")
    assert owed.read_now(deliveries.next_due, bot=BOT + 1) is None


def test_a_changed_hour_moves_only_what_still_waits(owed: Database, start: datetime) -> None:
    """What is in somebody's hands or was sent keeps its hour; no other recipient is moved."""
    assert _claimed(owed, start) == [start]
    later = start + timedelta(hours=5)
    moved = owed.write_now(
        deliveries.redue,
        where={"kind": "notice", "occasion": "1"},
        due_at=later,
        not_after=None,
    )
    assert moved == 1
    rows = owed.read_now(
        lambda session: sorted(
            (row.due_at, row.not_after) for row in session.exec(select(Delivery))
        )
    )
    assert rows == [(start, start + timedelta(minutes=5)), (later, None)]
    assert (
        owed.write_now(
            deliveries.redue, where={"occasion": "another"}, due_at=start, not_after=None
        )
        == 0
    )


def test_a_delivery_finished_is_never_claimed_again(owed: Database, start: datetime) -> None:
    """Sent is sent: its time is kept, and no lease leads back to it."""
    ids = [row.id for row in owed.read_now(lambda s: s.exec(select(Delivery)).all()) if row.id]
    owed.write_now(deliveries.finish, ids, status="sent", at=start)
    assert _claimed(owed, start + timedelta(minutes=1)) == []
    rows = owed.read_now(lambda session: session.exec(select(Delivery)).all())
    assert [(row.status, row.sent_at, row.lease_until) for row in rows] == [
        ("sent", start, None)
    ] * 2
