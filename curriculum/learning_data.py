"""What is kept of a person's learning: the ledger, her answers, what she put to use."""

from datetime import datetime

from sqlmodel import Session, col

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.lessons import Answer, Lesson, LessonVersion
from storage.records import LearningRecord
from storage.used_lessons import UsedLesson

ERASES = {
    "used_lesson": ("text",),
    "learning_record": ("person_name",),
}


def personal_data(session: Session, person_id: int) -> tuple[Section, ...]:
    """Every row of the ledger, corrected ones too, her answers to lessons, what she used."""
    records = of_person.rows(session, LearningRecord, LearningRecord.person_id == person_id)
    answers = of_person.rows(session, Answer, Answer.person_id == person_id)
    used = of_person.rows(session, UsedLesson, UsedLesson.person_id == person_id)
    return (
        section(
            "records",
            records,
            *("id", "occurred_on", "study", "title", "minutes", "mode", "evidence", "claimable"),
            *("recorded_at", "corrects"),
        ),
        section(
            "lesson_answers",
            answers,
            *("chosen", "correct", "answered_at"),
            title=lambda row: session.get_one(LessonVersion, row.version_id).title,
        ),
        section(
            "used_lessons",
            used,
            *("week", "text", "is_shared", "said_at"),
            code=lambda row: _code(session, row.lesson_id),
        ),
    )


def count(session: Session, person_id: int) -> int:
    """How many rows the ledger has of her."""
    return of_person.count(session, LearningRecord, LearningRecord.person_id == person_id)


def _code(session: Session, lesson_id: int | None) -> str:
    """The lesson's code, "" where there was no occasion yet."""
    return session.get_one(Lesson, lesson_id).code if lesson_id is not None else ""


def erase(session: Session, person_id: int, *, now: datetime) -> Counts:
    """Forget the sentences; the ledger stays, because hours are proved by it.

    Her name leaves the ledger with her: it lets go of that of somebody who is forgotten alone, so
    this comes after the person's own row.
    """
    del now
    sentences = of_person.blank(
        session,
        UsedLesson,
        UsedLesson.person_id == person_id,
        UsedLesson.text != "",
        text="",
        is_shared=False,
    )
    of_person.blank(
        session,
        LearningRecord,
        LearningRecord.person_id == person_id,
        col(LearningRecord.person_name).is_not(None),
        person_name=None,
    )
    return {"used_sentences": sentences}


def drop_sentences(session: Session, *, before: datetime, limit: int) -> int:
    """Forget what was said of used lessons long ago; that one was used stays. How many."""
    ids = of_person.some(
        session,
        col(UsedLesson.id),
        UsedLesson.said_at < before,
        UsedLesson.text != "",
        limit=limit,
    )
    return of_person.blank(
        session, UsedLesson, col(UsedLesson.id).in_(ids), text="", is_shared=False
    )
