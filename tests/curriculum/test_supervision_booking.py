"""Booking a session: never twice, moved, cancelled and missed with a word to the other, undone."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from curriculum import supervision_booking as booking
from curriculum import supervision_proposals as proposals
from curriculum.errors import (
    ChangedMeanwhile,
    DateNotUnderstood,
    HourNotUnderstood,
    NotThere,
    Refusal,
)
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_errors import (
    AlreadyBooked,
    MomentNotPossible,
    ProposalAnswered,
    ProposalNotClear,
    SlotTaken,
    SupervisionUndoTooLate,
)
from curriculum.supervision_words import AHEAD, BOOKING, CARD, PROPOSAL
from storage import rosters
from storage import supervision_bookings as stored
from storage.engine import Database, open_session
from storage.supervision_pairs import SupervisionPair
from tests.curriculum.centre import at_once, audited
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, HOUR, MINUTE, Office
from tests.proving import IS_LONG

# The first Wednesday afternoon that can be booked.
FIRST = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)
SECOND = FIRST + timedelta(minutes=75)
WORKERS, SLOTS = (500, 200) if IS_LONG else (100, 40)


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A supervisor who is free on Wednesday afternoons."""
    made = Office(database, tmp_path, start)
    made.publish("周三 14:00-17:00")
    return made


def _said(outbox: Outbox, now: datetime, kind: str) -> dict[int, Any]:
    """What is said now, by chat, of a kind."""
    words = [one for one in outbox.ask(now, kinds=(kind,)) if isinstance(one, Facts)]
    return {one.chat_id: one.values["view"] for one in words}


def test_a_booked_time_is_gone_and_the_supervisor_is_told(office: Office, outbox: Outbox) -> None:
    """She hears of it once; the pair's next date moves on; another may not have that time."""
    pair = office.assign()
    other = office.centre.county.learners[1]
    second = office.assign(worker_id=other.person_id)
    outbox.send(office.now + MINUTE)
    assert office.free(pair.id)[:2] == [FIRST, SECOND]
    made = office.book(pair, FIRST)
    assert (made.mode, made.minutes) == ("online", 60)
    assert office.row(pair.id).due_on == date(2027, 3, 2)
    assert office.free(second.id, other)[0] == SECOND
    with pytest.raises(SlotTaken):
        office.do(booking.book, other, second.id, FIRST)
    with pytest.raises(AlreadyBooked):
        office.book(pair, SECOND)
    for who in (other, office.supervisor, office.centre.coordinator):
        with pytest.raises(NotThere):
            office.do(booking.book, who, pair.id, SECOND)
    assert audited(office.database, 1)[0].action == "book_supervision"
    told = _said(outbox, office.now + MINUTE, BOOKING)
    assert set(told) == {office.supervisor.chat_id}
    assert (told[office.supervisor.chat_id].what, told[office.supervisor.chat_id].other) == (
        "made",
        "学员1",
    )


@pytest.mark.parametrize(
    "moment", [FIRST + timedelta(minutes=15), FIRST - 7 * DAY, FIRST + 200 * DAY]
)
def test_only_what_is_offered_can_be_booked(office: Office, moment: datetime) -> None:
    """Not between two sessions, not within the notice, not beyond three months."""
    pair = office.assign()
    with pytest.raises(SlotTaken):
        office.book(pair, moment)


def test_of_two_who_press_at_once_one_has_it(office: Office) -> None:
    """The other is told at once and nothing of hers is kept."""
    learners = office.centre.county.learners
    pairs = [office.assign(worker_id=one.person_id) for one in learners]

    def by(who: Speaker, pair: SupervisionPair) -> Any:
        return lambda: office.do(booking.book, who, pair.id, FIRST)

    acts = [by(who, pair) for who, pair in zip(learners, pairs, strict=True)]
    assert at_once(*acts) == ["done", "slot_taken", "slot_taken"]
    assert office.rows(text("SELECT count(*) FROM supervision_booking")) == [(1,)]


