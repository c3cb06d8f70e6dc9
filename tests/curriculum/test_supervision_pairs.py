"""Who accompanies whom: assigning, listing, ending, a private wish, and what the two are told."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from curriculum import supervision_lists as lists
from curriculum import supervision_pairing as pairing
from curriculum import supervision_pairs as pairs
from curriculum.errors import ChangedMeanwhile, NotThere, PersonNotClear, Refusal
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_errors import (
    NotAWorker,
    PairEndNotPossible,
    PairStands,
    SupervisionUndoTooLate,
)
from curriculum.supervision_words import PAIR
from storage.engine import Database
from tests.curriculum.centre import at_once, audited
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import MINUTE, Office


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A centre without pairs."""
    return Office(database, tmp_path, start)


def _told(outbox: Outbox, now: datetime) -> dict[int, Any]:
    words = [one for one in outbox.ask(now, kinds=(PAIR,)) if isinstance(one, Facts)]
    return {one.chat_id: one.values for one in words}


def test_a_new_pair_is_told_to_both_and_the_first_session_is_soon(
    office: Office, outbox: Outbox
) -> None:
    """Both hear of it once, a minute later; a quarterly pair should meet within a month first."""
    made = office.assign(last_day=date(2027, 6, 30))
    assert made.due_on == date(2026, 12, 25)
    assert _told(outbox, office.now) == {}
    told = _told(outbox, office.now + MINUTE)
    assert set(told) == {office.worker.chat_id, office.supervisor.chat_id}
    assert told[office.worker.chat_id]["other"] == "督导"
    assert told[office.supervisor.chat_id]["other"] == "学员1"
    assert told[office.worker.chat_id]["last_day"] == date(2027, 6, 30)
    (entry,) = audited(office.database, 1)
    assert (entry.action, entry.object_id) == ("pair_supervision", made.id)


def test_the_same_two_are_one_pair(office: Office) -> None:
    """Also when two coordinators press at the same moment; after its last day a new one begins."""
    colleague = office.centre.colleague

    def by(who: Speaker) -> Callable[[], object]:
        return lambda: office.database.write_now(
            pairs.assign,
            who,
            worker_id=office.worker.person_id,
            supervisor_id=office.supervisor.person_id,
            every_months=3,
            mode=pairs.ONLINE,
            last_day=date(2026, 11, 30),
            now=office.now,
        )

    assert at_once(by(office.centre.coordinator), by(colleague)) == ["done", "pair_stands"]
    with pytest.raises(PairStands):
        office.assign()
    later = office.assign(now=office.now + timedelta(days=10))
    assert later.since == date(2026, 12, 5)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"last_day": date(2026, 11, 25)}, PairEndNotPossible),
        ({"last_day": date(2036, 11, 25)}, PairEndNotPossible),
        ({"every_months": 5}, NotThere),
        ({"mode": "by_letter"}, NotThere),
        ({"supervisor_id": 1}, NotThere),
    ],
)
def test_a_pair_that_cannot_be_is_refused(
    office: Office, change: dict[str, Any], refusal: type[Refusal]
) -> None:
    """An end that is past, a frequency nobody offers, a supervisor who is none."""
    with pytest.raises(refusal):
        office.assign(**change)


def test_a_worker_is_found_by_name_and_only_who_learns_is_accompanied(office: Office) -> None:
    """None or several are asked again; a coordinator is no worker."""
    who, read = office.centre.coordinator, office.database.read_now
    assert read(pairing.worker_named, who, "学员2", now=office.now).name == "学员2"
    with pytest.raises(PersonNotClear):
        read(pairing.worker_named, who, "学员", now=office.now)
    with pytest.raises(NotAWorker):
        read(pairing.worker_named, who, "站长", now=office.now)
    names = {1: "德吉", 2: "德吉卓玛"}
    assert [pairs.one_named(names, written) for written in ("德吉", "卓玛")] == [1, 2]
    with pytest.raises(PersonNotClear):
        pairs.one_named(names, "次仁")


