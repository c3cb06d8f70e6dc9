"""Questions workers ask: kept from the first day on, so that a topic can be built from them."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import urgent_questions
from curriculum.clean_text import clean
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.promises import Promise, promised
from curriculum.question_errors import QuestionEmpty, QuestionTooLong
from storage import audit, questions
from storage.questions import CAN_WAIT, OPEN_STATES, TO_SUPERVISION, URGENT, Question

QUESTION_LIMIT = 1000
CONTEXT_LIMIT = 300
ON_A_PAGE = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was stored, and what its asker may count on."""

    question_id: int
    count: int
    answer_by: date | None = None
    is_next_month: bool = False
    is_anonymous: bool = False
    is_urgent: bool = False
    has_context: bool = False


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A line of "my questions"."""

    text: str
    state: str
    asked_at: datetime
    question_id: int = 0


@dataclass(frozen=True, slots=True)
class OwnPage:
    """One page of a person's own questions, counted from 0."""

    lines: tuple[OwnQuestion, ...]
    page: int
    pages: int
    count: int


@dataclass(frozen=True, slots=True)
class OwnView:
    """One question of her own with everything that became of it."""

    question_id: int
    text: str
    state: str
    asked_at: datetime
    context: str
    is_anonymous: bool
    is_urgent: bool
    answer_by: date | None
    answer: str
    reason: str
    votes: int
    is_changeable: bool


def readable(text: str, limit: int = QUESTION_LIMIT) -> str:
    """A question as it is stored; raises QuestionEmpty or QuestionTooLong."""
    words = clean(text).strip()
    if not words:
        raise QuestionEmpty
    if len(words) > limit:
        raise QuestionTooLong(limit=limit, length=len(words))
    return words


def readable_context(text: str) -> str:
    """The sentence of context as it is stored; raises like `readable`."""
    return readable(text, CONTEXT_LIMIT)


def add(
    session: Session,
    speaker: Speaker,
    text: str,
    *,
    lesson_id: int | None = None,
    is_anonymous: bool = False,
    media_id: int | None = None,
    now: datetime,
) -> Asked:
    """Store a question; raises QuestionEmpty or QuestionTooLong and stores nothing then."""
    speaker.require("ask")
    words = readable(text)
    promise = promised(session, speaker, urgency=CAN_WAIT, now=now)
    question = Question(
        asker_id=speaker.person_id,
        unit_id=speaker.unit_id,
        lesson_id=lesson_id,
        text=words,
        asked_at=now,
        anonymous=is_anonymous,
        bot=speaker.bot,
        media_id=media_id,
        answer_by=promise.answer_by,
    )
    session.add(question)
    session.flush()
    _write_down(session, speaker, "ask", question, now=now)
    return _asked(session, speaker, question, promise)


def set_anonymous(
    session: Session, speaker: Speaker, question_id: int, *, is_anonymous: bool, now: datetime
) -> Asked:
    """Hide who asked from everybody but the audit trail, or show it again."""
    question = _own_open(session, speaker, question_id)
    question.anonymous = is_anonymous
    return _changed(session, speaker, question, "set_anonymous", now=now)


def set_urgent(
    session: Session, speaker: Speaker, question_id: int, *, is_urgent: bool, now: datetime
) -> Asked:
    """Ask for an answer within three working days, by a supervisor in turn; or let it wait."""
    question = _own_open(session, speaker, question_id)
    question.urgency = URGENT if is_urgent else CAN_WAIT
    question.answer_by = promised(session, speaker, urgency=question.urgency, now=now).answer_by
    asked = _changed(session, speaker, question, "set_urgency", now=now)
    if is_urgent and question.assigned_at is None:
        urgent_questions.give_turn(session, question, bot=speaker.bot, now=now)
    return asked


def set_context(
    session: Session, speaker: Speaker, question_id: int, context: str, *, now: datetime
) -> Asked:
    """Add the one sentence that says more; it takes the place of an earlier one."""
    words = readable_context(context)
    question = _own_open(session, speaker, question_id)
    question.context = words
    return _changed(session, speaker, question, "set_context", now=now)


