"""今日待办: what the weekly study and questions hand in, and to whom; looked for once a day."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlmodel import select

from curriculum import (
    facilitators,
    gathering_minutes,
    questions,
    todo,
    urgent_questions,
    weekly_rooms,
    weekly_series,
)
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.todo_items import SOON, TODAY, WHEN_POSSIBLE, Item
from storage.engine import Database
from storage.questions import Question
from tests.county import BOT
from tests.curriculum.centre import found
from tests.curriculum.outbox import Outbox
from tests.curriculum.test_rooms import LINKS, Split, _announce, _large
from tests.curriculum.test_weekly_study import DAY, FRIDAY, HOUR, TUESDAY, Weekly

MORNING = TUESDAY + 19 * HOUR  # Wednesday, nine o'clock


@pytest.fixture
def weekly(sqlite_database: Database, tmp_path: Path) -> Weekly:
    """Three learners and a series on Fridays at three."""
    return Weekly(sqlite_database, sqlite_database.write_now(found, tmp_path, now=TUESDAY))


def _kinds(weekly: Weekly, who: Speaker, now: object) -> list[tuple[str, str]]:
    items: tuple[Item, ...] = weekly.do(todo.of, who, now=now).items  # type: ignore[arg-type]
    return [(one.kind, one.object_id) for one in items]


def test_a_turn_that_nobody_took_on_waits_for_the_nearest_coordinators(weekly: Weekly) -> None:
    """From three days before; for no other role; gone when it is confirmed."""
    centre, first = weekly.centre, str(weekly.sessions()[0].id)
    assert _kinds(weekly, centre.coordinator, FRIDAY - 4 * DAY) == []
    near = FRIDAY - 2 * DAY
    for who in (centre.coordinator, centre.colleague):
        assert _kinds(weekly, who, near) == [("confirm_turn", first)]
    others = (centre.of_station, centre.supervisor, centre.observer, centre.administrator)
    for who in (*others, *centre.county.learners):
        assert _kinds(weekly, who, near) == []
    (item,) = weekly.do(todo.of, centre.coordinator, now=FRIDAY - DAY).items
    assert item.rank == TODAY
    weekly.do(facilitators.confirm, centre.county.learners[0], int(first), now=near)
    assert _kinds(weekly, centre.coordinator, near) == []


def test_minutes_wait_from_the_sessions_end_until_they_are_written(weekly: Weekly) -> None:
    """For whoever led it and the nearest coordinators; five working days past the nudge at most."""
    centre, first = weekly.centre, weekly.sessions()[0].id or 0
    leader = centre.county.learners[0]
    weekly.do(facilitators.confirm, leader, first, now=TUESDAY)
    assert _kinds(weekly, centre.coordinator, FRIDAY + HOUR / 2) == []
    ended = FRIDAY + HOUR
    assert _kinds(weekly, centre.coordinator, ended) == [("write_minutes", str(first))]
    assert _kinds(weekly, leader, ended) == [("write_minutes", str(first))]
    assert _kinds(weekly, centre.county.learners[1], ended) == []
    # Nudged on Tuesday, the first of December; the fifth working day after it is the eighth.
    for who in (leader, centre.coordinator):
        assert ("write_minutes", str(first)) in _kinds(weekly, who, FRIDAY + 11 * DAY)
        assert ("write_minutes", str(first)) not in _kinds(weekly, who, FRIDAY + 12 * DAY)
    line = weekly.do(weekly_series.line, centre.coordinator, first, now=FRIDAY + 12 * DAY)
    assert line.minutes_missing
    weekly.do(gathering_minutes.write, leader, first, {"point": ["先听"]}, now=ended)
    assert _kinds(weekly, centre.coordinator, ended) == []


def test_rooms_are_proposed_once_and_their_minutes_are_one_line(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """On the morning on which the cohort is first seen to be large; not on the next."""
    split = Split(sqlite_database, sqlite_database.write_now(_large, tmp_path))
    coordinator, first = split.centre.coordinator, str(split.first().id)
    assert ("split_rooms", first) not in _kinds(split, coordinator, MORNING)
    sqlite_database.write_now(todo.owe, bot=BOT, now=MORNING)
    assert ("split_rooms", first) in _kinds(split, coordinator, MORNING)
    assert ("split_rooms", first) not in _kinds(split, split.centre.supervisor, MORNING)
    (item,) = [
        one
        for one in split.do(todo.of, coordinator, now=MORNING).items
        if one.kind == "split_rooms"
    ]
    assert (item.count, item.rank) == (33, WHEN_POSSIBLE)
    sqlite_database.write_now(todo.owe, bot=BOT, now=MORNING + DAY)
    assert ("split_rooms", first) not in _kinds(split, coordinator, MORNING + DAY)
    one, two = split.split(now=MORNING)
    (turns,) = split.do(todo.of, coordinator, now=MORNING).items
    assert (turns.kind, turns.count) == ("confirm_turn", 2)
    (minutes,) = split.do(todo.of, coordinator, now=FRIDAY + HOUR).items
    assert (minutes.kind, minutes.object_id, minutes.count) == ("write_minutes", str(one), 2)
    leader = split.speaker(split.rooms()[1].facilitator_id or 0)
    assert _kinds(split, leader, FRIDAY + HOUR) == [("write_minutes", str(two))]


@pytest.mark.parametrize("kind", ["monthly_topic", "quarterly_share"])
def test_rooms_are_proposed_for_one_large_session_a_week_before(
    sqlite_database: Database, tmp_path: Path, kind: str
) -> None:
    """On one working morning, to the nearest coordinators; not once it meets in rooms."""
    split = Split(sqlite_database, sqlite_database.write_now(_large, tmp_path))
    whole, coordinator = _announce(split, kind), split.centre.coordinator
    line = ("split_rooms", str(whole.id))
    # The session is on Thursday in a week; on Wednesday it is announced already.
    days = [MORNING + n * DAY for n in range(9)]
    assert [line in _kinds(split, coordinator, day) for day in days] == [
        day == MORNING + DAY for day in days
    ]
    (item,) = split.do(todo.of, coordinator, now=MORNING + DAY).items[-1:]
    assert (item.kind, item.count, item.due_on) == ("split_rooms", 33, date(2026, 12, 3))
    assert line not in _kinds(split, split.centre.of_station, MORNING + DAY)
    split.database.write_now(
        weekly_rooms.split,
        coordinator,
        whole.id or 0,
        2,
        places=LINKS,
        is_whole=False,
        seen=whole.version,
        now=MORNING,
    )
    assert line not in _kinds(split, coordinator, MORNING + DAY)


def test_the_morning_is_looked_at_once(weekly: Weekly) -> None:
    """A working day's first minute from nine on; what comes up later is in the next morning's."""
    write = weekly.database.write_now
    assert write(todo.owe, bot=BOT, now=MORNING - HOUR) == 0
    assert write(todo.owe, bot=BOT, now=MORNING) == 2
    assert write(todo.owe, bot=BOT, now=MORNING + HOUR) == 0
    asker = weekly.centre.county.learners[1]
    asked = write(questions.add, asker, "怎么开口", now=MORNING + 2 * HOUR)
    write(questions.set_urgent, asker, asked.question_id, is_urgent=True, now=MORNING + 2 * HOUR)
    asked_of_it: list[str] = []

    def note(*said: object) -> None:
        asked_of_it.append(str(said[2]))

    event.listen(weekly.database.engine, "before_cursor_execute", note)
    assert write(todo.owe, bot=BOT, now=MORNING + 3 * HOUR) == 0
    event.remove(weekly.database.engine, "before_cursor_execute", note)
    assert len([one for one in asked_of_it if not one.startswith("BEGIN")]) == 1
    assert write(todo.owe, bot=BOT, now=MORNING + DAY) == 3
    saturday = MORNING + 3 * DAY
    assert write(todo.owe, bot=BOT, now=saturday) == 0


def test_a_supervisor_has_one_line_for_all_that_waits(weekly: Weekly) -> None:
    """Urgent ones make it today's; a coordinator sees only an urgent one that is her turn."""
    centre, write = weekly.centre, weekly.database.write_now
    for number, who in enumerate(centre.county.learners):
        write(questions.add, who, f"问题{number}", now=MORNING)
    assert _kinds(weekly, centre.supervisor, MORNING) == [], "they can wait for the topic"
    near = weekly.database.read_now(
        lambda session: min(one.answer_by for one in session.exec(select(Question)))
    )
    waits = (near - date(2026, 11, 25)).days
    assert waits > 3
    (line,) = weekly.do(todo.of, centre.supervisor, now=MORNING + (waits - 2) * DAY).items
    assert (line.kind, line.count, line.rank) == ("waiting_questions", 3, SOON)
    asked = write(questions.add, centre.county.learners[0], "急的", now=MORNING)
    urgent = write(
        questions.set_urgent,
        centre.county.learners[0],
        asked.question_id,
        is_urgent=True,
        now=MORNING,
    )
    (line,) = weekly.do(todo.of, centre.supervisor, now=MORNING).items
    assert (line.count, line.rank, line.due_on) == (4, TODAY, urgent.answer_by)
    assert "waiting_questions" not in dict(_kinds(weekly, centre.coordinator, MORNING))
    for who in (centre.administrator, centre.observer, centre.county.learners[1]):
        assert _kinds(weekly, who, MORNING) == []


