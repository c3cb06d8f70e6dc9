"""Questions workers ask: kept from the first day on, so that a topic can be built from them."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum.clean_text import clean
from curriculum.errors import QuestionEmpty, QuestionTooLong
from curriculum.people import Speaker
from storage import audit, questions
from storage.questions import Question

QUESTION_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was stored."""

    question_id: int
    count: int


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A line of "my questions"."""

    text: str
    state: str
    asked_at: datetime


def readable(text: str) -> str:
    """A question as it is stored; raises QuestionEmpty or QuestionTooLong."""
    words = clean(text).strip()
    if not words:
        raise QuestionEmpty
    if len(words) > QUESTION_LIMIT:
        raise QuestionTooLong(limit=QUESTION_LIMIT, length=len(words))
    return words


def add(
    session: Session, speaker: Speaker, text: str, *, lesson_id: int | None = None, now: datetime
) -> Asked:
    """Store a question; raises QuestionEmpty or QuestionTooLong and stores nothing then."""
    speaker.require("ask")
    words = readable(text)
    question = Question(
        asker_id=speaker.person_id,
        unit_id=speaker.unit_id,
        lesson_id=lesson_id,
        text=words,
        asked_at=now,
    )
    session.add(question)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="ask",
        object_kind="question",
        object_id=question.id,
    )
    return Asked(question.id or 0, questions.count_by(session, speaker.person_id))


def own(session: Session, speaker: Speaker, *, limit: int = 5) -> list[OwnQuestion]:
    """A person's latest questions, for her eyes only."""
    return [
        OwnQuestion(row.text, row.state, row.asked_at)
        for row in questions.latest_by(session, speaker.person_id, limit=limit)
    ]
