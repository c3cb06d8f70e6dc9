"""What is kept of a person among the questions: asked, voted for, answered, said to have helped."""

from datetime import datetime

from sqlmodel import Session, col

from curriculum.answering import ACTS
from curriculum.personal_data import REMOVED, Counts, Section, section, sentences, without
from storage import of_person
from storage.audit import AuditEntry
from storage.media import LessonMedia, Media, MediaFile
from storage.question_vectors import QuestionVector
from storage.questions import (
    ANSWERED,
    DECLINED,
    AnswerFeedback,
    Question,
    QuestionAnswer,
    QuestionVote,
)

# The act whose reason stands beside a question.
DECLINE = ACTS[1]
# What `erase` empties, by table.
ERASES = {
    "question": ("text", "context", "reason", "media_id"),
    "question_answer": ("text",),
    "question_vector": ("vector",),
    "media": ("content",),
}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Her questions with the answers she got, her votes, the answers she gave, her last words."""
    asked = of_person.rows(session, Question, Question.asker_id == person_id)
    ids = [one.id or 0 for one in asked]
    answers = of_person.rows(
        session,
        QuestionAnswer,
        col(QuestionAnswer.question_id).in_(ids),
        col(QuestionAnswer.withdrawn_at).is_(None),
    )
    given = of_person.rows(session, QuestionAnswer, QuestionAnswer.answered_by == person_id)
    votes = of_person.rows(session, QuestionVote, QuestionVote.person_id == person_id)
    reasons = _declined_by(session, person_id)
    said = of_person.rows(session, AnswerFeedback, AnswerFeedback.person_id == person_id)
    columns = ("asked_at", "text", "context", "anonymous", "state", "urgency", "reason")
    return (
        section("questions", asked, "id", *columns),
        section("answers_received", answers, "question_id", "text", "answered_at"),
        section("answers_given", given, "question_id", "text", "answered_at", "withdrawn_at"),
        section("reasons_given", reasons, "id", "reason"),
        section("votes", votes, "question_id", "voted_at"),
        section("answer_feedback", said, "answer_id", "helped", "said_at"),
    )


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget the words of her questions and answers; what was counted stays.

    An open question is closed, since nobody could answer it any more. Whose an anonymous one was
    is told to nobody now either.
    """
    asked = of_person.rows(session, Question, Question.asker_id == person_id)
    _forget(session, asked)
    for one in asked:
        if one.state not in (ANSWERED, DECLINED):
            one.state = DECLINED
        one.reason = None
        session.add(one)
    given = of_person.rows(session, QuestionAnswer, QuestionAnswer.answered_by == person_id)
    for answer in given:
        answer.text = REMOVED
        answer.withdrawn_at = answer.withdrawn_at or now
        session.add(answer)
    for one in _declined_by(session, person_id):
        one.reason = REMOVED
        session.add(one)
    session.flush()
    return {"questions": len(asked), "answers_given": len(given)}


def drop_declined(session: Session, *, before: datetime, limit: int) -> int:
    """Forget the words of declined questions that were asked before a moment; how many."""
    old = _old(session, before, limit, Question.state == DECLINED, Question.text != REMOVED)
    _forget(session, old)
    for one in old:
        one.reason = None
        session.add(one)
    session.flush()
    return len(old)


def drop_voices(session: Session, *, before: datetime, limit: int) -> int:
    """Forget the recordings of questions that are settled; the written sentence stays."""
    is_settled = col(Question.state).in_((ANSWERED, DECLINED))
    old = _old(session, before, limit, is_settled, col(Question.media_id).is_not(None))
    _forget_voices(session, old)
    return len(old)


def _old(session: Session, before: datetime, limit: int, *where: object) -> list[Question]:
    ids = of_person.some(session, col(Question.id), Question.asked_at < before, *where, limit=limit)
    return of_person.rows(session, Question, col(Question.id).in_(ids))


def _declined_by(session: Session, person_id: int) -> list[Question]:
    """Declined questions of others whose reason she wrote, as the audit trail has it."""
    acts = of_person.rows(
        session,
        AuditEntry,
        AuditEntry.actor_id == person_id,
        AuditEntry.object_kind == "question",
        AuditEntry.action == DECLINE,
    )
    return of_person.rows(
        session,
        Question,
        col(Question.id).in_({act.object_id for act in acts}),
        col(Question.reason).is_not(None),
    )


def _forget(session: Session, questions: list[Question]) -> None:
    """Empty them, and take what others quoted of them out of the answers."""
    ids = [one.id or 0 for one in questions]
    own = sentences(text for one in questions for text in (one.text, one.context or ""))
    for answer in of_person.rows(session, QuestionAnswer, col(QuestionAnswer.question_id).in_(ids)):
        answer.text = without(answer.text, own)
        session.add(answer)
    of_person.drop(session, QuestionVector, col(QuestionVector.question_id).in_(ids))
    _forget_voices(session, questions)
    for one in questions:
        one.text, one.context = REMOVED, None
        session.add(one)
    session.flush()


def _forget_voices(session: Session, questions: list[Question]) -> None:
    voices = {one.media_id for one in questions if one.media_id is not None}
    if not voices:
        return
    for one in questions:
        one.media_id = None
        session.add(one)
    session.flush()
    # The same recording may stand beside another question, or in a lesson.
    kept = {
        *(
            q.media_id
            for q in of_person.rows(session, Question, col(Question.media_id).in_(voices))
        ),
        *(m.media_id for m in of_person.rows(session, LessonMedia)),
    }
    gone = voices - kept
    of_person.drop(session, MediaFile, col(MediaFile.media_id).in_(gone))
    of_person.drop(session, Media, col(Media.id).in_(gone))
