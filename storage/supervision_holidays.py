"""Sessions on days that became days off: which there are, what the two of a pair say to that."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, number, points_to
from storage.people import Membership, Unit
from storage.supervision_bookings import BOOKED, SupervisionBooking
from storage.supervision_groups import DECLINED, PLANNED, SupervisionGroup, SupervisionSeat
from storage.units import within


class SupervisionHoliday(SQLModel, table=True):
    """One session on a day off. `moves` is how often it was moved when the two were asked: what
    was moved since is no question any more, nor what was withdrawn. `told_open_at` is when its
    supervisor heard that not both have answered.
    """

    __tablename__ = "supervision_holiday"
    __table_args__ = (Index("uq_supervision_holiday", "booking_id", "moves", unique=True),)

    id: int | None = key()
    bot: int = number()
    booking_id: int = points_to("supervision_booking.id")
    day: date
    moves: int
    supervisor_keeps: bool | None = None
    worker_keeps: bool | None = None
    asked_at: datetime
    told_open_at: datetime | None = None
    withdrawn_at: datetime | None = None


def asked(session: Session, holiday_id: int) -> SupervisionHoliday | None:
    """One question."""
    return session.get(SupervisionHoliday, holiday_id)


def asked_of(session: Session, booking: SupervisionBooking) -> SupervisionHoliday | None:
    """What the two were asked of a session at its present time."""
    return session.exec(
        select(SupervisionHoliday).where(
            SupervisionHoliday.booking_id == booking.id,
            SupervisionHoliday.moves == booking.moves,
        )
    ).first()


def open_before(
    session: Session, *, bot: int, now: datetime, until: datetime
) -> list[tuple[SupervisionHoliday, SupervisionBooking]]:
    """What not both have answered of sessions that begin in a span, where nobody was told yet."""
    rows = session.exec(
        select(SupervisionHoliday, SupervisionBooking)
        .join(SupervisionBooking, col(SupervisionBooking.id) == SupervisionHoliday.booking_id)
        .where(
            SupervisionHoliday.bot == bot,
            col(SupervisionHoliday.told_open_at).is_(None),
            col(SupervisionHoliday.withdrawn_at).is_(None),
            SupervisionBooking.state == BOOKED,
            SupervisionBooking.moves == SupervisionHoliday.moves,
            SupervisionBooking.starts_at > now,
            SupervisionBooking.starts_at <= until,
        )
        .order_by(col(SupervisionHoliday.id))
    )
    return [
        (row, booking)
        for row, booking in rows
        if row.supervisor_keeps is None or row.worker_keeps is None
    ]


def booked_under(
    session: Session, paths: list[str], *, bot: int, since: datetime, until: datetime
) -> list[SupervisionBooking]:
    """The sessions of a span whose worker works in these units or under them, in order."""
    rows = session.exec(
        select(SupervisionBooking)
        .join(Membership, col(Membership.person_id) == SupervisionBooking.worker_id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            SupervisionBooking.bot == bot,
            SupervisionBooking.state == BOOKED,
            SupervisionBooking.starts_at >= since,
            SupervisionBooking.starts_at < until,
            col(Membership.until).is_(None),
            within(paths),
        )
        .order_by(col(SupervisionBooking.starts_at), col(SupervisionBooking.id))
    )
    return list(rows)


def groups_under(
    session: Session, paths: list[str], *, bot: int, since: datetime, until: datetime
) -> list[SupervisionGroup]:
    """The sessions with several of a span, in order, to which somebody of these units, or of one
    under them, was invited who did not decline.
    """
    concerned = (
        select(SupervisionSeat.group_id)
        .join(Membership, col(Membership.person_id) == SupervisionSeat.worker_id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            SupervisionSeat.state != DECLINED,
            col(Membership.until).is_(None),
            within(paths),
        )
    )
    rows = session.exec(
        select(SupervisionGroup)
        .where(
            SupervisionGroup.bot == bot,
            SupervisionGroup.state == PLANNED,
            SupervisionGroup.starts_at >= since,
            SupervisionGroup.starts_at < until,
            col(SupervisionGroup.id).in_(concerned),
        )
        .order_by(col(SupervisionGroup.starts_at), col(SupervisionGroup.id))
    )
    return list(rows)
