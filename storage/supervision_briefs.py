"""What a brief of supervision counts: lessons somebody learned, questions under her name."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage.lessons import Lesson, LessonPack, LessonVersion
from storage.questions import Question
from storage.records import LearningRecord, stands


def lessons(
    session: Session, person_id: int, *, study: str, since: date, weaker_than_learned: str
) -> list[tuple[int, int, str]]:
    """The lessons somebody learned from a date on: (lesson, pack, module's code), by date.

    A record whose evidence is `weaker_than_learned` says only that a lesson was sent.
    """
    columns: list[Any] = [col(Lesson.id), col(Lesson.pack_id), col(LessonVersion.module)]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(LearningRecord)
        .join(LessonVersion, col(LessonVersion.id) == col(LearningRecord.source_id))
        .join(Lesson, col(Lesson.id) == col(LessonVersion.lesson_id))
        .where(
            stands(
                col(LearningRecord.person_id) == person_id,
                col(LearningRecord.study) == study,
                col(LearningRecord.occurred_on) >= since,
                col(LearningRecord.evidence) != weaker_than_learned,
            )
        )
        .order_by(col(LearningRecord.occurred_on), col(LearningRecord.id))
    )
    return [(lesson_id, pack_id, module) for lesson_id, pack_id, module in rows]


def packs(session: Session, pack_ids: set[int]) -> dict[int, LessonPack]:
    """These packs by id."""
    rows = session.exec(select(LessonPack).where(col(LessonPack.id).in_(pack_ids)))
    return {row.id or 0: row for row in rows}


def questions(
    session: Session, person_id: int, *, since: datetime, limit: int
) -> tuple[int, list[str]]:
    """How many questions somebody asked under her name since a moment, and the newest of them.

    What she asked without her name is neither shown nor counted.
    """
    where = (
        Question.asker_id == person_id,
        col(Question.anonymous).is_(False),
        col(Question.asked_at) >= since,
        Question.text != "",
    )
    count = session.exec(select(func.count(col(Question.id))).where(*where)).one()
    newest = session.exec(
        select(Question.text)
        .where(*where)
        .order_by(col(Question.asked_at).desc(), col(Question.id).desc())
        .limit(limit)
    )
    return int(count), list(newest)
