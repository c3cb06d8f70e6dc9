"""Absences: from when until when somebody rests from learning; no reason is ever kept."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import prepared
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


_BACK_SINCE: Any = (
    core_select(col(Absence.until))
    .where(
        col(Absence.person_id) == bindparam("person_id"),
        col(Absence.until) <= bindparam("on"),
        col(Absence.until) > col(Absence.since),
    )
    .order_by(col(Absence.until).desc())
    .limit(1)
)


def back_since(session: Session, person_id: int, *, on: date) -> date | None:
    """The first day back after the last absence that was over on a date; None if there was none.

    One taken back before it began is none.
    """
    found: date | None = prepared.run(session, _BACK_SINCE, person_id=person_id, on=on).scalar()
    return found
