"""Several workers in one session: suggested where hours do not reach, declined by any of them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from curriculum import supervision_booking as booking
from curriculum import supervision_group_ideas as ideas
from curriculum import supervision_group_words as words
from curriculum import supervision_groups as groups
from curriculum import supervision_todo
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.supervision_errors import (
    GroupBusy,
    GroupSize,
    MomentNotPossible,
    SlotTaken,
    SupervisionUndoTooLate,
)
from curriculum.supervision_group_words import GROUP, GROUP_ANSWER, GROUP_CARD, GROUP_HINT
from storage.engine import Database
from tests.curriculum.centre import at_once, audited
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, HOUR, MINUTE, Office

WEDNESDAY = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A supervisor with three workers, monthly, who has four hours a month."""
    made = Office(database, tmp_path, start)
    made.publish("周三 14:00-17:00", minutes=90, hours_per_month=4)
    for one in made.centre.county.learners:
        made.assign(worker_id=one.person_id, every_months=1)
    return made


def _set(office: Office, pair_ids: tuple[int, ...] = (1, 2, 3), at: datetime = WEDNESDAY) -> Any:
    return office.do(groups.set_group, office.supervisor, pair_ids, at, mode="online", place="")


def _said(outbox: Outbox, now: datetime, kind: str) -> dict[int, Any]:
    said = [one for one in outbox.ask(now, kinds=(kind,)) if isinstance(one, Facts)]
    return {one.chat_id: one.values for one in said}


def test_where_hours_do_not_reach_those_of_one_unit_could_meet_together(
    office: Office, outbox: Outbox
) -> None:
    """4.5 hours are needed in December of four: the two of one station spare one and a half."""
    coordinator = office.centre.coordinator
    assert (
        office.database.read_now(supervision_todo.items, coordinator, now=office.now)[-1].kind
        == "supervision_short"
    )
    outbox.send(office.now + MINUTE)
    idea = office.do(ideas.propose, coordinator, office.supervisor.person_id)
    assert (idea.month, idea.lacking, idea.spared) == (date(2026, 12, 1), 30, 90)
    assert [row.worker for row in idea.workers] == ["学员1", "学员2"]
    office.do(ideas.take_back, coordinator, office.supervisor.person_id)
    assert _said(outbox, office.now + MINUTE, GROUP_HINT) == {}
    assert office.do(ideas.propose, coordinator, office.supervisor.person_id) == idea
    assert set(_said(outbox, office.now + MINUTE, GROUP_HINT)) == {office.supervisor.chat_id}
    with pytest.raises(SupervisionUndoTooLate):
        office.do(ideas.take_back, coordinator, office.supervisor.person_id)
    # It helps: what two hold together is one session less, and December is no question any more.
    _set(office, (1, 2))
    left = office.database.read_now(ideas.own_idea, office.supervisor, now=office.now)
    assert left.month == date(2027, 1, 1)
    for who in (office.worker, office.centre.observer):
        with pytest.raises(NotThere):
            office.do(ideas.propose, who, office.supervisor.person_id)


