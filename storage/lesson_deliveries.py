"""Lessons owed, in sets: one INSERT ... SELECT per hour, never a row at a time in Python."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Select, and_, case, func, literal, null, or_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.absences import absent_on
from storage.cohorts import Cohort, CohortMember, WorkGroup
from storage.deliveries import (
    CLAIMED,
    SENT,
    WAITING,
    Delivery,
    Occasion,
)
from storage.lessons import Lesson
from storage.people import ChatAccount, Person
from storage.prepared import insert_ignoring

DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]
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
    zone: str
    quiet_from: time
    quiet_to: time
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
    """The different hours members of a cohort receive at; None stands for the cohort's own."""
    return list(
        session.exec(
            select(col(CohortMember.own_time))
            .where(CohortMember.cohort_id == cohort_id, col(CohortMember.until).is_(None))
            .distinct()
        )
    )


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


def _own_next_lesson(cohort_id: int, pack_id: int, kind: str, on: date) -> Any:
    """Per member: the lesson behind the last one she received, else the first of a new round."""
    received, done = aliased(Lesson), aliased(Delivery)
    last_position = (
        select(received.position)
        .join(done, col(done.subject_id) == col(received.id))
        .where(
            done.person_id == CohortMember.person_id,
            done.cohort_id == cohort_id,
            done.kind == kind,
            # In a pack chosen since she begins with its first lesson.
            received.pack_id == pack_id,
            # What is on its way counts too: else two missed days would bring the same lesson.
            col(done.status).in_((SENT, WAITING, CLAIMED)),
        )
        .order_by(col(done.due_at).desc())
        .limit(1)
        .correlate(CohortMember)
        .scalar_subquery()
    )
    ahead = (
        select(Lesson.id)
        .where(teachable(pack_id, on), col(Lesson.position) > func.coalesce(last_position, -1))
        .order_by(col(Lesson.position))
        .limit(1)
        .correlate(CohortMember)
        .scalar_subquery()
    )
    first = (
        select(Lesson.id)
        .where(teachable(pack_id, on))
        .order_by(col(Lesson.position))
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(ahead, first)


def owe(session: Session, values: dict[str, Any], source: Select[Any]) -> int:
    """Add the deliveries that a query selects; those that exist already stay as they are."""
    statement = (
        insert_ignoring(session, DELIVERY)
        .from_select(list(values), source)
        .on_conflict_do_nothing()
    )
    return int(session.connection().execute(statement).rowcount)


def new_columns(**values: Any) -> dict[str, Any]:
    """Every column of a new delivery; INSERT ... SELECT knows no Python defaults."""
    fixed = {"status": WAITING, "attempts": 0, "parts_sent": 0}
    return {
        name: value if hasattr(value, "compile") else literal(value, DELIVERY.c[name].type)
        for name, value in (values | fixed).items()
    }


def owe_members(
    session: Session,
    *,
    cohort_id: int,
    pack_id: int,
    bot: int,
    kind: str,
    occasion: str,
    day: date,
    own_time: time | None,
    lesson_id: int | None,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
    person_id: int | None = None,
) -> int:
    """Owe a lesson to every member (or one) of a cohort who receives at this hour.

    `lesson_id` None means that each gets her own next lesson. A row that exists already stays.
    """
    lesson = (
        literal(lesson_id, DELIVERY.c.subject_id.type)
        if lesson_id is not None
        else _own_next_lesson(cohort_id, pack_id, kind, day)
    )
    values = new_columns(
        bot=bot,
        kind=kind,
        occasion=occasion,
        recipient=col(CohortMember.person_id),
        person_id=col(CohortMember.person_id),
        cohort_id=cohort_id,
        subject_id=lesson,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    hour = col(CohortMember.own_time)
    source = (
        select(*values.values())
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
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > day),
            hour.is_(None) if own_time is None else hour == own_time,
            Person.status == "active",
            ~absent_on(col(CohortMember.person_id), day),
        )
    )
    if person_id is not None:
        source = source.where(CohortMember.person_id == person_id)
    return owe(session, values, source)


def owe_groups(
    session: Session,
    *,
    cohort_id: int,
    bot: int,
    kind: str,
    occasion: str,
    lesson_id: int | None,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> int:
    """Owe a lesson to the work groups linked to a cohort."""
    values = new_columns(
        bot=bot,
        kind=kind,
        occasion=occasion,
        recipient=-col(WorkGroup.id),
        group_id=col(WorkGroup.id),
        cohort_id=cohort_id,
        subject_id=lesson_id,
        urgency=urgency,
        due_at=due_at,
        not_after=not_after if not_after is not None else null(),
        created_at=now,
    )
    source = select(*values.values()).where(
        WorkGroup.cohort_id == cohort_id, WorkGroup.bot == bot, col(WorkGroup.ended_at).is_(None)
    )
    return owe(session, values, source)


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
        Cohort.zone,
        Cohort.quiet_from,
        Cohort.quiet_to,
        case(
            (col(Lesson.is_withdrawn).is_(True), null()),
            # A half-sent lesson is finished in the version it was begun in.
            else_=func.coalesce(Delivery.content_version, Lesson.current_version_id),
        ),
    ]
    statement = (
        sa_select(*columns)
        .join(Cohort, col(Cohort.id) == Delivery.cohort_id)
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
