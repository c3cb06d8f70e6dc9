"""What is due around records: sessions without one, actions of a day, what is to be sealed."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, exists, or_
from sqlmodel import Session, col, select

from storage import absences
from storage.deliveries import Delivery
from storage.people import Person
from storage.supervision_bookings import BOOKED, SupervisionBooking
from storage.supervision_records import (
    GROUP,
    OPEN,
    WAITING,
    SupervisionAction,
    SupervisionRecord,
    SupervisionRecordPerson,
)
from storage.units import ACTIVE


def unwritten(
    session: Session, *, bot: int, since: datetime, until: datetime, kind: str
) -> list[SupervisionBooking]:
    """Sessions that began in a span and have no record, of which nobody was told in a `kind`."""
    is_told = exists().where(
        col(Delivery.bot) == bot,
        col(Delivery.kind) == kind,
        col(Delivery.occasion) == cast(col(SupervisionBooking.id), String),
    )
    rows = session.exec(
        _without_record().where(
            SupervisionBooking.bot == bot,
            SupervisionBooking.starts_at >= since,
            SupervisionBooking.starts_at < until,
            ~is_told,
        )
    )
    return list(rows)


def _without_record() -> Any:
    """Sessions that stand and of which nothing was written."""
    is_written = exists().where(col(SupervisionRecord.booking_id) == SupervisionBooking.id)
    return (
        select(SupervisionBooking)
        .where(SupervisionBooking.state == BOOKED, ~is_written)
        .order_by(col(SupervisionBooking.starts_at), col(SupervisionBooking.id))
    )


def unwritten_of(
    session: Session, supervisor_id: int, *, bot: int, since: datetime, until: datetime
) -> list[SupervisionBooking]:
    """A supervisor's sessions that began in a span and of which nothing was written."""
    rows = session.exec(
        _without_record().where(
            SupervisionBooking.supervisor_id == supervisor_id,
            SupervisionBooking.bot == bot,
            SupervisionBooking.starts_at >= since,
            SupervisionBooking.starts_at < until,
        )
    )
    return list(rows)


def group_records(
    session: Session, supervisor_ids: Collection[int], *, bot: int, since: date
) -> list[tuple[int, int, date, frozenset[int]]]:
    """Records of several from a date on, drafts too: id, supervisor, date, who is in it."""
    rows = session.exec(
        select(SupervisionRecord, SupervisionRecordPerson.person_id)
        .join(
            SupervisionRecordPerson, col(SupervisionRecordPerson.record_id) == SupervisionRecord.id
        )
        .where(
            SupervisionRecord.bot == bot,
            SupervisionRecord.form == GROUP,
            col(SupervisionRecord.supervisor_id).in_(supervisor_ids),
            SupervisionRecord.occurred_on >= since,
        )
        .order_by(col(SupervisionRecord.id))
    )
    found: dict[int, tuple[int, date, set[int]]] = {}
    for row, person_id in rows:
        whose = row.supervisor_id or 0
        found.setdefault(row.id or 0, (whose, row.occurred_on, set()))[2].add(person_id)
    return [(key, whose, day, frozenset(people)) for key, (whose, day, people) in found.items()]


def due_actions(session: Session, *, bot: int, on: date, since: date) -> list[SupervisionAction]:
    """Open actions that have come due since a date, of owners who are here and were not told."""
    owner: Any = col(Person.id)
    rows = session.exec(
        select(SupervisionAction)
        .join(Person, owner == SupervisionAction.owner_id)
        .where(
            SupervisionAction.bot == bot,
            SupervisionAction.state == OPEN,
            SupervisionAction.due_on <= on,
            SupervisionAction.due_on >= since,
            col(SupervisionAction.told_due_on).is_distinct_from(col(SupervisionAction.due_on)),
            Person.status == ACTIVE,
            ~absences.absent_on(owner, on),
        )
        .order_by(col(SupervisionAction.id))
    )
    return list(rows)


def to_settle(
    session: Session, *, bot: int, confirmed_before: datetime, submitted_before: datetime
) -> list[int]:
    """Records that wait and whom everybody confirmed, or that have waited long enough."""
    still_asked = exists().where(
        col(SupervisionRecordPerson.record_id) == SupervisionRecord.id,
        or_(
            col(SupervisionRecordPerson.confirmed_at).is_(None),
            col(SupervisionRecordPerson.confirmed_at) > confirmed_before,
        ),
    )
    rows = session.exec(
        select(SupervisionRecord.id)
        .where(
            SupervisionRecord.bot == bot,
            SupervisionRecord.state == WAITING,
            or_(~still_asked, col(SupervisionRecord.submitted_at) <= submitted_before),
        )
        .order_by(col(SupervisionRecord.id))
    )
    return [found or 0 for found in rows]
