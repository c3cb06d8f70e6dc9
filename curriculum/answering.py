"""Answering workers' questions: the list that waits, an answer, a refusal, the way to supervision.

Everything can be taken back for ten minutes by whoever did it; those who heard it hear that too.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import question_news
from curriculum.clean_text import clean
from curriculum.errors import ChangedMeanwhile, NotThere, UndoTooLate
from curriculum.people import Speaker
from curriculum.question_errors import AnswerTooLong, QuestionEmpty
from curriculum.second_thoughts import UNDO
from curriculum.waiting_questions import DEALT_WITH, to_read, within_reach
from storage import audit, deliveries, questions, sent_messages
from storage.audit import AuditEntry
from storage.questions import (
    ANSWERED,
    DECLINED,
    TO_SUPERVISION,
    Question,
    QuestionAnswer,
)

ANSWER_LIMIT = 1500
ACTS = ("answer_question", "decline_question", "question_to_supervision")


@dataclass(frozen=True, slots=True)
class Done:
    """What was done with a question, and how many were told."""

    question_id: int
    what: str
    told: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Undone:
    """How many hear that something does not hold, and the messages that said it.

    `messages` are (chat, message, language), to be changed in place.
    """

    told: int
    messages: tuple[tuple[int, int, str], ...] = ()


def readable_answer(text: str) -> str:
    """An answer as it is stored; raises QuestionEmpty, AnswerTooLong."""
    words = clean(text).strip()
    if not words:
        raise QuestionEmpty
    if len(words) > ANSWER_LIMIT:
        raise AnswerTooLong(limit=ANSWER_LIMIT, length=len(words))
    return words


def answer(
    session: Session, speaker: Speaker, question_id: int, text: str, *, now: datetime
) -> Done:
    """Answer a question: it joins the answered ones, and the asker and every voter hear it once.

    Raises NotThere, ChangedMeanwhile when somebody dealt with it, QuestionEmpty, AnswerTooLong.
    """
    words = readable_answer(text)
    question = _to_deal_with(session, speaker, question_id)
    was = question.state
    earlier = questions.answer_of(session, question_id)
    if earlier is not None:
        earlier.withdrawn_at = now
        session.add(earlier)
    given = QuestionAnswer(
        question_id=question_id, text=words, answered_by=speaker.person_id, answered_at=now
    )
    session.add(given)
    question.state = ANSWERED
    session.add(question)
    session.flush()
    _write_down(
        session,
        speaker,
        ACTS[0],
        question_id,
        now=now,
        was=was,
        answer=given.id,
        earlier=earlier.id if earlier else None,
    )
    told = _tell(session, speaker, question, question_news.ANSWER, given.id or 0, now=now)
    return Done(question_id, ANSWERED, told, now + UNDO)


def decline(
    session: Session, speaker: Speaker, question_id: int, reason: str, *, now: datetime
) -> Done:
    """Say why a question will not be answered; the asker and the voters are told. As `answer`."""
    words = readable_answer(reason)
    question = _to_deal_with(session, speaker, question_id)
    was = question.state
    question.state, question.reason = DECLINED, words
    session.add(question)
    session.flush()
    entry = _write_down(session, speaker, ACTS[1], question_id, now=now, was=was)
    told = _tell(session, speaker, question, question_news.REFUSAL, entry, now=now)
    return Done(question_id, DECLINED, told, now + UNDO)


def to_supervision(session: Session, speaker: Speaker, question_id: int, *, now: datetime) -> Done:
    """Take a question to supervision: nobody else reads it from now on; she sees it in her own."""
    question = _to_deal_with(session, speaker, question_id)
    if question.state == TO_SUPERVISION:
        raise ChangedMeanwhile
    was, question.state = question.state, TO_SUPERVISION
    session.add(question)
    session.flush()
    _write_down(session, speaker, ACTS[2], question_id, now=now, was=was)
    return Done(question_id, TO_SUPERVISION, 0, now + UNDO)


def take_back(session: Session, speaker: Speaker, question_id: int, *, now: datetime) -> Undone:
    """Undo her own act of the last ten minutes; whoever was told hears that it does not hold.

    Raises NotThere, UndoTooLate, ChangedMeanwhile.
    """
    found = within_reach(speaker, questions.locked(session, question_id))
    entry = audit.last(session, object_kind="question", object_id=question_id, actions=ACTS)
    if entry is None or entry.actor_id != speaker.person_id:
        raise NotThere
    if now - entry.at > UNDO:
        raise UndoTooLate(minutes=UNDO.seconds // 60)
    expected = dict(zip(ACTS, (ANSWERED, DECLINED, TO_SUPERVISION), strict=True))[entry.action]
    if found.state != expected:
        raise ChangedMeanwhile
    found.state, found.reason = entry.facts["was"], None
    session.add(found)
    undone = Undone(0)
    if entry.action == ACTS[0]:
        undone = _withdraw(session, speaker, found, entry, now=now)
    elif entry.action == ACTS[1]:
        occasion = f"{question_news.REFUSAL}:{found.id}:{entry.id}"
        undone = _correct(session, speaker, found, occasion, entry, now=now)
    session.flush()
    _write_down(session, speaker, "undo_question", question_id, now=now, undid=entry.id)
    return undone


def _withdraw(
    session: Session, speaker: Speaker, question: Question, entry: AuditEntry, *, now: datetime
) -> Undone:
    """Take an answer back, and let the one before it stand again."""
    did = entry.facts
    given = session.get_one(QuestionAnswer, did["answer"])
    given.withdrawn_at = now
    session.add(given)
    if did["earlier"]:
        earlier = session.get_one(QuestionAnswer, did["earlier"])
        earlier.withdrawn_at = None
        session.add(earlier)
    occasion = f"{question_news.ANSWER}:{question.id}:{given.id}"
    return _correct(session, speaker, question, occasion, entry, now=now)


def _correct(
    session: Session,
    speaker: Speaker,
    question: Question,
    occasion: str,
    entry: AuditEntry,
    *,
    now: datetime,
) -> Undone:
    """Tell those who heard it; who has not heard it yet will not, and needs no word."""
    heard = deliveries.told(session, kind=question_news.KIND, occasion=occasion)
    told = question_news.tell(
        session,
        question,
        question_news.TAKEN_BACK,
        entry.id or 0,
        heard,
        bot=speaker.bot,
        now=now,
    )
    said = sent_messages.of_occasion(session, kind=question_news.KIND, occasion=occasion)
    return Undone(told, tuple(said))


def _to_deal_with(session: Session, speaker: Speaker, question_id: int) -> Question:
    question = to_read(speaker, questions.locked(session, question_id))
    if question.state not in DEALT_WITH:
        raise ChangedMeanwhile
    return question


def _tell(
    session: Session, speaker: Speaker, question: Question, what: str, mark: int, *, now: datetime
) -> int:
    people = questions.concerned(session, question)
    return question_news.tell(session, question, what, mark, people, bot=speaker.bot, now=now)


def _write_down(
    session: Session,
    speaker: Speaker,
    action: str,
    question_id: int,
    *,
    now: datetime,
    **facts: Any,
) -> int:
    entry = audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="question",
        object_id=question_id,
        **facts,
    )
    session.flush()
    return entry.id or 0