def leave_out(session: Session, speaker: Speaker, question_id: int, *, now: datetime) -> None:
    """Take out of the pool what came with minutes that were taken back, if nobody dealt with it.

    The caller has seen to it that she may.
    """
    found = questions.locked(session, question_id)
    if found is not None and found[0].state == questions.NEW:
        found[0].state = questions.DECLINED
        _changed(session, speaker, found[0], "leave_out", now=now)


def own_open(session: Session, speaker: Speaker, question_id: int) -> Asked:
    """A question of one's own that may still be changed; NotThere, ChangedMeanwhile."""
    question = _own_open(session, speaker, question_id)
    return _standing(session, speaker, question)


def own(session: Session, speaker: Speaker, *, limit: int = ON_A_PAGE) -> list[OwnQuestion]:
    """A person's latest questions, for her eyes only."""
    return [
        OwnQuestion(row.text, row.state, row.asked_at, row.id or 0)
        for row in questions.latest_by(session, speaker.person_id, limit=limit)
    ]


def own_page(session: Session, speaker: Speaker, *, page: int) -> OwnPage:
    """One page of her own questions, the newest first; a page past the end is the last one."""
    speaker.require("ask")
    count = questions.count_by(session, speaker.person_id)
    pages = max(1, -(-count // ON_A_PAGE))
    page = min(page, pages - 1)
    rows = questions.latest_by(session, speaker.person_id, limit=ON_A_PAGE, offset=page * ON_A_PAGE)
    lines = [OwnQuestion(row.text, row.state, row.asked_at, row.id or 0) for row in rows]
    return OwnPage(tuple(lines), page, pages, count)


def own_view(session: Session, speaker: Speaker, question_id: int) -> OwnView:
    """One question of her own, with its answer or why it was declined; raises NotThere."""
    found = questions.find(session, question_id)
    if found is None or found[0].asker_id != speaker.person_id:
        raise NotThere
    question, _ = found
    answer = questions.answer_of(session, question_id)
    return OwnView(
        question_id=question_id,
        text=question.text,
        state=question.state,
        asked_at=question.asked_at,
        context=question.context or "",
        is_anonymous=question.anonymous,
        is_urgent=question.urgency == URGENT,
        answer_by=question.answer_by,
        answer=answer.text if answer else "",
        reason=question.reason or "",
        votes=questions.votes(session, [question_id]).get(question_id, 0),
        is_changeable=question.state in OPEN_STATES,
    )


def _own_open(session: Session, speaker: Speaker, question_id: int) -> Question:
    """Her own question, locked, while nobody has dealt with it."""
    found = questions.locked(session, question_id)
    if found is None or found[0].asker_id != speaker.person_id:
        raise NotThere
    if found[0].state not in (*OPEN_STATES, TO_SUPERVISION):
        raise ChangedMeanwhile
    return found[0]


def _changed(
    session: Session, speaker: Speaker, question: Question, action: str, *, now: datetime
) -> Asked:
    session.add(question)
    session.flush()
    _write_down(session, speaker, action, question, now=now)
    return _standing(session, speaker, question)


def _standing(session: Session, speaker: Speaker, question: Question) -> Asked:
    """How it stands: the promise that was made, not one made anew today."""
    is_next = bool(
        question.urgency != URGENT
        and question.answer_by
        and promised(session, speaker, urgency=CAN_WAIT, now=question.asked_at).is_next_month
    )
    promise = Promise(
        question.answer_by or question.asked_at.date(), is_in_topic=True, is_next_month=is_next
    )
    return _asked(session, speaker, question, promise)


def _asked(session: Session, speaker: Speaker, question: Question, promise: Promise) -> Asked:
    return Asked(
        question.id or 0,
        questions.count_by(session, speaker.person_id),
        promise.answer_by,
        promise.is_next_month,
        question.anonymous,
        question.urgency == URGENT,
        question.context is not None,
    )


def _write_down(
    session: Session, speaker: Speaker, action: str, question: Question, *, now: datetime
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="question",
        object_id=question.id,
    )
