"""What a person and a training have agreed: who comes, who waits in which order, who cannot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, UniqueConstraint, and_, func
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, points_to
from storage.people import FORGOTTEN, Membership, Person, Unit
from storage.units import ACTIVE

REGISTERED, WAITING, DECLINED, WALK_IN = "registered", "waiting", "declined", "walk_in"


class TrainingSeat(SQLModel, table=True):
    """What one person and one training have agreed; `queued` counts up in the order of asking."""

    __tablename__ = "training_seat"
    __table_args__ = (UniqueConstraint("event_id", "person_id"),)

    id: int | None = key()
    event_id: int = points_to("training_event.id")
    person_id: int = points_to("person.id", index=True)
    state: str
    queued: int
    # Why she cannot come, a code; never words.
    reason: str = ""
    # Rises with each change, so that a word about an earlier one is not said any more.
    version: int = Field(default=1)
    changed_by: int | None = points_to("person.id", optional=True)
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Filed:
    """One person in a training's file, also one who has left since."""

    person_id: int
    name: str
    number: str | None
    unit_name: str
    phone: str | None
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Seated:
    """One person on a training's lists."""

    person_id: int
    name: str
    unit_name: str
    state: str
    reason: str
    queued: int


def seat(session: Session, event_id: int, person_id: int) -> TrainingSeat | None:
    """What a person and a training have agreed."""
    return session.exec(
        select(TrainingSeat).where(
            TrainingSeat.event_id == event_id, TrainingSeat.person_id == person_id
        )
    ).first()


def seats_of(session: Session, person_id: int) -> list[TrainingSeat]:
    """What a person has agreed with any training."""
    return list(
        session.exec(
            select(TrainingSeat)
            .where(TrainingSeat.person_id == person_id)
            .order_by(col(TrainingSeat.id))
        )
    )


def count(session: Session, event_id: int, state: str) -> int:
    """How many active people stand in a state; the place of who has left is free."""
    statement = (
        select(func.count(col(TrainingSeat.id)))
        .join(Person, col(Person.id) == TrainingSeat.person_id)
        .where(
            TrainingSeat.event_id == event_id,
            TrainingSeat.state == state,
            Person.status == ACTIVE,
        )
    )
    return int(session.exec(statement).one())


def counts(session: Session, event_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """How many active people stand in each state of each training, by (event, state)."""
    rows = session.exec(
        select(TrainingSeat.event_id, TrainingSeat.state, func.count(col(TrainingSeat.id)))
        .join(Person, col(Person.id) == TrainingSeat.person_id)
        .where(col(TrainingSeat.event_id).in_(event_ids), Person.status == ACTIVE)
        .group_by(col(TrainingSeat.event_id), col(TrainingSeat.state))
    )
    return {(event_id, state): int(number) for event_id, state, number in rows}


def next_number(session: Session, event_id: int) -> int:
    """The number of whoever asks next; the event is locked meanwhile."""
    last = session.exec(
        select(func.max(TrainingSeat.queued)).where(TrainingSeat.event_id == event_id)
    ).one()
    return int(last or 0) + 1


def waiting(session: Session, event_id: int, *, limit: int | None = None) -> list[TrainingSeat]:
    """Who waits, in the order of asking; only active people move up."""
    return list(
        session.exec(
            select(TrainingSeat)
            .join(Person, col(Person.id) == TrainingSeat.person_id)
            .where(
                TrainingSeat.event_id == event_id,
                TrainingSeat.state == WAITING,
                Person.status == ACTIVE,
            )
            .order_by(col(TrainingSeat.queued))
            .limit(limit)
        )
    )


def with_place(columns: Sequence[Any]) -> Select[Any]:
    """These columns of seats, of who holds them and of the unit where each works, if in one."""
    return (
        core_select(*columns)
        .select_from(TrainingSeat)
        .join(Person, col(Person.id) == TrainingSeat.person_id)
        .outerjoin(
            Membership,
            and_(col(Membership.person_id) == Person.id, col(Membership.until).is_(None)),
        )
        .outerjoin(Unit, col(Unit.id) == Membership.unit_id)
    )


def seated(session: Session, event_id: int, states: Sequence[str]) -> list[Seated]:
    """Everybody in one of these states with where she works, in the order of asking."""
    columns: list[Any] = [
        col(Person.id),
        col(Person.name),
        func.coalesce(Unit.name_zh, ""),
        col(TrainingSeat.state),
        col(TrainingSeat.reason),
        col(TrainingSeat.queued),
    ]
    rows = session.connection().execute(
        with_place(columns)
        .where(
            col(TrainingSeat.event_id) == event_id,
            col(TrainingSeat.state).in_(states),
            col(Person.status) == ACTIVE,
        )
        .order_by(col(TrainingSeat.queued))
    )
    return [Seated(*row) for row in rows]


def filed(session: Session, event_id: int) -> list[Filed]:
    """Everybody who ever stood on a training's lists, by state and in the order of asking."""
    columns: list[Any] = [
        col(Person.id),
        col(Person.name),
        col(Person.number),
        func.coalesce(Unit.name_zh, ""),
        col(Person.phone),
        col(TrainingSeat.state),
        col(TrainingSeat.reason),
    ]
    rows = session.connection().execute(
        with_place(columns)
        .where(col(TrainingSeat.event_id) == event_id, col(Person.status) != FORGOTTEN)
        .order_by(col(TrainingSeat.state), col(TrainingSeat.queued))
    )
    return [Filed(*row) for row in rows]
