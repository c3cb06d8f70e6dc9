"""Lessons outside the shared order: what a person may catch up on, and what she must know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, exists, func, or_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.cohorts import Cohort, CohortMember
from storage.deliveries import (
    Delivery,
    Occasion,
)
from storage.lessons import Answer, Lesson, LessonVersion
from storage.records import LearningRecord


@dataclass(frozen=True, slots=True)
class Owed:
    """One lesson a person may catch up on; `was_received` says whether it once reached her."""

    lesson_id: int
    code: str
    title: str
    is_essential: bool
    was_received: bool


def received(
    session: Session, *, person_id: int, lesson_id: int, kinds: Sequence[str]
) -> Delivery | None:
    """The latest delivery of a lesson that reached a person at least in part."""
    return session.exec(
        select(Delivery)
        .where(
            Delivery.person_id == person_id,
            Delivery.subject_id == lesson_id,
            col(Delivery.kind).in_(kinds),
            Delivery.parts_sent > 0,
        )
        .order_by(col(Delivery.id).desc())
        .limit(1)
    ).first()


def was_given(
    session: Session, *, person_id: int, cohort_id: int, lesson_id: int, kinds: Sequence[str]
) -> bool:
    """Whether a cohort was taught a lesson together, or a member was owed it in the cohort."""
    taught = exists().where(
        col(Occasion.cohort_id) == cohort_id, col(Occasion.lesson_id) == lesson_id
    )
    owed = exists().where(
        col(Delivery.person_id) == person_id,
        col(Delivery.cohort_id) == cohort_id,
        col(Delivery.subject_id) == lesson_id,
        col(Delivery.kind).in_(kinds),
    )
    # What she answered stays hers when its old delivery is pruned.
    answered = exists().where(
        col(Answer.person_id) == person_id,
        col(Answer.version_id) == col(LessonVersion.id),
        col(LessonVersion.lesson_id) == lesson_id,
    )
    return bool(session.exec(select(or_(taught, owed, answered))).one())


def _sent_to(person_id: Any, lesson_id: Any, kinds: Sequence[str]) -> Any:
    other = aliased(Delivery)
    return exists().where(
        col(other.person_id) == person_id,
        col(other.subject_id) == lesson_id,
        col(other.kind).in_(kinds),
        col(other.parts_sent) > 0,
    )


def not_learned(
    session: Session,
    *,
    person_id: int,
    study: str,
    kinds: Sequence[str],
    before: date,
) -> list[Owed]:
    """What a person's cohorts were taught before a date, or she was sent, and has not learned.

    In the order to take them in: what everybody must know, then in the pack's order. One query.
    """
    taught = exists().where(
        col(Occasion.kind) == study,
        col(Occasion.lesson_id) == col(Lesson.id),
        col(Occasion.local_date) < before,
        col(Occasion.cohort_id).in_(
            select(CohortMember.cohort_id).where(
                col(CohortMember.person_id) == person_id, col(CohortMember.until).is_(None)
            )
        ),
    )
    sent = exists().where(
        col(Delivery.person_id) == person_id,
        col(Delivery.subject_id) == col(Lesson.id),
        col(Delivery.kind).in_(kinds),
        col(Delivery.parts_sent) > 0,
        # Today's own lesson is not behind her yet.
        col(Delivery.occasion).not_like(f"%:{before.isoformat()}"),
    )
    columns: list[Any] = [
        col(Lesson.id),
        col(Lesson.code),
        col(LessonVersion.title),
        col(Lesson.is_essential),
        _sent_to(person_id, col(Lesson.id), kinds),
    ]
    rows = session.connection().execute(
        sa_select(*columns)
        .join(LessonVersion, col(LessonVersion.id) == Lesson.current_version_id)
        .where(
            col(Lesson.is_withdrawn).is_(False),
            or_(col(Lesson.valid_to).is_(None), col(Lesson.valid_to) >= before),
            or_(taught, sent),
            ~_learned_lesson(person_id, study),
        )
        .order_by(col(Lesson.is_essential).desc(), col(Lesson.position))
    )
    return [Owed(*row) for row in rows]


def _learned_lesson(person_id: int, study: str) -> Any:
    version = aliased(LessonVersion)
    return exists().where(
        col(LearningRecord.person_id) == person_id,
        col(LearningRecord.study) == study,
        col(LearningRecord.source_id) == col(version.id),
        col(version.lesson_id) == col(Lesson.id),
    )


def place_in_pack(session: Session, *, cohort_id: int) -> tuple[int, int] | None:
    """Where a cohort that learns together stands in its pack: (lessons so far, lessons in all).

    In a second round it is counted from the first lesson again; None before a pack's first.
    """
    pack_id = session.exec(select(Cohort.pack_id).where(Cohort.id == cohort_id)).first()
    position = session.exec(
        select(Lesson.position)
        .join(Occasion, col(Occasion.lesson_id) == col(Lesson.id))
        .where(Occasion.cohort_id == cohort_id, Lesson.pack_id == pack_id)
        .order_by(col(Occasion.local_date).desc())
        .limit(1)
    ).first()
    if position is None:
        return None
    is_so_far = case((col(Lesson.position) <= position, 1))
    so_far, whole = session.exec(
        select(func.count(is_so_far), func.count(col(Lesson.id))).where(
            Lesson.pack_id == pack_id, col(Lesson.is_withdrawn).is_(False)
        )
    ).one()
    return int(so_far), int(whole)
