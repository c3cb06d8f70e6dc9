"""Which lessons are open to a person: what was sent to her, and what her cohort's pack teaches."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import Session, col, select

from storage.cohorts import Cohort, CohortMember
from storage.deliveries import Delivery
from storage.lessons import Lesson, LessonVersion


def is_open(session: Session, version_id: int, *, person_id: int, on: date) -> bool:
    """Whether a person may read a version of a lesson on a day."""
    statement = (
        select(LessonVersion.id)
        .join(Lesson, col(Lesson.id) == LessonVersion.lesson_id)
        .where(LessonVersion.id == version_id)
        .where(or_(_was_sent(person_id), _is_taught(person_id, on)))
    )
    return session.exec(statement).first() is not None


def _was_sent(person_id: int) -> ColumnElement[bool]:
    """This very version went out to her: it stays hers, whatever became of the lesson since."""
    return exists().where(
        col(Delivery.person_id) == person_id,
        col(Delivery.subject_id) == Lesson.id,
        col(Delivery.content_version) == LessonVersion.id,
        col(Delivery.parts_sent) > 0,
    )


def _is_taught(person_id: int, on: date) -> ColumnElement[bool]:
    """It is what a cohort of hers teaches of this lesson now."""
    return and_(
        col(Lesson.current_version_id) == LessonVersion.id,
        col(Lesson.is_withdrawn).is_(False),
        or_(col(Lesson.valid_from).is_(None), col(Lesson.valid_from) <= on),
        or_(col(Lesson.valid_to).is_(None), col(Lesson.valid_to) >= on),
        exists().where(
            col(CohortMember.person_id) == person_id,
            col(CohortMember.until).is_(None),
            col(Cohort.id) == CohortMember.cohort_id,
            col(Cohort.pack_id) == Lesson.pack_id,
        ),
    )
