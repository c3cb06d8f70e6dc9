"""Lessons that are owed: the dates they belong to, where they go, the messages they became."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, case, func, literal, null, or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage.absences import absent_on
from storage.cohorts import CohortMember, WorkGroup
from storage.deliveries import (
    WAITING,
    Delivery,
    Occasion,
)
from storage.lessons import Lesson
from storage.people import ChatAccount, Person
from storage.prepared import insert_ignoring

OCCASION: Any = Occasion.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Addressee:
    """Where a lesson goes and whether it may: read again at the moment of sending."""

    delivery_id: int
    chat_id: int | None
    is_reachable: bool
    is_member: bool
    is_away: bool
    language: str
    content_language: str
    version_id: int | None


def add_occasion(
    session: Session,
    *,
    kind: str,
    cohort_id: int,
    local_date: date,
    state: str,
    lesson_id: int | None,
    now: datetime,
) -> None:
    """Remember what became of a date; the first word stands."""
    session.connection().execute(
        insert_ignoring(session, OCCASION)
        .values(
            kind=kind,
            cohort_id=cohort_id,
            local_date=local_date,
            state=state,
            lesson_id=lesson_id,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )


def occasion_on(
    session: Session, *, kind: str, cohort_id: int, local_date: date
) -> Occasion | None:
    """A cohort's occasion on a date."""
    return session.exec(
        select(Occasion).where(
            Occasion.kind == kind,
            Occasion.cohort_id == cohort_id,
            Occasion.local_date == local_date,
        )
    ).first()


def last_taught(session: Session, *, kind: str, cohort_id: int, before: date) -> Occasion | None:
    """A cohort's latest occasion before a date that had a lesson."""
    return session.exec(
        select(Occasion)
        .where(
            Occasion.kind == kind,
            Occasion.cohort_id == cohort_id,
            Occasion.local_date < before,
            col(Occasion.lesson_id).is_not(None),
        )
        .order_by(col(Occasion.local_date).desc())
        .limit(1)
    ).first()


def hours_of(session: Session, cohort_id: int) -> list[time | None]:
    """The different hours members of a cohort receive at, in order; last None, the cohort's own."""
    hours = session.exec(
        select(col(CohortMember.own_time))
        .where(CohortMember.cohort_id == cohort_id, col(CohortMember.until).is_(None))
        .distinct()
    )
    return sorted(hours, key=lambda hour: (hour is None, hour or time()))


def teachable(pack_id: int, on: date) -> Any:
    """The condition that a lesson is one of a pack's and may be taught on a date."""
    return and_(
        col(Lesson.pack_id) == pack_id,
        col(Lesson.is_withdrawn).is_(False),
        or_(col(Lesson.valid_to).is_(None), col(Lesson.valid_to) >= on),
        or_(col(Lesson.valid_from).is_(None), col(Lesson.valid_from) <= on),
    )


def next_lesson(session: Session, pack_id: int, *, after: int, on: date) -> int | None:
    """The id of the first teachable lesson behind a position, or of the first of all."""
    for position in (after, -1):
        found = session.exec(
            select(Lesson.id)
            .where(teachable(pack_id, on), col(Lesson.position) > position)
            .order_by(col(Lesson.position))
            .limit(1)
        ).first()
        if found is not None:
            return found
    return None


def addressees(session: Session, delivery_ids: Sequence[int], *, on: date) -> dict[int, Addressee]:
    """Recipient, permission and current lesson version of each delivery on a date, in one query."""
    is_group = col(Delivery.group_id).is_not(None)
    columns: list[Any] = [
        col(Delivery.id),
        case((is_group, WorkGroup.chat_id), else_=ChatAccount.chat_id),
        func.coalesce(ChatAccount.reachable, WorkGroup.reachable, literal(value=False)),
        case(
            (is_group, col(WorkGroup.ended_at).is_(None)),
            else_=and_(col(CohortMember.id).is_not(None), col(Person.status) == "active"),
        ),
        absent_on(col(Delivery.person_id), on),
        func.coalesce(Person.language, WorkGroup.language),
        func.coalesce(Person.content_language, "zh"),
        case(
            (col(Lesson.is_withdrawn).is_(True), null()),
            # A half-sent lesson is finished in the version it was begun in.
            else_=func.coalesce(Delivery.content_version, Lesson.current_version_id),
        ),
    ]
    statement = (
        sa_select(*columns)
        .join(Lesson, col(Lesson.id) == Delivery.subject_id)
        .outerjoin(Person, col(Person.id) == Delivery.person_id)
        .outerjoin(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == Delivery.person_id,
                col(ChatAccount.bot) == Delivery.bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .outerjoin(
            CohortMember,
            and_(
                col(CohortMember.person_id) == Delivery.person_id,
                col(CohortMember.cohort_id) == Delivery.cohort_id,
                col(CohortMember.until).is_(None),
            ),
        )
        .outerjoin(WorkGroup, col(WorkGroup.id) == Delivery.group_id)
        .where(col(Delivery.id).in_(delivery_ids))
    )
    rows = session.connection().execute(statement)
    return {row[0]: Addressee(*row) for row in rows}


def delivery_to(
    session: Session, *, kinds: Sequence[str], occasion: str, person_id: int
) -> Delivery | None:
    """A person's own delivery of an occasion."""
    return session.exec(
        select(Delivery).where(
            col(Delivery.kind).in_(kinds),
            Delivery.occasion == occasion,
            Delivery.recipient == person_id,
        )
    ).first()


def reopen(session: Session, delivery: Delivery, *, due_at: datetime) -> None:
    """Owe a delivery again that was skipped or expired; parts that arrived are not repeated."""
    delivery.status, delivery.error, delivery.lease_until = WAITING, None, None
    delivery.due_at, delivery.not_after = due_at, None
    session.add(delivery)
