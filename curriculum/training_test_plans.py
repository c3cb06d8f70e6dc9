"""The test of a training in its arranger's hands: choosing the questions, and what it came to.

Up to ten lessons' check questions are asked. Nobody sees what one person chose, and the means are
shown only when no more answers can come, from five people up.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.training_errors import TrainingTestSettled, TrainingTestTooLong
from curriculum.training_events import to_arrange, write_down
from curriculum.training_feedback import SHOWN_FROM, closes_at
from curriculum.training_tests import AFTER, BEFORE, span, words_of
from storage import training_tests as stored
from storage.lessons import Lesson, LessonContent
from storage.training_tests import TrainingQuestion
from storage.trainings import CANCELLED, TrainingEvent

MOST = 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """One question of a test, for whoever arranges it."""

    version_id: int
    title: str
    question: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A test as whoever arranges it sees it; means None while open or where too few took both."""

    event_id: int
    title: str
    questions: tuple[Chosen, ...]
    can_change: bool
    is_open: bool
    took_both: int
    before: float | None
    after: float | None


def plan(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> Plan:
    """The questions and, once it is closed, the means; raises NotThere."""
    event = to_arrange(session, speaker, event_id, lock=False)
    return plan_of(session, event, now=now)


def plan_of(session: Session, event: TrainingEvent, *, now: datetime) -> Plan:
    """`plan` of a training at hand."""
    event_id = event.id or 0
    rows = stored.questions(session, event_id)
    words = words_of(session, [row.version_id for row in rows])
    is_open = now < closes_at(event)
    both = [] if is_open else _both(session, event_id, len(rows))
    is_shown = len(both) >= SHOWN_FROM
    return Plan(
        event_id=event_id,
        title=event.title,
        questions=tuple(Chosen(row.version_id, *_named(words.get(row.version_id))) for row in rows),
        can_change=_can_change(session, event, now=now),
        is_open=is_open,
        took_both=len(both) if is_shown else 0,
        before=sum(one for one, _ in both) / len(both) if is_shown else None,
        after=sum(one for _, one in both) / len(both) if is_shown else None,
    )


def _both(session: Session, event_id: int, places: int) -> list[tuple[int, int]]:
    """(right before, right after) of everybody who answered all of both parts."""
    found = stored.right_by_person(session, event_id)
    whole = {who: right for who, (count, right) in found.items() if count == places}
    return [
        (right, whole[(person_id, AFTER)])
        for (person_id, part), right in whole.items()
        if part == BEFORE and (person_id, AFTER) in whole
    ]


def _named(content: LessonContent | None) -> tuple[str, str]:
    return (content.title, str(content.question["text"])) if content else ("", "")


def _can_change(session: Session, event: TrainingEvent, *, now: datetime) -> bool:
    is_ahead = event.state != CANCELLED and now < span(event, BEFORE)[0]
    return is_ahead and not stored.is_any(session, event.id or 0)


def _to_change(
    session: Session, speaker: Speaker, event_id: int, *, now: datetime
) -> TrainingEvent:
    event = to_arrange(session, speaker, event_id)
    if not _can_change(session, event, now=now):
        raise TrainingTestSettled
    return event


def add(
    session: Session, speaker: Speaker, event_id: int, lesson_id: int, *, now: datetime
) -> Plan:
    """Ask a lesson's question too; twice is once.

    Raises NotThere, TrainingTestSettled, TrainingTestTooLong.
    """
    event = _to_change(session, speaker, event_id, now=now)
    speaker.require("read_library")
    lesson = session.get(Lesson, lesson_id)
    version_id = lesson.current_version_id if lesson is not None else None
    if version_id is None or lesson is None or lesson.is_withdrawn:
        raise NotThere
    rows = stored.questions(session, event_id)
    if version_id not in {row.version_id for row in rows}:
        if len(rows) >= MOST:
            raise TrainingTestTooLong(limit=MOST)
        place = max((row.place for row in rows), default=0) + 1
        session.add(TrainingQuestion(event_id=event_id, version_id=version_id, place=place))
        session.flush()
        _note(session, speaker, event, "add_test_question", version_id, now=now)
    return plan_of(session, event, now=now)


def drop(
    session: Session, speaker: Speaker, event_id: int, version_id: int, *, now: datetime
) -> Plan:
    """Ask it no more; raises NotThere, TrainingTestSettled."""
    event = _to_change(session, speaker, event_id, now=now)
    row = session.get(TrainingQuestion, (event_id, version_id))
    if row is None:
        raise NotThere
    session.delete(row)
    session.flush()
    _note(session, speaker, event, "drop_test_question", version_id, now=now)
    return plan_of(session, event, now=now)


def _note(
    session: Session,
    speaker: Speaker,
    event: TrainingEvent,
    action: str,
    version_id: int,
    *,
    now: datetime,
) -> None:
    write_down(
        session, event, action, actor_id=speaker.person_id, now=now, lesson_version=version_id
    )
