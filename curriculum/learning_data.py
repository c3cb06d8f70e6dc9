"""What is kept of a person's learning: the ledger, her answers, what she put to use."""

from datetime import datetime

from sqlmodel import Session, col

from curriculum.personal_data import Counts, Section, section
from storage import of_person
from storage.lessons import Answer
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
        section("lesson_answers", answers, "version_id", "chosen", "correct", "answered_at"),
        section("used_lessons", used, "week", "lesson_id", "text", "is_shared", "said_at"),
    )


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
