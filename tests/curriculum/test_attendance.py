"""Attendance: the window of 我来了, apologies, the roll and its corrections, reading up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from curriculum import attendance, gathering_minutes, gathering_roll, gatherings, records
from curriculum.errors import ChangedMeanwhile, NotThere, TooEarly, UndoTooLate
from curriculum.gathering_errors import MinutesWritten, SessionOver
from curriculum.people import Speaker
from curriculum.question_errors import QuestionEmpty
from storage.engine import Database
from storage.questions import Question
from tests.curriculum.centre import Centre, found

TUESDAY = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
STARTS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


class Room:
    """A session led by the first learner, and what people do about it."""

    def __init__(self, database: Database, centre: Centre) -> None:
        self.database, self.centre = database, centre
        self.leader, self.learner, self.other = centre.county.learners
        self.id = database.write_now(
            gatherings.announce,
            centre.coordinator,
            kind="quarterly_share",
            cohort_id=centre.county.cohort.id or 0,
            title="分享",
            starts_at=STARTS,
            minutes=90,
            place="https://meeting.example/1",
            facilitator_id=self.leader.person_id,
            now=TUESDAY,
        )

    def do(self, act: Callable[..., Any], speaker: Speaker, *args: Any, **facts: Any) -> Any:
        return self.database.write_now(act, speaker, self.id, *args, **facts)

    def standing(self, speaker: Speaker) -> tuple[int, str] | None:
        return self.database.read_now(
            records.standing,
            person_id=speaker.person_id,
            study="quarterly_share",
            occasion=f"{self.centre.county.cohort.id}:2026-11-27",
        )

    def questions(self) -> list[tuple[str, str]]:
        return self.database.read_now(
            lambda session: [
                (row.text, row.state) for row in session.exec(select(Question).order_by("id"))
            ]
        )

    def totals(self, speaker: Speaker) -> dict[str, tuple[int, int]]:
        return self.database.read_now(records.own_totals, speaker.person_id)


@pytest.fixture
def room(database: Database, tmp_path: Path) -> Room:
    """A room to come to."""
    return Room(database, database.write_now(found, tmp_path, now=TUESDAY))


def test_a_tap_counts_in_its_window_and_waits_for_the_roll_after_it(room: Room) -> None:
    """Ten minutes before the start until fifteen after it; a later one is no refusal."""
    outcomes = [
        room.do(attendance.sign_in, room.learner, now=STARTS + minutes * MINUTE).outcome
        for minutes in (-11, -10, 3)
    ]
    assert outcomes == ["early", "recorded", "before"]
    assert room.standing(room.learner) == (90, "signed_in")
    late = room.do(attendance.sign_in, room.other, now=STARTS + 16 * MINUTE)
    assert (late.outcome, room.standing(room.other)) == ("late", None)
    with pytest.raises(SessionOver):
        room.do(attendance.sign_in, room.other, now=STARTS + 8 * DAY)
    with pytest.raises(NotThere):
        room.do(attendance.sign_in, room.centre.coordinator, now=STARTS)


def test_who_leads_and_signs_in_late_settles_that_herself(room: Room) -> None:
    """Recorded as her own word, marked on the roll that her coordinator sees; nobody else's is."""
    late, leader = STARTS + 20 * MINUTE, room.leader.person_id
    assert room.do(attendance.sign_in, room.other, now=late).outcome == "late"
    signed = room.do(attendance.sign_in, room.leader, now=late)
    assert (signed.outcome, room.standing(room.leader)) == ("recorded", (90, "signed_in"))
    seen = room.do(attendance.roll, room.centre.coordinator, now=late)
    assert seen.late == {leader}
    # A tap on her own name says no more than her own word does.
    for _ in range(2):
        room.do(attendance.tick, room.leader, leader, now=late + MINUTE)
    assert room.standing(room.leader) == (90, "signed_in")


