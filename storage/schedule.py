"""Dates that a coordinator held or moved, and how many people and groups a date is for."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import and_, func, or_, update
from sqlmodel import Session, col, select

from storage.absences import Absence
from storage.cohorts import Cohort, CohortMember, Rhythm, WorkGroup
from storage.deliveries import CLAIMED, SENT, SKIPPED, WAITING, Delivery, Occasion
from storage.lesson_deliveries import add_occasion
from storage.people import ChatAccount, Person, Unit

HELD, MOVED = "held", "moved"
DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]


def cohorts_under(
    session: Session, paths: Sequence[str], *, bot: int
) -> list[tuple[Cohort, str, str]]:
    """The cohorts of these units and everything under them, with their unit's path and name."""
    return list(
        session.exec(
            select(Cohort, Unit.path, Unit.name_zh)
            .join(Unit, col(Unit.id) == Cohort.unit_id)
            .where(Cohort.bot == bot, or_(*(col(Unit.path).startswith(path) for path in paths)))
            .order_by(col(Cohort.id))
        )
        if paths
        else ()
    )


def occasions_of(
    session: Session, *, kind: str, cohort_ids: Sequence[int], since: date, until: date
) -> dict[tuple[int, date], Occasion]:
    """What is known of each date of these cohorts, both ends included, in one query."""
    rows = session.exec(
        select(Occasion).where(
            Occasion.kind == kind,
            col(Occasion.cohort_id).in_(cohort_ids),
            Occasion.local_date >= since,
            Occasion.local_date <= until,
        )
    )
    return {(row.cohort_id, row.local_date): row for row in rows}


def lock_occasion(
    session: Session, *, kind: str, cohort_id: int, local_date: date, now: datetime
) -> Occasion:
    """A date's row, made where there is none, and nobody else's until this transaction ends.

    A row that is "moved" to no other hour stands for a date as usual that is not planned yet: it
    is never deleted, so that the planner, which may wait for it, finds it.
    """
    add_occasion(
        session,
        kind=kind,
        cohort_id=cohort_id,
        local_date=local_date,
        state=MOVED,
        lesson_id=None,
        now=now,
    )
    return session.exec(
        select(Occasion)
        .where(
            Occasion.kind == kind,
            Occasion.cohort_id == cohort_id,
            Occasion.local_date == local_date,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def settle_moved(
    session: Session, *, kind: str, cohort_id: int, local_date: date, state: str
) -> None:
    """A moved date whose time went by while nothing ran: say what became of it."""
    session.exec(
        update(Occasion)
        .where(
            col(Occasion.kind) == kind,
            col(Occasion.cohort_id) == cohort_id,
            col(Occasion.local_date) == local_date,
            col(Occasion.state) == MOVED,
        )
        .values(state=state)
    )


def watermark_of(session: Session, *, kind: str, cohort_id: int) -> date:
    """The last date already planned for a cohort's rhythm."""
    return session.exec(
        select(col(Rhythm.watermark)).where(Rhythm.cohort_id == cohort_id, Rhythm.kind == kind)
    ).one()


def is_begun(session: Session, *, kind: str, occasion: str) -> bool:
    """Whether anybody has received an occasion, or is receiving it now."""
    return (
        session.exec(
            select(Delivery.id)
            .where(
                Delivery.kind == kind,
                Delivery.occasion == occasion,
                or_(col(Delivery.status).in_((SENT, CLAIMED)), col(Delivery.parts_sent) > 0),
            )
            .limit(1)
        ).first()
        is not None
    )


def hold_waiting(session: Session, *, kind: str, occasion: str) -> int:
    """Take what still waits of an occasion off the way; returns how many rows."""
    statement = (
        update(DELIVERY)
        .where(
            DELIVERY.c.kind == kind,
            DELIVERY.c.occasion == occasion,
            DELIVERY.c.status == WAITING,
        )
        .values(status=SKIPPED, error=HELD, lease_until=None)
    )
    return int(session.connection().execute(statement).rowcount)


def reopen_held(session: Session, *, kind: str, occasion: str) -> int:
    """Put back on its way what was held; returns how many rows."""
    statement = (
        update(DELIVERY)
        .where(
            DELIVERY.c.kind == kind,
            DELIVERY.c.occasion == occasion,
            DELIVERY.c.status == SKIPPED,
            DELIVERY.c.error == HELD,
        )
        .values(status=WAITING, error=None)
    )
    return int(session.connection().execute(statement).rowcount)


def redue_members(
    session: Session,
    *,
    kind: str,
    occasion: str,
    cohort_id: int,
    own_time: time | None,
    due_at: datetime,
    not_after: datetime | None,
) -> int:
    """Give what still waits another hour: for members who receive at this hour of their own.

    With None: members without an hour of their own, and the work groups.
    """
    with_own = select(CohortMember.person_id).where(
        CohortMember.cohort_id == cohort_id,
        col(CohortMember.until).is_(None),
        col(CohortMember.own_time).is_not(None)
        if own_time is None
        else CohortMember.own_time == own_time,
    )
    person = DELIVERY.c.person_id
    statement = (
        update(DELIVERY)
        .where(
            DELIVERY.c.kind == kind,
            DELIVERY.c.occasion == occasion,
            DELIVERY.c.status == WAITING,
            or_(person.is_(None), person.not_in(with_own))
            if own_time is None
            else person.in_(with_own),
        )
        .values(due_at=due_at, not_after=not_after)
    )
    return int(session.connection().execute(statement).rowcount)


def people_in(session: Session, cohort_ids: Sequence[int], *, bot: int, on: date) -> dict[int, int]:
    """How many people each cohort's message of a date is for: here, active and not resting."""
    rests = (
        select(Absence.id)
        .where(
            Absence.person_id == CohortMember.person_id,
            Absence.since <= on,
            or_(col(Absence.until).is_(None), col(Absence.until) > on),
        )
        .exists()
    )
    rows = session.exec(
        select(CohortMember.cohort_id, func.count(col(CohortMember.id)))
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
            col(CohortMember.cohort_id).in_(cohort_ids),
            col(CohortMember.until).is_(None),
            Person.status == "active",
            ~rests,
        )
        .group_by(col(CohortMember.cohort_id))
    )
    return dict(rows.all())


def groups_in(session: Session, cohort_ids: Sequence[int], *, bot: int) -> dict[int, int]:
    """How many work groups are linked to each cohort."""
    rows = session.exec(
        select(WorkGroup.cohort_id, func.count(col(WorkGroup.id)))
        .where(
            col(WorkGroup.cohort_id).in_(cohort_ids),
            WorkGroup.bot == bot,
            col(WorkGroup.ended_at).is_(None),
        )
        .group_by(col(WorkGroup.cohort_id))
    )
    return dict(rows.all())