def test_several_urgent_questions_of_a_day_are_one_message(
    database: Database, tmp_path: Path
) -> None:
    """Told at once of the first; the others join it without a sound; the next day begins anew."""
    centre = database.write_now(found, tmp_path, now=TUESDAY)
    outbox, asker = Outbox(database), centre.county.learners[0]

    def ask(now: object) -> int:
        asked = database.write_now(questions.add, asker, "怎么开口", now=now)
        database.write_now(questions.set_urgent, asker, asked.question_id, is_urgent=True, now=now)
        return int(asked.question_id)

    def said(now: object) -> list[tuple[str, int, bool]]:
        kinds = (urgent_questions.KIND, urgent_questions.JOINED)
        verdicts = outbox.ask(now, kinds=kinds)  # type: ignore[arg-type]
        return [
            (one.kind, one.values["count"], one.values["message_id"] is not None)
            for one in verdicts
            if isinstance(one, Facts)
        ]

    # Two before anything was sent are one message; nothing is left for the second.
    ask(MORNING)
    ask(MORNING)
    weekly_rows = outbox.send(MORNING + timedelta(seconds=1))
    kinds = [row.kind for row in weekly_rows]
    assert kinds.count(urgent_questions.KIND) == 1
    ask(MORNING + HOUR)
    assert said(MORNING + 2 * HOUR) == [(urgent_questions.JOINED, 3, True)]
    ask(MORNING + DAY)
    assert (urgent_questions.KIND, 1, False) in said(MORNING + DAY + HOUR)