def test_an_assignment_taken_back_before_it_was_told_is_told_to_nobody(
    office: Office, outbox: Outbox
) -> None:
    """Within ten minutes it can be undone; once told, both hear that it is over."""
    made = office.assign()
    coordinator, undo = office.centre.coordinator, pairs.take_back
    with pytest.raises(NotThere):
        office.do(undo, office.centre.colleague, made.id, seen=1)
    office.do(undo, coordinator, made.id, seen=1)
    assert _told(outbox, office.now + MINUTE) == {}
    with pytest.raises(ChangedMeanwhile):
        office.do(undo, coordinator, made.id, seen=1)
    again = office.assign()
    outbox.send(office.now + MINUTE)
    office.now += 2 * MINUTE
    office.do(undo, coordinator, again.id, seen=1)
    told = _told(outbox, office.now + MINUTE)
    assert {values["state"] for values in told.values()} == {"ended"}
    third = office.assign()
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(undo, coordinator, third.id, seen=1)


def test_an_ended_pair_can_be_brought_back_for_ten_minutes(office: Office, outbox: Outbox) -> None:
    """What was seen counts: a second coordinator's press on an old page changes nothing."""
    limited = office.assign(
        worker_id=office.centre.county.learners[1].person_id, last_day=date(2027, 6, 30)
    )
    made = office.assign()
    coordinator = office.centre.coordinator
    office.do(pairs.end, coordinator, limited.id, seen=1)
    office.do(pairs.take_back, coordinator, limited.id, seen=2)
    assert office.row(limited.id).until == date(2027, 7, 1), "it ends when it was to end"
    office.do(pairs.end, coordinator, made.id, seen=1)
    with pytest.raises(ChangedMeanwhile):
        office.do(pairs.end, office.centre.colleague, made.id, seen=1)
    assert office.database.read_now(lists.own, office.worker, now=office.now) == []
    office.do(pairs.take_back, coordinator, made.id, seen=2)
    assert (office.row(made.id).ended_at, office.row(made.id).until) == (None, None)
    office.do(pairs.set_frequency, coordinator, made.id, 6, seen=3)
    assert office.row(made.id).every_months == 6
    assert _told(outbox, office.now + MINUTE) == {}, "what was told is not true any more"


def test_lists_are_paged_and_searched_within_reach(office: Office) -> None:
    """A station's coordinator sees her station's pairs; words fit names and stations."""
    for learner in office.centre.county.learners:
        office.assign(worker_id=learner.person_id)

    def seen(who: Speaker, words: str = "") -> list[str]:
        page = office.database.read_now(lists.pairs, who, words=words, now=office.now)
        return [line.worker for line in page.lines]

    assert seen(office.centre.coordinator) == ["学员1", "学员2", "学员3"]
    assert seen(office.centre.of_station) == ["学员1", "学员2"]
    assert seen(office.centre.coordinator, "鲁朗 督导") == ["学员3"]
    for who in (office.worker, office.supervisor, office.centre.observer):
        with pytest.raises(NotThere):
            seen(who)
    mine = office.database.read_now(lists.accompanied_page, office.supervisor, now=office.now)
    assert mine.count == 3


def test_a_wish_for_another_supervisor_is_seen_by_the_coordinator_alone(
    office: Office, outbox: Outbox
) -> None:
    """It comes first in her list; nobody is told, and it can be taken back."""
    made, other = office.assign(), office.centre.county.learners[1]
    later = office.assign(worker_id=other.person_id)
    with pytest.raises(NotThere):
        office.do(pairs.ask_for_another, other, made.id, wants=True)
    office.do(pairs.ask_for_another, other, later.id, wants=True)
    listed = office.database.read_now(lists.pairs, office.centre.coordinator, now=office.now)
    assert [line.pair_id for line in listed.lines] == [later.id, made.id]
    outbox.send(office.now + MINUTE)
    assert _told(outbox, office.now + 5 * MINUTE) == {}
    office.do(pairs.ask_for_another, other, later.id, wants=False)
    assert office.row(later.id).change_asked_at is None
