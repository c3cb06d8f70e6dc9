"""Who accompanies a worker after her supervisor's last day: one pair follows another, dated."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, text
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, key, number, partial_index, points_to
from storage.people import Person, RoleGrant
from storage.units import ACTIVE

PLANNED, UNDONE = "planned", "undone"
STANDS = text("state = 'planned'")


class SupervisionHandover(SQLModel, table=True):
    """From `on_day` on the one pair takes the place of the other.

    `before` is how the first pair stood, `version` counts the changes.
    """

    __tablename__ = "supervision_handover"
    __table_args__ = (
        partial_index("uq_supervision_handover", "from_pair_id", where=STANDS, unique=True),
    )

    id: int | None = key()
    bot: int = number()
    from_pair_id: int = points_to("supervision_pair.id", index=True)
    to_pair_id: int = points_to("supervision_pair.id", index=True)
    on_day: date
    state: str
    before: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    version: int
    changed_by: int = points_to("person.id")
    changed_at: datetime
    created_at: datetime


def handover(
    session: Session, handover_id: int, *, lock: bool = False
) -> SupervisionHandover | None:
    """A handover; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionHandover).where(SupervisionHandover.id == handover_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def planned_from(session: Session, pair_ids: Collection[int]) -> dict[int, SupervisionHandover]:
    """What follows each of these pairs, where that is settled."""
    rows = session.exec(
        select(SupervisionHandover).where(
            col(SupervisionHandover.from_pair_id).in_(pair_ids),
            SupervisionHandover.state == PLANNED,
        )
    )
    return {row.from_pair_id: row for row in rows}


def begun(session: Session, *, bot: int, on: date) -> list[tuple[int, int]]:
    """From which pair to which something is handed over that has begun by a date."""
    rows = session.exec(
        select(col(SupervisionHandover.from_pair_id), col(SupervisionHandover.to_pair_id)).where(
            SupervisionHandover.bot == bot,
            SupervisionHandover.state == PLANNED,
            SupervisionHandover.on_day <= on,
        )
    )
    return list(rows)


def role_ends(
    session: Session, *, after: date, by: date, supervisor_id: int | None = None
) -> dict[int, date]:
    """The first day without any role of a supervisor, of whoever has a last one within a span."""
    statement = (
        select(col(RoleGrant.person_id), func.max(col(RoleGrant.until)))
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .where(
            RoleGrant.role == "supervisor",
            Person.status == ACTIVE,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > after),
        )
        .group_by(col(RoleGrant.person_id))
        .having(
            func.count() == func.count(col(RoleGrant.until)),
            func.max(col(RoleGrant.until)) <= by,
        )
    )
    if supervisor_id is not None:
        statement = statement.where(RoleGrant.person_id == supervisor_id)
    rows = session.exec(statement).all()
    return {person_id: day for person_id, day in rows if day is not None}
