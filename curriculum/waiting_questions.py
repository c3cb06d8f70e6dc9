"""待答提问: which questions wait for an answer, as those who may answer read them.

Whoever answers sees a question's asker only where she gave her name and some minutes have passed
in which she could still hide it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.second_thoughts import UNDO
from storage import questions
from storage.questions import OPEN_STATES, TO_SUPERVISION, URGENT, Question, Waiting

RIGHT, SUPERVISED = "answer_questions", "see_workers"
ON_A_PAGE = 5
# Fewer than that are said as "a few" (EXPERIENCE section 9).
COUNTED_FROM = 5
DEALT_WITH = (*OPEN_STATES, TO_SUPERVISION)


@dataclass(frozen=True, slots=True)
class Line:
    """One waiting question as whoever answers reads it; names are "" where they are hidden.

    `votes` is None below five: a few.
    """

    question_id: int
    text: str
    context: str
    state: str
    unit_name: str
    asker_name: str
    is_anonymous: bool
    is_urgent: bool
    asked_at: datetime
    answer_by: date | None
    votes: int | None
    has_votes: bool
    has_voice: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page of questions that wait, counted from 0."""

    lines: tuple[Line, ...]
    page: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True)
class View:
    """One question to be answered, with an earlier answer that did not help enough."""

    line: Line
    earlier: str
    is_open: bool


def waiting(session: Session, speaker: Speaker, *, page: int, now: datetime) -> Page:
    """One page of 待答提问: urgent ones first, then the oldest; raises NotThere."""
    speaker.require(RIGHT)
    paths = speaker.reach(RIGHT)
    # What was taken to supervision is read by supervisors alone.
    states = DEALT_WITH if speaker.may(SUPERVISED) else OPEN_STATES
    count = questions.count_waiting(session, paths, states=states)
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(page, pages - 1)
    rows = questions.waiting(
        session, paths, limit=ON_A_PAGE, offset=page * ON_A_PAGE, states=states
    )
    return Page(tuple(_line(row, now=now) for row in rows), page, pages, count)


def view(session: Session, speaker: Speaker, question_id: int, *, now: datetime) -> View:
    """One question of her units; raises NotThere."""
    to_read(speaker, questions.find(session, question_id))
    row = questions.one_waiting(session, question_id)
    if row is None:
        raise NotThere
    earlier = questions.answer_of(session, question_id)
    return View(
        _line(row, now=now),
        earlier.text if earlier else "",
        row.question.state in DEALT_WITH,
    )


def _line(row: Waiting, *, now: datetime) -> Line:
    question = row.question
    hidden = question.anonymous or now - question.asked_at < UNDO
    return Line(
        question_id=question.id or 0,
        text=question.text,
        context=question.context or "",
        state=question.state,
        # A station may have one worker: whoever hides her name hides where she works too.
        unit_name="" if question.anonymous else row.unit_name,
        asker_name="" if hidden else row.asker_name,
        is_anonymous=question.anonymous,
        is_urgent=question.urgency == URGENT,
        asked_at=question.asked_at,
        answer_by=question.answer_by,
        votes=row.votes if row.votes >= COUNTED_FROM else None,
        has_votes=row.votes > 0,
        # A voice tells who speaks.
        has_voice=question.media_id is not None and not question.anonymous,
    )


def within_reach(speaker: Speaker, found: tuple[Question, str] | None) -> Question:
    """A question that she may deal with; raises NotThere."""
    if found is None or not found[1]:
        raise NotThere
    speaker.require(RIGHT, unit_path=found[1])
    return found[0]


def to_read(speaker: Speaker, found: tuple[Question, str] | None) -> Question:
    """`within_reach`, and a supervisor's where it was taken to supervision; raises NotThere."""
    question = within_reach(speaker, found)
    if question.state == TO_SUPERVISION and found is not None:
        speaker.require(SUPERVISED, unit_path=found[1])
    return question