def test_what_a_coordinator_says_of_who_leads_is_hers_to_settle(room: Room) -> None:
    """Called absent, she can say that she came; neither that nor her own roll counts it."""
    late, leader = STARTS + 20 * MINUTE, room.leader.person_id
    chief = room.centre.coordinator
    for _ in range(2):
        room.do(attendance.tick, chief, leader, now=late)
    for _ in range(2):
        signed = room.do(attendance.sign_in, room.leader, now=late + MINUTE)
        room.do(attendance.tick, room.leader, leader, now=late + MINUTE)
        assert (signed.outcome, room.standing(room.leader)) == ("led_late", (0, "annulled"))
    room.do(attendance.tick, chief, leader, now=late + HOUR)
    assert room.standing(room.leader) == (90, "roll_call")


def test_apologies_come_beforehand_and_can_be_taken_back(room: Room) -> None:
    """One of a few reasons or none; not once it has begun, and coming after all is fine."""
    room.do(attendance.apologise, room.learner, reason="field_visit", now=TUESDAY)
    (line,) = (
        one
        for one in room.do(attendance.roll, room.leader, now=STARTS).lines
        if one.person_id == room.learner.person_id
    )
    assert (line.state, line.reason) == ("apology", "field_visit")
    room.do(attendance.come_after_all, room.learner, now=TUESDAY + HOUR)
    with pytest.raises(NotThere):
        room.do(attendance.apologise, room.learner, reason="病了", now=TUESDAY)
    with pytest.raises(SessionOver):
        room.do(attendance.apologise, room.learner, reason="unsaid", now=STARTS)
    assert room.do(attendance.sign_in, room.learner, now=STARTS).outcome == "recorded"


def test_the_roll_is_the_facilitators_and_every_correction_a_new_row(room: Room) -> None:
    """Here, not here after all, here again: three rows, one of them in force."""
    learner = room.learner.person_id
    with pytest.raises(TooEarly):
        room.do(attendance.tick, room.leader, learner, now=STARTS - HOUR)
    with pytest.raises(NotThere):
        room.do(attendance.tick, room.other, learner, now=STARTS)
    with pytest.raises(NotThere):
        room.do(attendance.tick, room.leader, room.centre.coordinator.person_id, now=STARTS)
    seen = []
    for minute in (1, 2, 3):
        room.do(attendance.tick, room.leader, learner, now=STARTS + minute * MINUTE)
        seen.append((room.standing(room.learner), room.totals(room.learner)))
    share = {"quarterly_share": (1, 90)}
    assert seen == [
        ((90, "roll_call"), share),
        ((0, "annulled"), {}),
        ((90, "roll_call"), share),
    ]
    # Who was called absent and says she came is for the facilitator to settle.
    room.do(attendance.tick, room.leader, learner, now=STARTS + 4 * MINUTE)
    again = room.do(attendance.sign_in, room.learner, now=STARTS + 5 * MINUTE)
    assert again.outcome == "late"


def test_a_coordinator_enters_late_what_the_facilitator_no_longer_can(room: Room) -> None:
    """After a week the roll is the coordinator's alone."""
    late, learner = STARTS + 8 * DAY, room.learner.person_id
    with pytest.raises(SessionOver):
        room.do(attendance.tick, room.leader, learner, now=late)
    room.do(attendance.tick, room.centre.coordinator, learner, now=late)
    assert room.standing(room.learner) == (90, "roll_call")


def test_a_session_cancelled_after_somebody_signed_in_leaves_no_record(room: Room) -> None:
    """Cancelled never counts."""
    room.do(attendance.sign_in, room.learner, now=STARTS - 5 * MINUTE)
    room.do(
        attendance.call_off,
        room.centre.coordinator,
        reason="weather",
        seen=None,
        now=STARTS - MINUTE,
    )
    assert room.totals(room.learner) == {}
    assert room.do(attendance.sign_in, room.learner, now=STARTS).outcome == "not_on"


def test_a_cancelling_taken_back_gives_early_comers_their_record_back(room: Room) -> None:
    """They had signed in before a slip cancelled it."""
    room.do(attendance.sign_in, room.learner, now=STARTS - 5 * MINUTE)
    recorded, coordinator = room.totals(room.learner), room.centre.coordinator
    cancelled = room.do(
        attendance.call_off, coordinator, reason="weather", seen=None, now=STARTS - MINUTE
    )
    room.do(attendance.call_on, coordinator, seen=cancelled.version, now=STARTS - MINUTE / 2)
    assert room.totals(room.learner) == recorded != {}


