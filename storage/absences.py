"""Absences: from when until when somebody rests from learning; no reason is ever kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, or_
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, points_to


class Absence(SQLModel, table=True):
    """One pause of one person; `until` is her first day back, None while it is open."""

    __tablename__ = "absence"

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    since: date
    until: date | None = None
    # Herself or a coordinator.
    set_by: int | None = points_to("person.id", optional=True)
    set_at: datetime
    # When the pause was ended or changed by hand; a planned end needs none.
    ended_at: datetime | None = Field(default=None)


def absent_on(person_id: Any, day: date) -> Any:
    """The condition that a person (a column or an id) is away on a date."""
    return exists().where(
        col(Absence.person_id) == person_id,
        col(Absence.since) <= day,
        or_(col(Absence.until).is_(None), col(Absence.until) > day),
    )


def present_or_coming(session: Session, person_id: int, *, on: date) -> Absence | None:
    """The absence a person is in on a date, else her next one."""
    return session.exec(
        select(Absence)
        .where(
            Absence.person_id == person_id,
            # One that was taken back before it began covers no day at all.
            or_(
                col(Absence.until).is_(None),
                and_(col(Absence.until) > on, col(Absence.until) > col(Absence.since)),
            ),
        )
        .order_by(col(Absence.since))
        .limit(1)
    ).first()


def latest(session: Session, person_id: int, *, ended_by: date) -> Absence | None:
    """The last absence that was over on a date; one taken back before it began is none."""
    return session.exec(
        select(Absence)
        .where(
            Absence.person_id == person_id,
            col(Absence.until) <= ended_by,
            col(Absence.until) > col(Absence.since),
        )
        .order_by(col(Absence.until).desc())
        .limit(1)
    ).first()
