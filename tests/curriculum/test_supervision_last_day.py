"""Until when a pair holds can be set anew: both hear of it, and what is booked for later goes."""

from pathlib import Path
from typing import Any

import pytest

from curriculum import supervision_endings
from curriculum import supervision_last_day as last_days
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_errors import PairEndNotPossible, SupervisionUndoTooLate
from curriculum.supervision_words import BOOKING, LAST_DAY
from storage.engine import Database
from tests.county import BOT
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, MINUTE, Office


@pytest.fixture
def office(database: Database, tmp_path: Path, start: Any) -> Office:
    """A centre with a supervisor who is free on two days of a week."""
    made = Office(database, tmp_path, start)
    made.publish("每周三 14:00-17:00\n每周五 9:00-11:00")
    return made


def _set(office: Office, pair_id: int | None, days: int | None, *, seen: int) -> None:
    day = local_date(office.now, ZONE) + days * DAY if days is not None else None
    office.do(last_days.set_last_day, office.centre.coordinator, pair_id, day, seen=seen)


def _beyond(office: Office, pair_id: int | None) -> int:
    return office.database.read_now(last_days.booked_beyond, office.row(pair_id), now=office.now)


def _call_off(office: Office) -> int:
    return office.database.write_now(supervision_endings.call_off_orphans, bot=BOT, now=office.now)


def _told(outbox: Outbox, office: Office, kind: str) -> list[Facts]:
    asked = outbox.ask(office.now + 2 * MINUTE, kinds=(kind,))
    return [one for one in asked if isinstance(one, Facts)]


def test_both_hear_of_another_last_day_and_of_none(office: Office, outbox: Outbox) -> None:
    """An outside supervisor who stays longer, then for good; the day it is already is no news."""
    pair = office.assign(last_day=local_date(office.now, ZONE) + 30 * DAY)
    _set(office, pair.id, 30, seen=1)
    assert _told(outbox, office, LAST_DAY) == []
    _set(office, pair.id, 90, seen=1)
    _set(office, pair.id, None, seen=2)
    told = _told(outbox, office, LAST_DAY)
    assert {one.chat_id for one in told} == {office.worker.chat_id, office.supervisor.chat_id}
    assert [one.values["last_day"] for one in told] == [None, None]
    assert office.row(pair.id).until is None


def test_what_is_booked_for_later_is_called_off_when_it_cannot_be_taken_back(
    office: Office, outbox: Outbox
) -> None:
    """Whoever sets it sees how many there are; one before the last day stays."""
    pair = office.assign()
    made = office.book(pair, office.free(pair.id)[-1])
    days = (local_date(made.starts_at, ZONE) - local_date(office.now, ZONE)).days
    _set(office, pair.id, days, seen=1)
    assert (_beyond(office, pair.id), _call_off(office)) == (0, 0)
    _set(office, pair.id, days - 1, seen=2)
    assert (_beyond(office, pair.id), _call_off(office)) == (1, 0)
    office.do(last_days.take_back, office.centre.coordinator, pair.id, seen=3)
    office.now += 11 * MINUTE
    assert (_beyond(office, pair.id), _call_off(office)) == (0, 0)
    _set(office, pair.id, days - 1, seen=4)
    office.now += 11 * MINUTE
    assert (_call_off(office), _call_off(office), _beyond(office, pair.id)) == (1, 0, 0)
    assert {one.values["view"].what for one in _told(outbox, office, BOOKING)} == {"cancelled"}


def test_it_can_be_taken_back_for_ten_minutes_and_who_heard_hears_again(
    office: Office, outbox: Outbox
) -> None:
    """By whoever did it, once, and not when something else came after it."""
    coordinator = office.centre.coordinator
    pair = office.assign(last_day=local_date(office.now, ZONE) + 30 * DAY)
    before = office.row(pair.id).until
    with pytest.raises(NotThere):
        office.do(last_days.take_back, coordinator, pair.id, seen=1)
    _set(office, pair.id, 60, seen=1)
    outbox.send(office.now + MINUTE)
    office.now += 5 * MINUTE
    office.do(last_days.take_back, coordinator, pair.id, seen=2)
    assert office.row(pair.id).until == before
    assert len(_told(outbox, office, LAST_DAY)) == 2
    with pytest.raises(ChangedMeanwhile):
        office.do(last_days.take_back, coordinator, pair.id, seen=3)
    _set(office, pair.id, None, seen=3)
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(last_days.take_back, coordinator, pair.id, seen=4)


def test_a_last_day_lies_ahead_and_only_a_coordinator_sets_it(office: Office) -> None:
    """Today is what 结束督导 is for."""
    pair = office.assign()
    for days in (0, -3, 4 * 366):
        with pytest.raises(PairEndNotPossible):
            _set(office, pair.id, days, seen=1)
    with pytest.raises(ChangedMeanwhile):
        _set(office, pair.id, 30, seen=7)
    with pytest.raises(NotThere):
        _set(office, 999_999, 30, seen=1)
