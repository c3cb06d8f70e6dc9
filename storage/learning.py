"""What one person has learned, as her own progress needs it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage.lessons import Answer, Lesson, LessonVersion
from storage.records import LearningRecord, stands


@dataclass(frozen=True, slots=True)
class LessonLearned:
    """One lesson in the ledger, and whether any of her first answers to it was right."""

    on: date
    lesson_id: int
    is_right: bool


def acts(session: Session, *, person_id: int, study: str) -> list[LessonLearned]:
    """Every lesson in force in a person's ledger, by date."""
    other = LessonVersion.__table__.alias("other")  # type: ignore[attr-defined]
    was_right = exists().where(
        col(Answer.person_id) == person_id,
        col(Answer.correct).is_(True),
        col(Answer.version_id) == other.c.id,
        other.c.lesson_id == col(LessonVersion.lesson_id),
    )
    columns: list[Any] = [
        col(LearningRecord.occurred_on),
        col(LessonVersion.lesson_id),
        was_right,
    ]
    rows = session.connection().execute(
        sa_select(*columns)
        .join(LessonVersion, col(LessonVersion.id) == col(LearningRecord.source_id))
        .where(
            stands(col(LearningRecord.person_id) == person_id, col(LearningRecord.study) == study)
        )
        .order_by(col(LearningRecord.occurred_on), col(LearningRecord.id))
    )
    return [LessonLearned(*row) for row in rows]


def minutes(session: Session, *, person_id: int) -> list[tuple[date, int]]:
    """Minutes per date over every study."""
    rows = session.connection().execute(
        sa_select(col(LearningRecord.occurred_on), func.sum(LearningRecord.minutes))
        .where(stands(col(LearningRecord.person_id) == person_id))
        .group_by(col(LearningRecord.occurred_on))
        .order_by(col(LearningRecord.occurred_on))
    )
    return [(day, int(spent or 0)) for day, spent in rows]


def lessons_in(session: Session, pack_ids: set[int]) -> int:
    """How many lessons these packs have to teach."""
    found = session.exec(
        select(func.count(col(Lesson.id))).where(
            and_(col(Lesson.pack_id).in_(pack_ids), col(Lesson.is_withdrawn).is_(False))
        )
    )
    return int(found.one())
