"""When a pair should meet: both are told, once and not while resting; late is a coordinator's."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from curriculum import (
    absences,
    leaving,
    supervision_due,
    supervision_endings,
    supervision_todo,
)
from curriculum import supervision_booking as booking
from curriculum import supervision_pairs as pairs
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_words import BOOKING, CARD, DUE
from storage.engine import Database
from tests.county import BOT
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, HOUR, MINUTE, Office


@pytest.fixture
def office(database: Database, tmp_path: Path, start: Any) -> Office:
    """A supervisor who is free on Wednesday afternoons."""
    made = Office(database, tmp_path, start)
    made.publish("周三 14:00-17:00")
    return made


def _owe(office: Office) -> int:
    return office.database.write_now(supervision_due.owe, bot=BOT, now=office.now)


def _lines(office: Office, who: Speaker) -> list[tuple[str, int]]:
    found = office.database.read_now(supervision_todo.items, who, now=office.now)
    return [(item.kind, item.count) for item in found]


def test_both_are_told_once_two_weeks_before(office: Office, outbox: Outbox) -> None:
    """A new pair is due a month on; what is booked meanwhile makes the word unneeded."""
    pair = office.assign()
    assert pair.due_on == date(2026, 12, 25)
    office.now += 15 * DAY
    assert _owe(office) == 0
    office.now += DAY
    assert (_owe(office), _owe(office)) == (2, 0)
    told = [one for one in outbox.ask(office.now, kinds=(DUE,)) if isinstance(one, Facts)]
    assert {one.chat_id for one in told} == {office.worker.chat_id, office.supervisor.chat_id}
    office.book(pair, office.free(pair.id)[0])
    later = outbox.ask(office.now + 5 * MINUTE, kinds=(DUE,))
    assert not [one for one in later if isinstance(one, Facts)]
    office.now += 30 * DAY
    assert _owe(office) == 0, "the next is due three months after the session"


def test_a_supervisor_hears_of_all_who_are_due_in_one_word(office: Office, outbox: Outbox) -> None:
    """Each worker hears of her own; who booked meanwhile is left out of it."""
    first = office.assign()
    others = office.centre.county.learners[1:3]
    for one in others:
        office.assign(worker_id=one.person_id)
    office.now += 16 * DAY
    assert (_owe(office), _owe(office)) == (4, 0)
    told = [one for one in outbox.ask(office.now, kinds=(DUE,)) if isinstance(one, Facts)]
    (hers,) = [one for one in told if one.chat_id == office.supervisor.chat_id]
    assert len(hers.values["others"]) == 3
    assert hers.values["pair_id"] == 0
    office.book(first, office.free(first.id)[0])
    later = [
        one
        for one in outbox.ask(office.now + 5 * MINUTE, kinds=(DUE,))
        if isinstance(one, Facts) and one.chat_id == office.supervisor.chat_id
    ]
    assert [sorted(one.values["others"]) for one in later] == [sorted(o.name for o in others)]


def test_who_rests_is_told_when_she_is_back_and_is_never_late(office: Office) -> None:
    """Neither she nor her supervisor hears of it, and no coordinator sees it."""
    office.assign()
    office.now += 20 * DAY
    office.do(absences.pause, office.worker, since=date(2026, 12, 15), back=None)
    assert _owe(office) == 0
    office.now += 20 * DAY
    assert _lines(office, office.centre.coordinator) == []
    office.do(_end_pause, office.worker)
    office.now += DAY
    assert _owe(office) == 2


def _end_pause(session: Any, speaker: Speaker, *, now: Any) -> None:
    absences.end_pause(session, speaker.person_id, ended_by=speaker.person_id, now=now)


def test_the_nearest_coordinator_sees_that_it_is_late_and_a_supervisor_her_day(
    office: Office,
) -> None:
    """A wish for another supervisor is a line of its own; further up nobody is bothered."""
    pair = office.assign()
    of_other = office.centre.county.learners[2]
    other = office.assign(worker_id=of_other.person_id)
    office.do(pairs.ask_for_another, of_other, other.id, wants=True)
    office.now += 32 * DAY
    assert _lines(office, office.centre.of_station) == [("late_supervision", 1)]
    assert _lines(office, office.centre.coordinator) == [
        ("other_supervisor", 1),
        ("late_supervision", 1),
    ]
    assert _lines(office, office.worker) == []
    made = office.book(pair, office.free(pair.id)[0])
    assert _lines(office, office.centre.of_station) == []
    office.now = made.starts_at - 3 * HOUR
    assert _lines(office, office.supervisor) == [("supervision_today", 0)]
    office.now = made.starts_at + timedelta(hours=2)
    office.do(booking.miss, office.worker, made.id, seen=1)
    assert _lines(office, office.centre.of_station) == [("late_supervision", 1)]


def test_sessions_of_an_ended_pair_are_called_off_once_it_cannot_be_undone(
    office: Office, outbox: Outbox
) -> None:
    """Both hear of it once; an ending that was taken back calls nothing off."""
    pair = office.assign()
    made = office.book(pair, office.free(pair.id)[0])
    outbox.send(office.now + MINUTE)
    office.now += 2 * MINUTE
    coordinator = office.centre.coordinator
    office.do(pairs.end, coordinator, pair.id, seen=1)
    assert _call_off(office) == 0
    office.do(pairs.take_back, coordinator, pair.id, seen=2)
    office.now += 11 * MINUTE
    assert _call_off(office) == 0
    office.do(pairs.end, coordinator, pair.id, seen=3)
    office.now += 11 * MINUTE
    assert (_call_off(office), _call_off(office)) == (1, 0)
    told = [
        one for one in outbox.ask(office.now + MINUTE, kinds=(BOOKING,)) if isinstance(one, Facts)
    ]
    assert {one.chat_id for one in told} == {office.worker.chat_id, office.supervisor.chat_id}
    assert {one.values["view"].what for one in told} == {"cancelled"}
    assert made.starts_at > office.now


def _call_off(office: Office) -> int:
    return office.database.write_now(supervision_endings.call_off_orphans, bot=BOT, now=office.now)


def test_sessions_of_who_left_are_called_off_and_the_other_hears(
    office: Office, outbox: Outbox
) -> None:
    """From the next day on, when leaving can no longer be undone; nobody is reminded meanwhile."""
    pair = office.assign()
    made = office.book(pair, office.free(pair.id)[0])
    outbox.send(office.now + MINUTE)
    office.do(leaving.deactivate, office.centre.coordinator, office.worker.person_id)
    assert _call_off(office) == 0
    assert not [
        one for one in outbox.ask(made.starts_at - HOUR, kinds=(CARD,)) if isinstance(one, Facts)
    ]
    office.now += DAY
    assert _call_off(office) == 1
    office.now += 30 * DAY
    assert _owe(office) == 0, "nobody is asked to meet who is not there"
    office.now -= 30 * DAY
    told = [
        one for one in outbox.ask(office.now + MINUTE, kinds=(BOOKING,)) if isinstance(one, Facts)
    ]
    assert [one.chat_id for one in told] == [office.supervisor.chat_id]