def test_the_database_itself_lets_no_two_sessions_overlap(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> None:
    """Whoever takes a quarter waits for who is taking it just now, and does not get it."""
    office = Office(postgresql_database, tmp_path, start)
    office.publish("周三 14:00-17:00")
    pair = office.assign()
    made, quarters = office.book(pair, FIRST), {office.supervisor.person_id: [7, 8]}

    def take(session: Session) -> bool:
        return stored.take(session, made.id or 0, quarters)

    with ThreadPoolExecutor(1) as pool, open_session(postgresql_database.engine) as session:
        assert take(session)
        second = pool.submit(postgresql_database.write_now, take)
        with pytest.raises(TimeoutError):
            second.result(timeout=0.2)
        session.commit()
        assert not second.result()


@pytest.mark.asyncio
async def test_many_who_book_fewer_times_at_once(office: Office) -> None:
    """Each time once, none on another, and everybody else is told at once that all are gone.

    500 for 200 in the long form. As in life: through one writer on SQLite, on PostgreSQL by
    several connections.
    """
    week = "\n".join(f"周{day} 9:00-17:30" for day in "一二三四五")
    office.publish(week, minutes=45, buffer_minutes=0)
    people = office.database.write_now(_many_workers, office)
    pairs = office.database.read_now(_pairs_of, office)
    workers = [Speaker(one, "", "zh", office.supervisor.bot, 0, None, "", ()) for one in people]
    offered = office.free(pairs[people[0]], workers[0])[:SLOTS]
    assert len(offered) == SLOTS
    gone: set[datetime] = set()

    async def press(place: int, who: Speaker) -> str:
        for turn in range(SLOTS):
            wanted = offered[(place + turn) % SLOTS]
            if wanted in gone:
                continue
            try:
                await office.database.write(
                    booking.book, who, pairs[who.person_id], wanted, now=office.now
                )
            except SlotTaken:
                gone.add(wanted)
            else:
                gone.add(wanted)
                return "booked"
        return "told"

    outcomes = await asyncio.gather(*(press(*one) for one in enumerate(workers)))
    assert (outcomes.count("booked"), outcomes.count("told")) == (SLOTS, WORKERS - SLOTS)
    rows = office.rows(text("SELECT starts_at FROM supervision_booking WHERE state = 'booked'"))
    assert len(rows) == len(set(rows)) == SLOTS
    assert office.rows(text("SELECT count(*) FROM supervision_quarter")) == [(SLOTS * 3 * 2,)]


def _many_workers(session: Session, office: Office) -> list[int]:
    """Colleagues of one supervisor, stored as a roster would."""
    now = office.now
    new: list[tuple[str, str, str | None]] = [
        (f"W-9{n:05d}", f"同事{n}", None) for n in range(WORKERS)
    ]
    ids = rosters.add_people(session, new, now=now)
    session.add_all(
        SupervisionPair(
            bot=office.supervisor.bot,
            supervisor_id=office.supervisor.person_id,
            worker_id=person_id,
            since=now.date(),
            every_months=3,
            mode="online",
            due_on=now.date(),
            version=1,
            changed_by=office.supervisor.person_id,
            changed_at=now,
            created_at=now,
        )
        for person_id in ids
    )
    return ids


def _pairs_of(session: Session, office: Office) -> dict[int, int]:
    del office
    rows = session.connection().execute(text("SELECT worker_id, id FROM supervision_pair"))
    return dict(tuple(row) for row in rows)


def test_a_moved_session_is_one_word_and_its_old_time_is_free_again(
    office: Office, outbox: Outbox
) -> None:
    """Urgent within a day of either time; a page seen before the move moves nothing."""
    pair = office.assign()
    made = office.book(pair, FIRST)
    outbox.send(office.now + MINUTE)
    office.now += 5 * MINUTE
    moved = office.do(booking.move, office.worker, made.id, SECOND, seen=1)
    assert (moved.starts_at, moved.moves) == (SECOND, 1)
    assert FIRST in office.free(pair.id)
    with pytest.raises(ChangedMeanwhile):
        office.do(booking.move, office.supervisor, made.id, FIRST, seen=1)
    told = _said(outbox, office.now + MINUTE, BOOKING)[office.supervisor.chat_id]
    assert (told.what, told.was_at, told.starts_at) == ("moved", FIRST, SECOND)
    # Her supervisor moves it on to a moment she never published; the worker hears of it.
    evening = SECOND + 5 * HOUR
    office.do(booking.move, office.supervisor, made.id, evening, seen=2)
    told = _said(outbox, office.now + MINUTE, BOOKING)[office.worker.chat_id]
    assert told.starts_at == evening
    for wrong in (evening + MINUTE, office.now - HOUR):
        with pytest.raises(MomentNotPossible):
            office.do(booking.move, office.supervisor, made.id, wrong, seen=3)
    urgencies = office.rows(
        text("SELECT urgency FROM delivery WHERE kind = 'supervision_booking' ORDER BY id")
    )
    assert urgencies == [("foldable",)] * 3
    office.now = evening - 5 * HOUR
    office.do(booking.cancel, office.supervisor, made.id, seen=3)
    last = office.rows(
        text("SELECT urgency FROM delivery WHERE kind = 'supervision_booking' ORDER BY id DESC")
    )[0]
    assert last == ("urgent",)


def test_what_is_undone_in_its_first_minute_nobody_hears_of(office: Office, outbox: Outbox) -> None:
    """Later the other hears that it stands as before; after ten minutes it cannot be undone."""
    pair = office.assign()
    made = office.book(pair, FIRST)
    outbox.send(office.now + MINUTE)
    office.now += 20 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(booking.take_back, office.worker, made.id, seen=1)
    office.do(booking.cancel, office.worker, made.id, seen=1)
    with pytest.raises(NotThere):
        office.do(booking.take_back, office.supervisor, made.id, seen=2)
    office.do(booking.take_back, office.worker, made.id, seen=2)
    assert _said(outbox, office.now + MINUTE, BOOKING) == {}
    office.do(booking.move, office.worker, made.id, SECOND, seen=3)
    outbox.send(office.now + MINUTE)
    office.now += 2 * MINUTE
    back = office.do(booking.take_back, office.worker, made.id, seen=4)
    assert back.starts_at == FIRST
    told = _said(outbox, office.now + MINUTE, BOOKING)[office.supervisor.chat_id]
    assert (told.what, told.starts_at) == ("stands", FIRST)
    assert SECOND in office.free(pair.id)


def test_an_undo_whose_old_time_is_gone_is_refused(office: Office) -> None:
    """Somebody else booked it meanwhile: the session stays where it was moved to."""
    other = office.centre.county.learners[1]
    pair, second = office.assign(), office.assign(worker_id=other.person_id)
    made = office.book(pair, FIRST)
    office.do(booking.move, office.worker, made.id, SECOND, seen=1)
    office.do(booking.book, other, second.id, FIRST)
    with pytest.raises(SlotTaken):
        office.do(booking.take_back, office.worker, made.id, seen=2)
    assert SECOND not in office.free(second.id, other)


def test_a_missed_session_is_noted_and_due_again(office: Office, outbox: Outbox) -> None:
    """Not before it began; the pair's next date is the first one again, and the other hears."""
    pair = office.assign()
    due_on = pair.due_on
    made = office.book(pair, FIRST)
    with pytest.raises(ChangedMeanwhile):
        office.do(booking.miss, office.supervisor, made.id, seen=1)
    outbox.send(FIRST)
    office.now = FIRST + HOUR
    office.do(booking.miss, office.supervisor, made.id, seen=1)
    assert office.row(pair.id).due_on == due_on
    told = _said(outbox, office.now + MINUTE, BOOKING)[office.worker.chat_id]
    assert told.what == "missed"
    with pytest.raises(ChangedMeanwhile):
        office.do(booking.cancel, office.worker, made.id, seen=2)


def test_both_are_reminded_an_hour_before_and_the_day_before_is_a_line(
    office: Office, outbox: Outbox
) -> None:
    """Once each, at the time it has by then; a cancelled session reminds nobody."""
    pair = office.assign()
    made = office.book(pair, FIRST)
    both = {office.worker.chat_id, office.supervisor.chat_id}
    office.do(booking.move, office.worker, made.id, FIRST + 7 * DAY + timedelta(minutes=75), seen=1)
    moved_to = FIRST + 7 * DAY + timedelta(minutes=75)
    assert _said(outbox, FIRST - HOUR, CARD) == {}
    assert set(_said(outbox, moved_to - DAY, AHEAD)) == both
    assert set(_said(outbox, moved_to - HOUR, CARD)) == both
    office.do(booking.cancel, office.worker, made.id, seen=2)
    assert _said(outbox, moved_to - HOUR, CARD) == {}


def test_a_worker_picks_one_of_three_proposed_times(office: Office, outbox: Outbox) -> None:
    """One that is gone is said so and the others remain; an answered proposal is answered."""
    pair = office.assign()
    today = date(2026, 11, 25)
    moments = proposals.read_moments(
        "下周三下午2点\n12月5日19:00\n12-8 15:15", today=today, now=office.now
    )
    assert moments[0] == FIRST
    for in_a_line in (
        "下周三下午2点，12月5日19:00、12-8 15:15",
        "下周三，下午2点\n12月5日19:00；12-8 15:15",
    ):
        assert proposals.read_moments(in_a_line, today=today, now=office.now) == moments
    made = office.do(
        proposals.propose, office.supervisor, pair.id, moments, mode="in_person", place="鲁朗"
    )
    asked = outbox.ask(office.now + MINUTE, kinds=(PROPOSAL,))
    assert [one.chat_id for one in asked if isinstance(one, Facts)] == [office.worker.chat_id]
    other = office.centre.county.learners[1]
    second = office.assign(worker_id=other.person_id)
    office.do(booking.book, other, second.id, FIRST)
    with pytest.raises(SlotTaken):
        office.do(proposals.answer, office.worker, made.id, 0)
    with pytest.raises(NotThere):
        office.do(proposals.answer, other, made.id, 1)
    got = office.do(proposals.answer, office.worker, made.id, 1)
    assert (got.starts_at, got.mode, got.place) == (moments[1], "in_person", "鲁朗")
    with pytest.raises(ProposalAnswered):
        office.do(proposals.answer, office.worker, made.id, 2)
    with pytest.raises(AlreadyBooked):
        office.do(proposals.propose, office.supervisor, pair.id, moments, mode="online", place="")


def test_declined_and_withdrawn_times_book_nothing(office: Office, outbox: Outbox) -> None:
    """The supervisor hears that none fits; what she takes back in its first minute is not asked."""
    pair = office.assign()
    propose: Any = (proposals.propose, office.supervisor, pair.id, [FIRST])
    first = office.do(*propose, mode="online", place="")
    office.do(proposals.withdraw, office.supervisor, first.id)
    asked = outbox.ask(office.now + MINUTE, kinds=(PROPOSAL,))
    assert not [one for one in asked if isinstance(one, Facts)]
    with pytest.raises(ProposalAnswered):
        office.do(proposals.answer, office.worker, first.id, 0)
    second = office.do(*propose, mode="online", place="")
    office.do(proposals.answer, office.worker, second.id, None)
    told = outbox.ask(office.now + MINUTE, kinds=(PROPOSAL,))
    assert [one.chat_id for one in told if isinstance(one, Facts)] == [office.supervisor.chat_id]


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("", ProposalNotClear),
        ("12-5 9:00\n12-6 9:00\n12-7 9:00\n12-8 9:00", ProposalNotClear),
        ("12-5 9:00，12-6 9:00，12-7 9:00，12-8 9:00", ProposalNotClear),
        ("12-5 9:00，下午", DateNotUnderstood),
        ("12-5 9:10", MomentNotPossible),
        ("12-5", HourNotUnderstood),
        ("9:00", DateNotUnderstood),
        ("今天 9:00", MomentNotPossible),
    ],
)
def test_times_that_cannot_be_proposed_are_refused(
    written: str, refusal: type[Refusal], start: datetime
) -> None:
    """One to three, ahead, on a quarter."""
    with pytest.raises(refusal):
        proposals.read_moments(written, today=date(2026, 11, 25), now=start + 12 * HOUR)
