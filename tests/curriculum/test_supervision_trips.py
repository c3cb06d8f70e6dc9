"""A journey moves online whole: once told, urgently when near, with one link and one undo."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from curriculum import supervision_booking as booking
from curriculum import supervision_trips as trips
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_errors import NoTrip, SupervisionUndoTooLate
from curriculum.supervision_trips import runs
from curriculum.supervision_words import BOOKING
from storage.engine import Database
from tests.curriculum.centre import at_once
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, MINUTE, Office

TEN = datetime(2026, 12, 10, 2, 0, tzinfo=UTC)
LINK = "https://meeting.example/deji"


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A supervisor on a journey of two days, with two workers met on it and one hour free."""
    made = Office(database, tmp_path, start)
    made.publish("12-10 10:00-12:00 去鲁朗\n12-11 10:00-11:00 去米林\n12-20 10:00-11:00 去波密")
    for one in made.centre.county.learners:
        made.assign(worker_id=one.person_id)
    made.do(booking.book, made.worker, 1, TEN)
    made.do(booking.book, made.centre.county.learners[1], 2, TEN + DAY)
    return made


def _said(outbox: Outbox, now: datetime) -> dict[int, Any]:
    said = [one for one in outbox.ask(now, kinds=(BOOKING,)) if isinstance(one, Facts)]
    return {one.chat_id: one.values["view"] for one in said}


def _modes(office: Office, outbox: Outbox) -> list[tuple[str, str]]:
    from sqlalchemy import text

    del outbox
    found = office.rows(text("SELECT mode, place FROM supervision_booking ORDER BY id"))
    return [(mode, place) for mode, place in found]


def test_days_in_a_row_are_one_journey() -> None:
    """A day between makes two of it."""
    day = date(2026, 12, 10)
    found = runs([day + timedelta(days=n) for n in (1, 0, 3, 1)])
    assert found == [(day, day + timedelta(days=1)), (day + timedelta(days=3),) * 2]


def test_a_whole_journey_moves_online_and_each_is_told_once(office: Office, outbox: Outbox) -> None:
    """The link given within the minute is in the same word; undone, all are in person again."""
    supervisor, learners = office.supervisor, office.centre.county.learners
    outbox.send(office.now + MINUTE)
    (journey,) = office.database.read_now(trips.journeys, supervisor, now=office.now)
    assert (journey.first, journey.last, journey.sessions) == (
        date(2026, 12, 10),
        date(2026, 12, 11),
        2,
    )
    assert journey.places == ("鲁朗", "米林")
    trip = office.do(trips.to_online, supervisor, journey.first)
    office.do(trips.set_link, supervisor, trip, LINK)
    assert _modes(office, outbox) == [("online", LINK)] * 2
    told = _said(outbox, office.now + MINUTE)
    assert set(told) == {learners[0].chat_id, learners[1].chat_id}
    assert {(one.what, one.place, one.wants_answer) for one in told.values()} == {
        ("online", LINK, False)
    }
    office.now += 2 * MINUTE
    assert office.do(trips.take_back, supervisor, trip) == 2
    assert _modes(office, outbox) == [("in_person", "鲁朗"), ("in_person", "米林")]
    with pytest.raises(NotThere):
        office.do(trips.take_back, supervisor, trip)
    for who in (office.worker, office.centre.coordinator):
        with pytest.raises(NotThere):
            office.do(trips.to_online, who, journey.first)
        with pytest.raises(NotThere):
            office.database.read_now(trips.page, who, trip)
    with pytest.raises(NoTrip):
        office.do(trips.to_online, supervisor, date(2026, 12, 20))


def test_within_a_day_each_says_that_she_knows_and_the_supervisor_sees_who_has_not(
    office: Office, outbox: Outbox
) -> None:
    """What was changed since stays when the journey is taken back; too late it is not."""
    supervisor, worker = office.supervisor, office.worker
    second = office.centre.county.learners[1]
    office.now = TEN - 20 * 60 * MINUTE
    outbox.send(office.now)
    trip = office.do(trips.to_online, supervisor, date(2026, 12, 10))
    told = _said(outbox, office.now + MINUTE)
    near = told[worker.chat_id]
    assert (near.wants_answer, told[second.chat_id].wants_answer) == (True, False)
    office.do(trips.seen, worker, near.booking_id, version=near.version)
    office.do(trips.seen, worker, near.booking_id, version=near.version)
    with pytest.raises(NotThere):
        office.do(trips.seen, second, near.booking_id, version=near.version)
    page = office.database.read_now(trips.page, supervisor, trip)
    assert [(one.other, one.seen) for one in page.changes] == [("学员1", True), ("学员2", False)]
    office.do(booking.cancel, second, 2, seen=told[second.chat_id].version)
    office.now += 5 * MINUTE
    assert office.do(trips.take_back, supervisor, trip) == 1
    office.now += MINUTE
    trip = office.do(trips.to_online, supervisor, date(2026, 12, 10))
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(trips.take_back, supervisor, trip)


def test_who_books_while_the_journey_moves_is_on_it_or_is_refused(office: Office) -> None:
    """Whoever comes first: no session in person is left on a journey that is none any more."""
    third = office.centre.county.learners[2]

    def book(who: Speaker = third) -> Any:
        return office.do(booking.book, who, 3, TEN + 75 * MINUTE)

    def change() -> Any:
        return office.do(trips.to_online, office.supervisor, date(2026, 12, 10))

    assert at_once(book, change)[0] == "done"
    left = office.database.read_now(trips.journeys, office.supervisor, now=office.now)
    for journey in left:
        # Booked a moment after: the hours are still published, so the journey can move once more.
        assert journey.sessions == 1
        office.do(trips.to_online, office.supervisor, journey.first)
    assert office.database.read_now(trips.journeys, office.supervisor, now=office.now) == []
