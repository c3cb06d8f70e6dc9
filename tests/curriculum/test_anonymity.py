"""Anonymous stays anonymous: nothing that others are given tells who asked, or where she works."""

import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

import curriculum
from curriculum import (
    answer_feedback,
    answering,
    question_news,
    questions,
    similar_questions,
    urgent_questions,
    waiting_questions,
)
from curriculum.errors import Refusal
from curriculum.people import Speaker
from curriculum.question_shelf import Similar
from scheduler import asking
from storage.engine import Database
from tests.curriculum.centre import Centre, found
from tests.curriculum.outbox import claim

NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
LATER = NOON + timedelta(hours=2)
NAME, UNIT = "学员3", "鲁朗镇社工站"
Reading = Callable[[Session, Speaker, int], Any]


def _deliveries(session: Session, speaker: Speaker, question_id: int) -> Any:
    """Everything that is due to this reader, as it would be worded."""
    del question_id
    rows = claim(session, LATER)
    verdicts = asking.ask(session, rows, now=LATER).verdicts
    session.rollback()
    return [verdicts[row.id] for row in rows if row.person_id == speaker.person_id]


# Every way in which somebody else may be given something of a question.
READINGS: dict[str, Reading] = {
    "waiting": lambda s, who, _: waiting_questions.waiting(s, who, page=0, now=LATER),
    "view": lambda s, who, i: waiting_questions.view(s, who, i, now=LATER),
    "own_page": lambda s, who, _: questions.own_page(s, who, page=0),
    "own_view": questions.own_view,
    "own": lambda s, who, _: questions.own(s, who),
    "own_open": questions.own_open,
    "offers": lambda s, who, i: similar_questions.offers(s, who, [Similar(i, 1.0)]),
    "read": similar_questions.read,
    "answered": lambda s, who, _: similar_questions.answered(s, who, page=0),
    "answer": lambda s, who, i: answering.answer(s, who, i, "话", now=LATER),
    "decline": lambda s, who, i: answering.decline(s, who, i, "话", now=LATER),
    "to_supervision": lambda s, who, i: answering.to_supervision(s, who, i, now=LATER),
    "take_back": lambda s, who, i: answering.take_back(s, who, i, now=LATER),
    "vote": lambda s, who, i: answer_feedback.vote(s, who, i, now=LATER),
    "say": lambda s, who, i: answer_feedback.say(s, who, i, helped=False, now=LATER),
    "deliveries": _deliveries,
}
# What gives nothing of a question to anybody, or to its asker alone.
SILENT = {
    "readable", "readable_context", "readable_answer", "add", "set_anonymous", "set_urgent",
    "set_context", "root_of", "rows_since", "keep", "to_read", "within_reach", "tell", "facts",
    "give_turn", "move_on", "in_order", "leave_out",
}  # fmt: skip
MODULES = (
    questions, waiting_questions, answering, answer_feedback, question_news, similar_questions,
    urgent_questions,
)  # fmt: skip


@pytest.fixture
def centre(database: Database, tmp_path: Path, start: datetime) -> Centre:
    """A centre with everybody in it."""
    return database.write_now(found, tmp_path, now=start)


def _asked(database: Database, centre: Centre, *, is_answered: bool) -> int:
    """An anonymous, urgent question of the third learner, voted for by the first."""
    asker, voter = centre.county.learners[2], centre.county.learners[0]

    def ask(session: Session) -> int:
        asked = questions.add(session, asker, "怎么开口", is_anonymous=True, now=NOON)
        questions.set_context(session, asker, asked.question_id, "独居", now=NOON)
        questions.set_urgent(session, asker, asked.question_id, is_urgent=True, now=NOON)
        answer_feedback.vote(session, voter, asked.question_id, now=NOON)
        if is_answered:
            answering.answer(session, centre.colleague, asked.question_id, "先问好", now=NOON)
        return asked.question_id

    return database.write_now(ask)


@pytest.mark.parametrize("is_answered", [False, True])
def test_nothing_that_others_are_given_tells_who_asked(
    database: Database, centre: Centre, is_answered: bool
) -> None:
    """Every reading by every reader: neither her name nor her station, nor her number."""
    question_id = _asked(database, centre, is_answered=is_answered)
    asker = centre.county.learners[2]
    readers = [
        *centre.county.learners[:2],
        centre.supervisor,
        centre.coordinator,
        centre.colleague,
        centre.of_station,
        centre.administrator,
        centre.observer,
    ]
    given = 0
    for name, reading in READINGS.items():
        for reader in readers:

            def look(session: Session, reading: Reading = reading, reader: Speaker = reader) -> Any:
                try:
                    return repr(reading(session, reader, question_id))
                except Refusal:
                    return ""
                finally:
                    session.rollback()

            shown = database.write_now(look)
            given += "怎么开口" in shown
            assert NAME not in shown, (name, reader.name)
            assert UNIT not in shown, (name, reader.name)
            assert f"asker_id={asker.person_id}" not in shown, (name, reader.name)
    assert given >= 5


def test_a_name_that_was_given_can_still_be_hidden_for_ten_minutes(
    database: Database, centre: Centre
) -> None:
    """Until then whoever answers reads the station only; afterwards the name, unless hidden."""
    asker = centre.county.learners[2]
    asked = database.write_now(questions.add, asker, "怎么开口", now=NOON)

    def line(now: datetime) -> tuple[str, str]:
        view = database.read_now(
            waiting_questions.view, centre.supervisor, asked.question_id, now=now
        )
        return view.line.asker_name, view.line.unit_name

    assert line(NOON + timedelta(minutes=9)) == ("", UNIT)
    assert line(LATER) == (NAME, UNIT)
    database.write_now(
        questions.set_anonymous, asker, asked.question_id, is_anonymous=True, now=LATER
    )
    assert line(LATER) == ("", "")


def test_every_function_that_may_show_a_question_is_in_the_matrix() -> None:
    """A new one must be named here, and a new module that knows askers too."""
    for module in MODULES:
        public = {
            name
            for name, value in inspect.getmembers(module, inspect.isfunction)
            if value.__module__ == module.__name__ and not name.startswith("_")
        }
        assert public <= READINGS.keys() | SILENT, (module.__name__, public)
    knowing = {
        path.stem
        for path in Path(curriculum.__path__[0]).glob("*.py")
        if re.search(r"\basker_(id|name)\b", path.read_text(encoding="utf-8"))
    }
    assert knowing <= {module.__name__.rpartition(".")[2] for module in MODULES} | {
        # The voice of an anonymous question is played to nobody but its asker.
        "question_voices",
        # Numbers of people, never who: test_monthly_topic.test_a_topics_page_names_nobody.
        "topic_page",
        "topic_grouping",
        "topic_notes",
        # What is kept of her, for her own copy, and what of it is erased.
        "gathering_data",
        "question_data",
        "topic_data",
        # Her own question, or her own words under an answer, to herself alone.
        "topic_answers",
        "story_library",
    }
