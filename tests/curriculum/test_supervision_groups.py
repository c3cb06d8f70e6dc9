"""Several workers in one session: suggested where hours do not reach, declined by any of them."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from curriculum import supervision_booking as booking
from curriculum import supervision_capacity, supervision_todo
from curriculum import supervision_group_changes as changes
from curriculum import supervision_group_ideas as ideas
from curriculum import supervision_group_words as words
from curriculum import supervision_groups as groups
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_errors import (
    GroupBusy,
    GroupSize,
    MomentNotPossible,
    OldTimeTaken,
    SameMoment,
    SlotTaken,
    SupervisionUndoTooLate,
)
from curriculum.supervision_group_words import (
    GROUP,
    GROUP_ANSWER,
    GROUP_CARD,
    GROUP_HINT,
    GROUP_OLD,
)
from storage.engine import Database
from tests.curriculum.centre import at_once, audited
from tests.curriculum.outbox import Outbox
from tests.curriculum.supervising import DAY, HOUR, MINUTE, Office

WEDNESDAY = datetime(2026, 12, 2, 6, 0, tzinfo=UTC)


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A supervisor with three workers, monthly, who has four hours a month."""
    return _office(database, tmp_path, start)


@pytest.fixture
def sqlite_office(sqlite_database: Database, tmp_path: Path, start: datetime) -> Office:
    """The same on SQLite alone, for rules that no SQL of their own stands for."""
    return _office(sqlite_database, tmp_path, start)


def _office(database: Database, tmp_path: Path, start: datetime) -> Office:
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
    # It helps: what two hold together is one session less, and December is no question any more.
    _set(office, (1, 2))
    left = office.database.read_now(ideas.own_idea, office.supervisor, now=office.now)
    assert left.month == date(2027, 1, 1)
    for who in (office.worker, office.centre.observer):
        with pytest.raises(NotThere):
            office.do(ideas.propose, who, office.supervisor.person_id)


def test_a_suggestion_that_was_heard_is_taken_back_with_a_word(
    office: Office, outbox: Outbox
) -> None:
    """For ten minutes, by whoever made it; said once a month, and anew after it was taken back."""
    coordinator, supervisor_id = office.centre.coordinator, office.supervisor.person_id

    def said() -> list[bool]:
        found = outbox.tell(office.now, kinds=(GROUP_HINT,))
        return [fact.values["is_taken_back"] for fact in found]

    def suggested(who: Speaker) -> Any:
        return office.database.read_now(
            ideas.suggested, who, supervisor_id, idea.month, now=office.now
        )

    idea = office.do(ideas.propose, coordinator, supervisor_id)
    assert suggested(coordinator).is_coming
    office.now += 2 * MINUTE
    assert said() == [False]
    # A second press, hers or another's, says nothing twice.
    office.do(ideas.propose, coordinator, supervisor_id)
    office.now += 2 * MINUTE
    assert said() == []
    standing = suggested(coordinator)
    assert (standing.is_coming, standing.may_undo) == (False, True)
    assert office.do(ideas.take_back, coordinator, supervisor_id) is True
    assert suggested(coordinator) is None
    office.now += 2 * MINUTE
    assert said() == [True]
    office.do(ideas.propose, coordinator, supervisor_id)
    assert office.do(ideas.take_back, coordinator, supervisor_id) is False
    office.do(ideas.propose, coordinator, supervisor_id)
    office.now += 2 * MINUTE
    assert said() == [False]
    office.now += 9 * MINUTE
    assert not suggested(coordinator).may_undo
    with pytest.raises(SupervisionUndoTooLate):
        office.do(ideas.take_back, coordinator, supervisor_id)


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
    office.do(changes.take_back, supervisor, made.id, seen=1)
    assert _said(outbox, office.now + MINUTE, GROUP) == {}
    assert office.rows(text("SELECT count(*) FROM supervision_quarter")) == [(0,)]
    made = _set(office)
    outbox.send(office.now + MINUTE)
    office.now += 2 * MINUTE
    office.do(changes.cancel, supervisor, made.id, seen=1)
    assert office.row(1).due_on == date(2026, 12, 25)
    told = _said(outbox, office.now + MINUTE, GROUP)
    assert {one["view"].state for one in told.values()} == {"cancelled"}
    office.now += 2 * MINUTE
    office.do(changes.take_back, supervisor, made.id, seen=2)
    assert audited(office.database, 1)[0].action == "undo_group_supervision"
    with pytest.raises(ChangedMeanwhile):
        office.do(changes.take_back, supervisor, made.id, seen=2)
    office.do(changes.cancel, supervisor, made.id, seen=3)
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(changes.take_back, supervisor, made.id, seen=4)


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


