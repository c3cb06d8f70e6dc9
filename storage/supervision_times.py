"""When a supervisor can be booked: her terms, her weekly hours, and the days that differ."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import or_
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, number, points_to
from storage.prepared import insert_ignoring


class SupervisionTerms(SQLModel, table=True):
    """How a supervisor may be booked: how long a session is, how long she is left alone after one
    (both in minutes), how many hours before one at the latest, how many hours a month at most,
    and where one meets online.
    """

    __tablename__ = "supervision_terms"

    bot: int = number()
    supervisor_id: int = points_to("person.id", primary=True)
    minutes: int
    buffer_minutes: int
    notice_hours: int
    hours_per_month: int | None = None
    place: str
    changed_at: datetime


class SupervisionTime(SQLModel, table=True):
    """Hours of a weekday, or what differs on a date: more hours, none, or a journey to a place.

    `last_day` is where days off run on to; without `starts` it is the whole day.
    """

    __tablename__ = "supervision_time"

    id: int | None = key()
    bot: int = number()
    supervisor_id: int = points_to("person.id", index=True)
    kind: str
    weekday: int | None = None
    day: date | None = None
    last_day: date | None = None
    starts: time | None = None
    ends: time | None = None
    place: str
    created_at: datetime


TERMS: Any = SupervisionTerms.__table__  # type: ignore[attr-defined]


def terms(session: Session, supervisor_id: int) -> SupervisionTerms | None:
    """What a supervisor has agreed to, None before she said anything."""
    return session.exec(
        select(SupervisionTerms).where(SupervisionTerms.supervisor_id == supervisor_id)
    ).first()


def terms_of_all(session: Session, supervisor_ids: Collection[int]) -> dict[int, SupervisionTerms]:
    """What each of these supervisors has agreed to, where she said anything."""
    rows = session.exec(
        select(SupervisionTerms).where(col(SupervisionTerms.supervisor_id).in_(supervisor_ids))
    )
    return {row.supervisor_id: row for row in rows}


def set_terms(session: Session, supervisor_id: int, **values: Any) -> None:
    """Write a supervisor's terms in place of what there was."""
    insert = insert_ignoring(session, TERMS).values(supervisor_id=supervisor_id, **values)
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=["supervisor_id"], set_=values)
    )
    session.expire_all()


def times(session: Session, supervisor_id: int, *, on: date) -> list[SupervisionTime]:
    """Her weekly hours, and what differs on a date or later; in that order."""
    found = session.exec(
        select(SupervisionTime)
        .where(
            SupervisionTime.supervisor_id == supervisor_id,
            or_(
                col(SupervisionTime.day).is_(None),
                col(SupervisionTime.day) >= on,
                col(SupervisionTime.last_day) >= on,
            ),
        )
        .order_by(
            col(SupervisionTime.day).is_not(None),
            col(SupervisionTime.day),
            col(SupervisionTime.weekday),
            col(SupervisionTime.starts),
            col(SupervisionTime.id),
        )
    )
    return list(found)


def time_of(session: Session, time_id: int) -> SupervisionTime | None:
    """One of her times."""
    return session.get(SupervisionTime, time_id)


def drop(session: Session, found: SupervisionTime) -> None:
    """Take one of her times away; what is booked in it stays."""
    session.delete(found)
    session.flush()
