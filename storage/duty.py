"""Who is called in danger: a unit's emergency contacts, its duty list, and the alerts raised."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint, delete, text
from sqlmodel import Session, SQLModel, col, select

from storage.cohorts import Cohort
from storage.columns import key, number, partial_index, points_to
from storage.people import Unit

IS_OPEN = text("next_at IS NOT NULL")


class EmergencyContact(SQLModel, table=True):
    """A number to call in a unit and everything under it that has none of its own."""

    __tablename__ = "emergency_contact"

    id: int | None = key()
    unit_id: int = points_to("unit.id", index=True)
    name: str
    phone: str


class DutyMember(SQLModel, table=True):
    """Somebody who is told of danger in a unit, in the order of the ids."""

    __tablename__ = "duty_member"
    __table_args__ = (UniqueConstraint("unit_id", "person_id"),)

    id: int | None = key()
    unit_id: int = points_to("unit.id")
    person_id: int = points_to("person.id")


class DangerAlert(SQLModel, table=True):
    """One alert: never a text. `told` counts who was told; `next_at` is None once taken or done."""

    __tablename__ = "danger_alert"
    __table_args__ = (partial_index("ix_danger_alert_open", "bot", "next_at", where=IS_OPEN),)

    id: int | None = key()
    bot: int = number()
    unit_id: int | None = points_to("unit.id", optional=True)
    # Known to the trail; shown only where she asked to be called.
    person_id: int = points_to("person.id")
    raised_at: datetime
    call_me: bool = False
    taken_by: int | None = points_to("person.id", optional=True)
    taken_at: datetime | None = None
    told: int = 0
    next_at: datetime | None = None


def _ids(unit_path: str) -> list[int]:
    """The ids of a unit and everything above it, the nearest first."""
    return [int(part) for part in reversed(unit_path.split("/")) if part]


def contacts(session: Session, unit_path: str) -> list[EmergencyContact]:
    """The contacts of the nearest unit that has any."""
    for unit_id in _ids(unit_path):
        found = own_contacts(session, unit_id)
        if found:
            return found
    return []


def own_contacts(session: Session, unit_id: int) -> list[EmergencyContact]:
    """A unit's own contacts, in the order in which they were set."""
    return list(
        session.exec(
            select(EmergencyContact)
            .where(EmergencyContact.unit_id == unit_id)
            .order_by(col(EmergencyContact.id))
        )
    )


def set_contacts(session: Session, unit_id: int, rows: Sequence[tuple[str, str]]) -> None:
    """Replace a unit's contacts by these (name, phone)."""
    session.exec(delete(EmergencyContact).where(col(EmergencyContact.unit_id) == unit_id))
    session.add_all(EmergencyContact(unit_id=unit_id, name=n, phone=p) for n, p in rows)
    session.flush()


def own_duty(session: Session, unit_id: int) -> list[int]:
    """The people on a unit's own duty list, in order."""
    return list(
        session.exec(
            select(DutyMember.person_id)
            .where(DutyMember.unit_id == unit_id)
            .order_by(col(DutyMember.id))
        )
    )


def duty(session: Session, unit_path: str) -> list[int]:
    """The duty list of the nearest unit that has one, then of those above it, each person once."""
    found: list[int] = []
    for unit_id in _ids(unit_path):
        found += own_duty(session, unit_id)
    return list(dict.fromkeys(found))


def units_of(session: Session, person_id: int) -> list[Unit]:
    """The units on whose own duty list somebody stands."""
    return list(
        session.exec(
            select(Unit)
            .join(DutyMember, col(DutyMember.unit_id) == col(Unit.id))
            .where(DutyMember.person_id == person_id)
            .order_by(col(Unit.path))
        )
    )


def put_on_duty(session: Session, unit_id: int, person_id: int) -> None:
    """Put somebody at the end of a unit's duty list; flushes, so that twice fails."""
    session.add(DutyMember(unit_id=unit_id, person_id=person_id))
    session.flush()


def take_off_duty(session: Session, unit_id: int, person_id: int) -> bool:
    """Take somebody off a unit's duty list; False where she was not on it."""
    statement = delete(DutyMember).where(
        col(DutyMember.unit_id) == unit_id, col(DutyMember.person_id) == person_id
    )
    return bool(session.exec(statement).rowcount)


def units_with_cohorts(session: Session) -> list[int]:
    """The units that cohorts belong to, in order of id."""
    return list(session.exec(select(Cohort.unit_id).distinct().order_by(col(Cohort.unit_id))))


def recent_alert(session: Session, person_id: int, *, since: datetime) -> DangerAlert | None:
    """Somebody's newest alert raised since a moment, that nobody took."""
    return session.exec(
        select(DangerAlert)
        .where(
            DangerAlert.person_id == person_id,
            col(DangerAlert.raised_at) >= since,
            col(DangerAlert.taken_by).is_(None),
        )
        .order_by(col(DangerAlert.id).desc())
        .limit(1)
    ).first()


def locked_alert(session: Session, alert_id: int) -> DangerAlert | None:
    """An alert; a second person who takes it waits here."""
    return session.exec(
        select(DangerAlert)
        .where(DangerAlert.id == alert_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def to_move_on(session: Session, *, bot: int, now: datetime) -> list[DangerAlert]:
    """Alerts nobody took in time, the oldest first; another process's are passed over."""
    return list(
        session.exec(
            select(DangerAlert)
            .where(DangerAlert.bot == bot, IS_OPEN, col(DangerAlert.next_at) <= now)
            .order_by(col(DangerAlert.id))
            .with_for_update(skip_locked=True)
        )
    )