def test_it_moves_to_another_time_and_everybody_hears_of_it_once(
    office: Office, outbox: Outbox
) -> None:
    """Twice within the minute is one word; who could not come is asked again; all follows it."""
    learners, supervisor = office.centre.county.learners, office.supervisor
    outbox.send(office.now + MINUTE)
    made = _set(office)
    outbox.send(office.now + MINUTE)
    office.do(groups.answer, learners[0], made.id, comes=True)
    office.do(groups.answer, learners[2], made.id, comes=False)
    outbox.send(office.now + 2 * MINUTE)
    office.now += 3 * MINUTE
    ninth, tenth = WEDNESDAY + 7 * DAY, WEDNESDAY + 8 * DAY
    free = office.database.read_now(changes.free_moments, supervisor, made.id, now=office.now)
    assert (free[0], len(free)) == (ninth, 6)
    office.do(changes.move, supervisor, made.id, ninth, seen=1)
    office.do(changes.move, supervisor, made.id, tenth, seen=2)
    assert audited(office.database, 1)[0].action == "move_group_supervision"
    told = _said(outbox, office.now + MINUTE, GROUP)
    assert set(told) == {one.chat_id for one in learners}
    views = [told[one.chat_id]["view"] for one in learners]
    assert {(one.is_moved, one.was_at, one.starts_at) for one in views} == {
        (True, WEDNESDAY, tenth)
    }
    assert [one.answer for one in views] == ["invited", "invited", "declined"]
    held = office.rows(text("SELECT DISTINCT person_id FROM supervision_quarter"))
    people = (supervisor, *learners[:2])
    assert {row[0] for row in held} == {one.person_id for one in people}
    assert office.row(1).due_on == date(2027, 1, 10)
    office.now += 2 * MINUTE
    assert _said(outbox, WEDNESDAY, GROUP_CARD) == {}
    cards = _said(outbox, tenth - HOUR, GROUP_CARD)
    assert set(cards) == {one.chat_id for one in people}
    for who in (office.worker, office.centre.coordinator):
        with pytest.raises(NotThere):
            office.do(changes.move, who, made.id, tenth, seen=3)
    office.now = tenth + MINUTE
    with pytest.raises(ChangedMeanwhile):
        office.do(changes.move, supervisor, made.id, tenth + DAY, seen=3)