def test_all_are_told_once_nobody_is_booked_twice_and_anybody_may_decline(
    office: Office, outbox: Outbox
) -> None:
    """It takes everybody's time; who declines has hers again, and her date as it was."""
    learners, supervisor = office.centre.county.learners, office.supervisor
    outbox.send(office.now + MINUTE)
    office.book(_pair(1), WEDNESDAY)
    with pytest.raises(GroupBusy) as busy:
        _set(office)
    assert busy.value.facts["names"] == "督导、学员1"
    thursday = WEDNESDAY + DAY
    made = _set(office, at=thursday)
    assert [office.row(n).due_on for n in (1, 2, 3)] == [date(2027, 1, 3)] * 3
    outbox.send(office.now)
    told = _said(outbox, office.now + MINUTE, GROUP)
    assert set(told) == {one.chat_id for one in learners}
    assert told[learners[0].chat_id]["view"].names == (), "workers see no list of the others"
    office.do(groups.answer, learners[1], made.id, comes=True)
    office.do(groups.answer, learners[2], made.id, comes=False)
    assert office.row(3).due_on == date(2026, 12, 25)
    answers = _said(outbox, office.now + MINUTE, GROUP_ANSWER)
    assert [(one["name"], one["comes"]) for one in answers.values()] == [("学员3", False)]
    view = office.database.read_now(words.view, made.id, supervisor.person_id, now=office.now)
    assert (view.coming, view.declined) == (("学员2",), ("学员3",))
    cards = _said(outbox, thursday - HOUR, GROUP_CARD)
    assert set(cards) == {supervisor.chat_id, learners[0].chat_id, learners[1].chat_id}
    # Back again, unless she has something else by then.
    office.do(groups.answer, learners[2], made.id, comes=True)
    assert office.row(3).due_on == date(2027, 1, 3)
    for who in (office.centre.coordinator, office.centre.administrator):
        with pytest.raises(NotThere):
            office.do(groups.answer, who, made.id, comes=False)
        with pytest.raises(NotThere):
            office.database.read_now(words.view, made.id, who.person_id, now=office.now)
    office.now = thursday + MINUTE
    with pytest.raises(ChangedMeanwhile):
        office.do(groups.answer, learners[0], made.id, comes=False)


def _pair(number: int) -> Any:
    class Pair:
        id = number

    return Pair()


def test_it_is_cancelled_and_undone_and_only_possible_ones_are_set(
    office: Office, outbox: Outbox
) -> None:
    """Taken back before anybody heard, nobody hears; later all hear how it stands."""
    supervisor = office.supervisor
    outbox.send(office.now + MINUTE)
    for pair_ids, refusal in (((1,), GroupSize), ((1, 9), NotThere)):
        with pytest.raises(refusal):
            _set(office, pair_ids)
    with pytest.raises(MomentNotPossible):
        _set(office, at=WEDNESDAY + 5 * MINUTE)
    with pytest.raises(NotThere):
        office.do(groups.set_group, office.worker, (1, 2), WEDNESDAY, mode="online", place="")
    made = _set(office)
    office.do(groups.take_back, supervisor, made.id, seen=1)
    assert _said(outbox, office.now + MINUTE, GROUP) == {}
    assert office.rows(text("SELECT count(*) FROM supervision_quarter")) == [(0,)]
    made = _set(office)
    outbox.send(office.now + MINUTE)
    office.now += 2 * MINUTE
    office.do(groups.cancel, supervisor, made.id, seen=1)
    assert office.row(1).due_on == date(2026, 12, 25)
    told = _said(outbox, office.now + MINUTE, GROUP)
    assert {one["view"].state for one in told.values()} == {"cancelled"}
    office.now += 2 * MINUTE
    office.do(groups.take_back, supervisor, made.id, seen=2)
    assert audited(office.database, 1)[0].action == "undo_group_supervision"
    with pytest.raises(ChangedMeanwhile):
        office.do(groups.take_back, supervisor, made.id, seen=2)
    office.do(groups.cancel, supervisor, made.id, seen=3)
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(groups.take_back, supervisor, made.id, seen=4)


def test_of_a_session_of_one_and_one_with_several_at_once_one_stands(office: Office) -> None:
    """Whichever came second is refused, and leaves nothing."""

    def together() -> None:
        try:
            _set(office)
        except GroupBusy as busy:
            raise SlotTaken from busy

    def alone() -> Any:
        return office.do(booking.book, office.worker, 1, WEDNESDAY)

    assert at_once(together, alone) == ["done", "slot_taken"]
    booked = office.rows(text("SELECT count(*) FROM supervision_booking"))
    held = office.rows(text("SELECT count(*) FROM supervision_group"))
    assert booked[0][0] + held[0][0] == 1