def test_a_pasted_list_enters_who_is_on_the_roster(room: Room) -> None:
    """Imported is its own evidence and replaces none that is stronger by itself."""
    room.do(attendance.sign_in, room.learner, now=STARTS)
    matched = room.do(
        gathering_roll.match, room.leader, "1. 学员2\n2. 学员3 晚到", now=STARTS + HOUR
    )
    entered = room.do(gathering_roll.enter, room.leader, list(matched.sure), now=STARTS + HOUR)
    assert (entered.named, entered.fresh) == (2, 1)
    assert room.standing(room.learner) == (90, "signed_in")
    assert room.standing(room.other) == (90, "imported")
    with pytest.raises(NotThere):
        room.do(
            gathering_roll.enter,
            room.leader,
            [room.centre.coordinator.person_id],
            now=STARTS + HOUR,
        )


def test_minutes_are_taken_back_within_ten_minutes_with_their_questions(room: Room) -> None:
    """They went to everybody: a slip can be undone, and written anew; afterwards it stands."""
    lines = {"point": ["先听"], "question": ["怎么劝"]}
    written = STARTS + HOUR
    with pytest.raises(NotThere):
        room.do(gathering_minutes.take_back, room.leader, now=written)
    room.do(gathering_minutes.write, room.leader, lines, now=written)
    with pytest.raises(NotThere):
        room.do(gathering_minutes.take_back, room.other, now=written)
    taken = room.do(gathering_minutes.take_back, room.leader, now=written + 9 * MINUTE)
    assert taken == {"point": ["先听"], "decision": [], "question": ["怎么劝"]}
    assert room.questions() == [("怎么劝", "declined")]
    with pytest.raises(NotThere):
        room.do(gathering_minutes.take_back, room.leader, now=written + 9 * MINUTE)

    room.do(gathering_minutes.write, room.leader, lines, now=written + 9 * MINUTE)
    assert room.questions() == [("怎么劝", "declined"), ("怎么劝", "new")]
    with pytest.raises(MinutesWritten):
        room.do(gathering_minutes.write, room.leader, lines, now=written + 9 * MINUTE)
    with pytest.raises(UndoTooLate):
        room.do(gathering_minutes.take_back, room.leader, now=written + 20 * MINUTE)


def test_who_could_not_come_reads_the_minutes_and_answers_within_a_week(room: Room) -> None:
    """Recorded as reading up, never as attendance; who was there has nothing to make up."""
    with pytest.raises(TooEarly):
        room.do(gathering_minutes.write, room.leader, {"point": ["先听"]}, now=STARTS - HOUR)
    with pytest.raises(NotThere):
        room.do(gathering_minutes.write, room.other, {"point": ["先听"]}, now=STARTS + HOUR)
    with pytest.raises(QuestionEmpty):
        room.do(gathering_minutes.write, room.leader, {}, now=STARTS + HOUR)
    room.do(attendance.sign_in, room.learner, now=STARTS)
    lines = {"point": ["先听"], "question": ["怎么劝"]}
    assert room.do(gathering_minutes.write, room.leader, lines, now=STARTS + HOUR) == 3
    with pytest.raises(ChangedMeanwhile):
        room.do(gathering_minutes.write, room.leader, lines, now=STARTS + HOUR)
    with pytest.raises(SessionOver):
        room.do(attendance.make_up, room.learner, 1, now=STARTS + DAY)
    with pytest.raises(NotThere):
        room.do(attendance.make_up, room.other, 999, now=STARTS + DAY)
    with pytest.raises(SessionOver):
        room.do(attendance.make_up, room.other, 1, now=STARTS + 8 * DAY)
    assert room.do(attendance.make_up, room.other, 1, now=STARTS + DAY) == 10
    assert room.standing(room.other) == (10, "made_up")
    # She was there after all: the minutes are those of the session then.
    room.do(attendance.tick, room.leader, room.other.person_id, now=STARTS + DAY)
    assert room.standing(room.other) == (90, "roll_call")