def test_a_move_is_undone_with_what_everybody_had_answered(office: Office, outbox: Outbox) -> None:
    """Before anybody heard nobody hears; later all hear the old time again; ten minutes long."""
    learners, supervisor = office.centre.county.learners, office.supervisor
    outbox.send(office.now + MINUTE)
    made = _set(office)
    outbox.send(office.now + MINUTE)
    office.do(groups.answer, learners[0], made.id, comes=True)
    office.do(groups.answer, learners[2], made.id, comes=False)
    outbox.send(office.now + 2 * MINUTE)
    office.now += 3 * MINUTE
    later = WEDNESDAY + 8 * DAY
    for version, is_told in ((1, False), (3, True)):
        office.do(changes.move, supervisor, made.id, later, seen=version)
        if is_told:
            outbox.send(office.now + MINUTE)
            # Her answer to the other time is none to this.
            office.do(groups.answer, learners[0], made.id, comes=False)
            outbox.send(office.now + 2 * MINUTE)
        office.now += 3 * MINUTE
        office.do(changes.take_back, supervisor, made.id, seen=version + 1)
        heard = _said(outbox, office.now + MINUTE, GROUP)
        assert len(heard) == (3 if is_told else 0)
        assert {(one["view"].was_at, one["view"].starts_at) for one in heard.values()} == (
            {(later, WEDNESDAY)} if is_told else set()
        )
        view = office.database.read_now(words.view, made.id, supervisor.person_id, now=office.now)
        assert (view.starts_at, view.coming, view.declined) == (WEDNESDAY, ("学员1",), ("学员3",))
    with pytest.raises(ChangedMeanwhile):
        office.do(changes.take_back, supervisor, made.id, seen=5)
    office.do(changes.move, supervisor, made.id, later, seen=5)
    office.now += 11 * MINUTE
    with pytest.raises(SupervisionUndoTooLate):
        office.do(changes.take_back, supervisor, made.id, seen=6)


def test_what_nobody_heard_of_is_not_called_off_and_a_cancelled_one_names_the_known_time(
    office: Office, outbox: Outbox
) -> None:
    """An invitation moved before it went out is an invitation still."""
    supervisor, later = office.supervisor, WEDNESDAY + 8 * DAY
    outbox.send(office.now + MINUTE)
    made = _set(office)
    office.do(changes.cancel, supervisor, made.id, seen=1)
    assert _said(outbox, office.now + MINUTE, GROUP) == {}
    made = _set(office)
    office.do(changes.move, supervisor, made.id, later, seen=1)
    said = _said(outbox, office.now + MINUTE, GROUP)
    assert {(one["view"].is_moved, one["view"].starts_at) for one in said.values()} == {
        (False, later)
    }
    outbox.send(office.now + 2 * MINUTE)
    office.now += 3 * MINUTE
    office.do(changes.move, supervisor, made.id, WEDNESDAY, seen=2)
    office.do(changes.cancel, supervisor, made.id, seen=3)
    said = _said(outbox, office.now + MINUTE, GROUP)
    assert {one["view"].was_at for one in said.values()} == {later}


def test_older_messages_say_that_it_was_moved_once_the_new_time_is_told(
    office: Office, outbox: Outbox
) -> None:
    """The invitation, and the reminder of the old time; each once, however often it moves."""
    supervisor = office.supervisor
    outbox.send(office.now + MINUTE)
    made = _set(office)
    outbox.send(office.now + MINUTE)
    office.now = WEDNESDAY - HOUR / 2
    outbox.send(office.now)
    office.do(changes.move, supervisor, made.id, WEDNESDAY + HOUR * 3, seen=1)
    old = _said(outbox, office.now + MINUTE, GROUP_OLD)
    counts = {chat: len(one["message_ids"]) for chat, one in old.items()}
    # The outbox of the tests writes two parts of each.
    assert counts == {
        supervisor.chat_id: 2,
        **{one.chat_id: 4 for one in office.centre.county.learners},
    }
    assert {one["was_at"] for one in old.values()} == {WEDNESDAY}


def test_hours_and_what_is_still_to_be_written_follow_the_new_time(
    sqlite_office: Office,
) -> None:
    """The month it moved out of needs it no more; it is to be written after it was held."""
    office = sqlite_office
    made = _set(office)
    supervisor, january = office.supervisor, WEDNESDAY + 35 * DAY

    def months() -> list[int]:
        load = office.database.read_now(
            supervision_capacity.load_of,
            office.centre.coordinator,
            supervisor.person_id,
            now=office.now,
        )
        return [month.needed for month in load.months]

    def unwritten(at: datetime) -> list[int]:
        found = office.database.read_now(words.unwritten_groups, supervisor, now=at)
        return [one.group_id for one in found]

    before = months()
    office.do(changes.move, supervisor, made.id, january, seen=1)
    # In January the three would have been due each by herself.
    assert [now - was for was, now in zip(before, months(), strict=True)] == [0, -90, 90 - 3 * 90]
    assert unwritten(WEDNESDAY + DAY) == []
    assert unwritten(january + DAY) == [made.id]


