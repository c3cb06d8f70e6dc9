"""The outbox: leased to one process at a time, resumed where it stopped."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage import deliveries, leases, people, sent_messages
from storage.deliveries import Claimed, Delivery, SentMessage
from storage.engine import Database
from tests.county import BOT, build, write_pack
from tests.parts import record_part

LEASE = timedelta(seconds=60)


@pytest.fixture
def owed(database: Database, tmp_path: Path, start: datetime) -> Database:
    """Three deliveries due at `start`, to three learners."""

    def fill(session: Session) -> None:
        county = build(session, write_pack(tmp_path / "pack", 1), now=start)
        for number, learner in enumerate(county.learners):
            deliveries.add(
                session,
                bot=BOT,
                kind="notice",
                occasion="1",
                recipient=learner.person_id,
                person_id=learner.person_id,
                urgency="timed",
                due_at=start + timedelta(minutes=number),
                created_at=start,
            )

    database.write_now(fill)
    return database


def _claim(
    database: Database,
    now: datetime,
    *,
    real: datetime | None = None,
    by: str = "a",
    limit: int = 10,
) -> list[Claimed]:
    return database.write_now(
        leases.claim,
        now=now,
        real=real or now,
        lease=LEASE,
        limit=limit,
        claimed_by=by,
        bot=BOT,
    )


def test_the_same_message_is_owed_once(owed: Database, start: datetime) -> None:
    """A second row for one (kind, occasion, recipient) changes nothing."""
    (row, *_) = _claim(owed, start)
    again = owed.write_now(
        deliveries.add,
        bot=BOT,
        kind="notice",
        occasion="1",
        recipient=row.person_id,
        person_id=row.person_id,
        urgency="timed",
        due_at=start,
        created_at=start,
    )
    assert again is False


def test_only_what_is_due_is_claimed_earliest_first_and_once(
    owed: Database, start: datetime
) -> None:
    """A claim takes due rows in their order; a second claim gets none of them."""
    later = start + timedelta(minutes=1)
    first = _claim(owed, later)
    assert [row.due_at for row in first] == [start, later]
    assert _claim(owed, later, by="b") == []


def test_an_expired_lease_is_taken_over(owed: Database, start: datetime) -> None:
    """What a crashed process had claimed goes to the next one when the lease ends."""
    (mine,) = _claim(owed, start)
    assert _claim(owed, start, real=start + LEASE) == []
    (taken,) = _claim(owed, start, real=start + LEASE + timedelta(seconds=1), by="b")
    assert (taken.id, taken.attempts) == (mine.id, 2)


def test_two_processes_never_claim_the_same_row(owed: Database, start: datetime) -> None:
    """Claims that run at the same moment share the rows out."""
    due, found = start + timedelta(hours=1), []
    gate = threading.Barrier(2)

    def claim(by: str) -> None:
        gate.wait()
        for _ in range(3):
            found.extend(_claim(owed, due, by=by, limit=1))

    threads = [threading.Thread(target=claim, args=(by,)) for by in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len({row.id for row in found}) == 3


def test_a_delivery_goes_on_behind_the_parts_that_arrived(owed: Database, start: datetime) -> None:
    """Each part is written down as it arrives, once, with its poll."""
    (row,) = _claim(owed, start)
    for _ in range(2):
        owed.write_now(
            record_part,
            delivery_id=row.id,
            part=0,
            chat_id=100,
            message_id=5,
            poll_id="p",
            content_version=3,
            sent_at=start,
        )
    owed.write_now(leases.release, [row.id], error="no_answer", retry_at=start)
    (again,) = _claim(owed, start, real=start + timedelta(seconds=1))
    assert (again.parts_sent, again.content_version) == (1, 3)
    (sent,) = owed.read_now(lambda session: session.exec(select(SentMessage)).all())
    assert (sent.delivery_id, sent.poll_id) == (row.id, "p")


def test_the_lines_a_message_said_are_found_by_the_message(owed: Database, start: datetime) -> None:
    """Word for word; a message without any has none."""
    rows = _claim(owed, start + timedelta(hours=1))
    line = {"text": "还有10课学完", "entities": []}
    arrived = [
        sent_messages.Arrived(row.id, 0, 100 + n, 5, None, 1, is_last=True, lines=(line,) * n)
        for n, row in enumerate(rows)
    ]
    owed.write_now(sent_messages.record_parts, arrived, sent_at=start)
    query = select(SentMessage).order_by(col(SentMessage.chat_id))
    found = owed.read_now(lambda session: session.exec(query).all())
    assert [one.lines for one in found] == [None, [line], [line, line]]


def test_a_word_that_comes_late_takes_nothing_back(owed: Database, start: datetime) -> None:
    """A part written down after another process sent the whole changes neither count nor version.

    So it is when the database was away: what had arrived is kept and written once it is back.
    """
    (row, *_) = _claim(owed, start)

    def word(part: int, version: int, *, is_last: bool) -> sent_messages.Arrived:
        return sent_messages.Arrived(row.id, part, 100, 10 * version + part, None, version, is_last)

    for arrived in (
        [word(0, 2, is_last=False), word(1, 2, is_last=True)],
        [word(0, 1, is_last=False)],
    ):
        owed.write_now(sent_messages.record_parts, arrived, sent_at=start)
    found = owed.read_now(lambda session: session.get_one(Delivery, row.id))
    assert (found.status, found.parts_sent, found.content_version) == (deliveries.SENT, 2, 2)


def test_a_delivery_handed_back_waits_for_its_time(owed: Database, start: datetime) -> None:
    """A retry is not tried before its machine time; one on hold not before its business time."""
    (row,) = _claim(owed, start)
    owed.write_now(leases.release, [row.id], error="429", retry_at=start + timedelta(seconds=30))
    assert _claim(owed, start, real=start + timedelta(seconds=29)) == []
    (row,) = _claim(owed, start, real=start + timedelta(seconds=31))
    owed.write_now(leases.hold, [row.id], until=start + timedelta(hours=9))
    held = owed.read_now(lambda session: session.get_one(Delivery, row.id))
    assert (held.status, held.due_at, held.attempts) == ("waiting", start + timedelta(hours=9), 1)


def test_what_is_too_late_expires_unless_part_of_it_arrived(
    owed: Database, start: datetime
) -> None:
    """Past its time a message is given up where staff see it, never in the middle of it."""

    def limit(session: Session) -> None:
        for row in session.exec(select(Delivery)):
            row.not_after = start + timedelta(minutes=5)

    owed.write_now(limit)
    (row,) = _claim(owed, start)
    owed.write_now(
        record_part,
        delivery_id=row.id,
        part=0,
        chat_id=1,
        message_id=1,
        poll_id=None,
        content_version=None,
        sent_at=start,
    )
    late = start + timedelta(hours=1)
    assert owed.write_now(deliveries.expire, now=late, real=late) == 2
    statuses = owed.read_now(lambda session: session.exec(select(Delivery.status)).all())
    assert sorted(statuses) == ["expired", "expired", "waiting"]


def test_an_exception_rolls_back_everything(owed: Database, start: datetime) -> None:
    """A change and the row it owes are stored together or not at all."""

    def half(session: Session) -> None:
        people.add_unit(session, name_zh="半个", level="point", parent=None)
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError):
        owed.write_now(half)
    assert owed.read_now(people.unit_by_name, "半个") == []


def test_two_writers_wait_for_each_other(sqlite_database: Database) -> None:
    """A transaction that reads and then writes never fails because another wrote in between."""
    database, gate = sqlite_database, threading.Barrier(2)
    failures: list[Exception] = []

    def write(name: str) -> None:
        def add(session: Session) -> None:
            people.unit_by_name(session, name)
            people.add_unit(session, name_zh=name, level="point", parent=None)

        gate.wait()
        try:
            for _ in range(20):
                database.write_now(add)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(database.read_now(people.unit_by_name, "甲")) == 20
