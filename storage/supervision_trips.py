"""Journeys of a supervisor that became online sessions at once, and who has seen that."""

from datetime import date, datetime
from typing import Any

from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, number, points_to
from storage.supervision_bookings import BOOKED, SupervisionBooking

ONLINE_NOW, UNDONE = "online", "undone"


class SupervisionTrip(SQLModel, table=True):
    """A journey whose sessions moved online together; `place` is the link that was given since."""

    __tablename__ = "supervision_trip"

    id: int | None = key()
    bot: int = number()
    supervisor_id: int = points_to("person.id", index=True)
    first_day: date
    last_day: date
    place: str
    state: str
    changed_at: datetime


class SupervisionTripChange(SQLModel, table=True):
    """One session of it: the version it got by that, and when its worker said 知道了."""

    __tablename__ = "supervision_trip_change"

    trip_id: int = points_to("supervision_trip.id", primary=True)
    booking_id: int = points_to("supervision_booking.id", primary=True)
    version: int
    seen_at: datetime | None = None


def trip(session: Session, trip_id: int) -> SupervisionTrip | None:
    """A journey that moved online."""
    return session.get(SupervisionTrip, trip_id)


def changes(session: Session, trip_id: int) -> list[SupervisionTripChange]:
    """The sessions of it."""
    rows = session.exec(
        select(SupervisionTripChange)
        .where(SupervisionTripChange.trip_id == trip_id)
        .order_by(col(SupervisionTripChange.booking_id))
    )
    return list(rows)


def change_of(session: Session, booking_id: int, *, version: int) -> SupervisionTripChange | None:
    """What one change of a session was part of."""
    return session.exec(
        select(SupervisionTripChange).where(
            SupervisionTripChange.booking_id == booking_id,
            SupervisionTripChange.version == version,
        )
    ).first()


def in_person_ahead(
    session: Session, supervisor_id: int, *, now: datetime, mode: str
) -> list[SupervisionBooking]:
    """A supervisor's sessions of a mode that are to come, in order."""
    made: Any = SupervisionBooking
    rows = session.exec(
        select(SupervisionBooking)
        .where(
            made.supervisor_id == supervisor_id,
            made.state == BOOKED,
            made.mode == mode,
            made.starts_at > now,
        )
        .order_by(made.starts_at, made.id)
    )
    return list(rows)