def test_a_session_is_not_moved_over_another_of_anybody_in_it(office: Office) -> None:
    """Whoever has something else is named; its own time stands in nobody's way."""
    supervisor, worker = office.supervisor, office.worker
    made = _set(office)
    later = WEDNESDAY + 7 * DAY
    office.book(_pair(1), later)
    look = changes.look_at
    for act in (changes.move, look):
        seen = {} if act is look else {"seen": 1}
        with pytest.raises(GroupBusy) as busy:
            office.do(act, supervisor, made.id, later + 15 * MINUTE, **seen)
        assert busy.value.facts["names"] == "督导、学员1"
        for at, refusal in (
            (WEDNESDAY, SameMoment),
            (WEDNESDAY + 5 * MINUTE, MomentNotPossible),
            (office.now - DAY, MomentNotPossible),
        ):
            with pytest.raises(refusal):
                office.do(act, supervisor, made.id, at, **seen)
    free = office.database.read_now(changes.free_moments, supervisor, made.id, now=office.now)
    assert free
    assert all(not later <= at < later + 105 * MINUTE for at in free)
    office.do(changes.move, supervisor, made.id, WEDNESDAY + 15 * MINUTE, seen=1)
    with pytest.raises(NotThere):
        office.do(look, worker, made.id, later)
    # What was put at the old time meanwhile is not pushed aside by an undo.
    office.do(changes.move, supervisor, made.id, WEDNESDAY + 2 * DAY, seen=2)
    office.do(booking.move, supervisor, 1, WEDNESDAY, seen=1)
    with pytest.raises(OldTimeTaken) as taken:
        office.do(changes.take_back, supervisor, made.id, seen=3)
    assert taken.value.facts["names"] == "督导、学员1"
    assert office.rows(text("SELECT version FROM supervision_group")) == [(3,)]


def test_a_session_that_was_told_long_ago_is_known_though_its_word_was_pruned(
    office: Office, outbox: Outbox
) -> None:
    """Sent words go after some weeks; whoever was invited still hears that it moves."""
    outbox.send(office.now + MINUTE)
    made = _set(office)
    outbox.send(office.now + MINUTE)
    gone = text("DELETE FROM delivery WHERE kind = 'supervision_group' AND status = 'sent'")
    office.database.write_now(lambda session: session.connection().execute(_no_parts()))
    office.database.write_now(lambda session: session.connection().execute(gone))
    office.do(changes.move, office.supervisor, made.id, WEDNESDAY + DAY, seen=1)
    said = _said(outbox, office.now + MINUTE, GROUP)
    assert [one["view"].was_at for one in said.values()] == [WEDNESDAY] * 3


def _no_parts() -> Any:
    return text("DELETE FROM sent_message")


def test_of_a_move_and_a_booking_for_the_same_time_at_once_one_stands(office: Office) -> None:
    """Whichever came second is refused, and leaves nothing."""
    made = _set(office)
    later = WEDNESDAY + 7 * DAY

    def move() -> None:
        try:
            office.do(changes.move, office.supervisor, made.id, later, seen=1)
        except GroupBusy as busy:
            raise SlotTaken from busy

    def alone() -> Any:
        return office.do(booking.book, office.worker, 1, later)

    assert at_once(move, alone) == ["done", "slot_taken"]
    booked = office.rows(text("SELECT count(*) FROM supervision_booking"))
    moved = office.rows(text("SELECT count(*) FROM supervision_group WHERE moves = 1"))
    assert booked[0][0] + moved[0][0] == 1
