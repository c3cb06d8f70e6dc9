"""The rooms that a large session meets in: which there are, and who sits in which."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, or_, update
from sqlalchemy import select as core_select
from sqlmodel import Session, SQLModel, col, select

from storage.cohorts import CohortMember
from storage.columns import points_to
from storage.gatherings import ATTENDANCE, MERGED, Attendance, Gathering
from storage.people import Membership, Person, Unit
from storage.prepared import insert_ignoring


class GatheringSeat(SQLModel, table=True):
    """Somebody's place in one of the rooms of a session; one that meets whole has none."""

    __tablename__ = "gathering_seat"

    gathering_id: int = points_to("gathering.id", primary=True)
    person_id: int = points_to("person.id", primary=True)


SEAT: Any = GatheringSeat.__table__  # type: ignore[attr-defined]


def sits_in(person_id: Any, gathering_id: Any) -> ColumnElement[bool]:
    """Whether somebody has a place in a room, as a condition; either may be a column."""
    return (
        core_select(SEAT.c.person_id)
        .where(SEAT.c.gathering_id == gathering_id, SEAT.c.person_id == person_id)
        .correlate_except(SEAT)
        .exists()
    )


def of_session(session: Session, found: Gathering) -> list[Gathering]:
    """Every room of the session that a gathering is or is part of, in order; else it alone."""
    if not found.room:
        return [found]
    return list(
        session.exec(
            select(Gathering)
            .where(
                Gathering.kind == found.kind,
                Gathering.cohort_id == found.cohort_id,
                Gathering.local_date == found.local_date,
                col(Gathering.state) != MERGED,
            )
            .order_by(col(Gathering.room))
        )
    )


def merged(session: Session, lead: Gathering) -> dict[int, Gathering]:
    """The rooms of a session that were merged back into it, by number."""
    rows = session.exec(
        select(Gathering).where(
            Gathering.kind == lead.kind,
            Gathering.cohort_id == lead.cohort_id,
            Gathering.local_date == lead.local_date,
            Gathering.state == MERGED,
        )
    )
    return {row.room: row for row in rows}


def seat(session: Session, gathering_id: int, person_ids: Collection[int]) -> None:
    """Give people a place in a room; who has it keeps it."""
    if person_ids:
        rows = [{"gathering_id": gathering_id, "person_id": one} for one in sorted(person_ids)]
        session.flush()
        session.connection().execute(insert_ignoring(session, SEAT).on_conflict_do_nothing(), rows)


def unseat(session: Session, gathering_id: int, person_id: int) -> None:
    """Take somebody's place in a room away."""
    session.flush()
    here = (SEAT.c.gathering_id == gathering_id) & (SEAT.c.person_id == person_id)
    session.connection().execute(delete(SEAT).where(here))


def clear(session: Session, gathering_ids: Collection[int]) -> None:
    """Take every place in these rooms away."""
    session.flush()
    session.connection().execute(delete(SEAT).where(SEAT.c.gathering_id.in_(gathering_ids)))


def seats(session: Session, gathering_ids: Collection[int]) -> dict[int, set[int]]:
    """Who sits in each of these rooms."""
    rows = session.connection().execute(
        core_select(SEAT).where(SEAT.c.gathering_id.in_(gathering_ids))
    )
    found: dict[int, set[int]] = {gathering_id: set() for gathering_id in gathering_ids}
    for gathering_id, person_id in rows:
        found[gathering_id].add(person_id)
    return found


def room_of(session: Session, person_id: int, gathering_ids: Collection[int]) -> int | None:
    """In which of these rooms somebody sits."""
    return (
        session.connection()
        .execute(
            core_select(SEAT.c.gathering_id)
            .where(SEAT.c.person_id == person_id, SEAT.c.gathering_id.in_(gathering_ids))
            .order_by(SEAT.c.gathering_id)
            .limit(1)
        )
        .scalar_one_or_none()
    )


def newest(session: Session, cohort_id: int, *, kind: str, before: date) -> list[Gathering]:
    """The rooms of a cohort's last session before a date that met in rooms, in order."""
    day = session.exec(
        select(func.max(col(Gathering.local_date))).where(
            Gathering.kind == kind,
            Gathering.cohort_id == cohort_id,
            Gathering.local_date < before,
            Gathering.room > 1,
            col(Gathering.state) != MERGED,
        )
    ).one()
    return list(
        session.exec(
            select(Gathering)
            .where(
                Gathering.kind == kind,
                Gathering.cohort_id == cohort_id,
                Gathering.local_date == day,
                col(Gathering.state) != MERGED,
            )
            .order_by(col(Gathering.room))
        )
    )


def members(session: Session, cohort_id: int, *, on: date) -> list[tuple[int, str]]:
    """Everybody with a place in a cohort on a date, each with her unit's path, "" without one."""
    columns: list[Any] = [col(Person.id), func.coalesce(Unit.path, "")]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(CohortMember)
        .join(Person, col(Person.id) == CohortMember.person_id)
        .outerjoin(
            Membership,
            and_(col(Membership.person_id) == Person.id, col(Membership.until).is_(None)),
        )
        .outerjoin(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            col(CohortMember.cohort_id) == cohort_id,
            col(CohortMember.since) <= on,
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > on),
            col(Person.status) == "active",
        )
        .order_by(col(Person.id))
    )
    return [(person_id, path) for person_id, path in rows]


def move_attendance(session: Session, *, of: Collection[int], to: Mapping[int, int]) -> None:
    """Take what is known of people at some gatherings along to others: `to` by person."""
    session.flush()
    for gathering_id in sorted(set(to.values())):
        people = [person_id for person_id, target in to.items() if target == gathering_id]
        known = core_select(ATTENDANCE.c.person_id).where(ATTENDANCE.c.gathering_id == gathering_id)
        session.connection().execute(
            update(ATTENDANCE)
            .where(
                ATTENDANCE.c.gathering_id.in_(of),
                ATTENDANCE.c.gathering_id != gathering_id,
                ATTENDANCE.c.person_id.in_(people),
                ATTENDANCE.c.person_id.not_in(known),
            )
            .values(gathering_id=gathering_id)
        )
    session.expire_all()


def states(session: Session, gathering_ids: Sequence[int]) -> list[tuple[int, str]]:
    """What is known of whom in these rooms: (gathering, state)."""
    rows = session.exec(
        select(Attendance.gathering_id, Attendance.state).where(
            col(Attendance.gathering_id).in_(gathering_ids)
        )
    )
    return list(rows)
