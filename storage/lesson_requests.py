"""Lessons outside the shared order: what a person may catch up on, and what she must know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import String, and_, case, cast, exists, func, literal, null, or_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.absences import absent_on
from storage.cohorts import Cohort, CohortMember
from storage.deliveries import (
    CLAIMED,
    SENT,
    WAITING,
    Delivery,
    Occasion,
)
from storage.lesson_deliveries import new_columns, owe
from storage.lessons import Answer, Lesson, LessonVersion
from storage.people import ChatAccount, Person
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


def owe_essentials(
    session: Session,
    *,
    cohort_id: int,
    pack_id: int,
    bot: int,
    kind: str,
    study: str,
    mark: str,
    day: date,
    own_time: time | None,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> int:
    """Owe each late joiner who receives at this hour the next must she was not there for.

    She came when she was put into the cohort or, if that was later, when she first opened her
    link. One a day: the first in the pack's order that she was neither sent nor is owed; one that
    could not be sent is owed again another day.
    """
    past, got, account = aliased(Occasion), aliased(Delivery), aliased(ChatAccount)
    came = (
        select(func.min(account.linked_at))
        .where(col(account.person_id) == col(CohortMember.person_id))
        .correlate(CohortMember)
        .scalar_subquery()
    )
    missed = (
        select(Lesson.id)
        .where(
            Lesson.pack_id == pack_id,
            col(Lesson.is_essential).is_(True),
            col(Lesson.is_withdrawn).is_(False),
            or_(col(Lesson.valid_to).is_(None), col(Lesson.valid_to) >= day),
            exists()
            .where(
                col(past.cohort_id) == cohort_id,
                col(past.kind) == study,
                col(past.lesson_id) == col(Lesson.id),
                or_(
                    col(past.local_date) < col(CohortMember.since),
                    col(past.created_at) <= came,
                ),
            )
            # SQLAlchemy looks no further than the next query out by itself.
            .correlate(Lesson, CohortMember),
            ~exists()
            .where(
                col(got.person_id) == col(CohortMember.person_id),
                col(got.subject_id) == col(Lesson.id),
                col(got.status).in_((WAITING, CLAIMED, SENT)),
            )
            .correlate(Lesson, CohortMember),
        )
        .order_by(col(Lesson.position))
        .limit(1)
        .correlate(CohortMember)
        .scalar_subquery()
    )
    columns = new_columns(
        bot=bot,
        kind=kind,
        occasion=literal(f"{cohort_id}{mark}")
        + cast(missed, String)
        + literal(f":{day.isoformat()}"),
        recipient=col(CohortMember.person_id),
        person_id=col(CohortMember.person_id),
        cohort_id=cohort_id,
        subject_id=missed,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    hour = col(CohortMember.own_time)
    source = (
        select(*columns.values())
        .select_from(CohortMember)
        .join(Person, col(Person.id) == CohortMember.person_id)
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == CohortMember.person_id,
                col(ChatAccount.bot) == bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(
            CohortMember.cohort_id == cohort_id,
            CohortMember.since <= day,
            hour.is_(None) if own_time is None else hour == own_time,
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > day),
            Person.status == "active",
            missed.is_not(None),
            ~absent_on(col(CohortMember.person_id), day),
        )
    )
    return owe(session, columns, source)


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
