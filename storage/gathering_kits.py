"""What a facilitator prepares with: the week's lessons, hard questions, open questions."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Integer, cast, func
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage.deliveries import Occasion
from storage.lessons import Answer, Lesson, LessonText, LessonVersion
from storage.people import Unit
from storage.questions import Question


def lessons_taught(
    session: Session, cohort_id: int, *, kind: str, since: date, until: date
) -> list[tuple[int, str, str]]:
    """The lessons a cohort had from a date to another, in order: (id, code, Chinese title)."""
    rows = session.exec(
        select(Lesson.id, Lesson.code, LessonText.title)
        .join(Occasion, col(Occasion.lesson_id) == Lesson.id)
        .join(LessonText, col(LessonText.version_id) == Lesson.current_version_id)
        .where(
            Occasion.cohort_id == cohort_id,
            Occasion.kind == kind,
            Occasion.local_date >= since,
            Occasion.local_date <= until,
            LessonText.language == "zh",
        )
        .order_by(col(Occasion.local_date))
    )
    return [(lesson_id or 0, code, title) for lesson_id, code, title in rows]


def answers_to(session: Session, lesson_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Of each lesson's check question: how many people answered it first, how many rightly."""
    firsts = (
        core_select(func.min(col(Answer.id)))
        .group_by(col(Answer.person_id), col(Answer.version_id))
        .scalar_subquery()
    )
    columns: list[Any] = [
        col(LessonVersion.lesson_id),
        func.count(),
        func.sum(cast(col(Answer.correct), Integer)),
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Answer)
        .join(LessonVersion, col(LessonVersion.id) == col(Answer.version_id))
        .where(col(LessonVersion.lesson_id).in_(lesson_ids), col(Answer.id).in_(firsts))
        .group_by(col(LessonVersion.lesson_id))
    )
    return {lesson_id: (count, int(right or 0)) for lesson_id, count, right in rows}


def open_questions(session: Session, unit_path: str, *, limit: int) -> list[str]:
    """The newest questions of a unit, and of everything under it, that nobody answered yet."""
    rows = session.exec(
        select(Question.text)
        .join(Unit, col(Unit.id) == Question.unit_id)
        .where(
            col(Unit.path).startswith(unit_path, autoescape=True),
            col(Question.state).in_(("new", "grouped")),
        )
        .order_by(col(Question.asked_at).desc(), col(Question.id).desc())
        .limit(limit)
    )
    return list(rows)
