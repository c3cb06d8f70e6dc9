"""Who was there in each half day of a training: one row per person, and the roll built of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, and_, delete, exists, func, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, points_to
from storage.people import FORGOTTEN, Membership, Person, Unit
from storage.training_seats import REGISTERED, WALK_IN, TrainingSeat, with_place
from storage.trainings import TrainingEvent, TrainingPeriod
from storage.units import within


class TrainingAttendance(SQLModel, table=True):
    """What is known of one person in one half day; `state` is the evidence, or why none."""

    __tablename__ = "training_attendance"
    __table_args__ = (UniqueConstraint("period_id", "person_id"),)

    id: int | None = key()
    period_id: int = points_to("training_period.id")
    person_id: int = points_to("person.id", index=True)
    state: str
    marked_by: int | None = points_to("person.id", optional=True)
    marked_at: datetime


@dataclass(frozen=True, slots=True)
class Expected:
    """One person on a half day's list; `state` None where nothing is known of her yet."""

    person_id: int
    name: str
    unit_name: str
    number: str | None
    phone: str | None
    seat: str
    state: str | None


@dataclass(frozen=True, slots=True)
class Present:
    """How many minutes of a training somebody was there."""

    person_id: int
    name: str
    unit_name: str
    minutes: int


def of(session: Session, period_id: int, person_id: int) -> TrainingAttendance | None:
    """What is known of a person in a half day."""
    return session.exec(
        select(TrainingAttendance).where(
            TrainingAttendance.period_id == period_id, TrainingAttendance.person_id == person_id
        )
    ).first()


def mark(
    session: Session,
    period_id: int,
    person_id: int,
    *,
    state: str,
    marked_by: int | None,
    now: datetime,
) -> None:
    """Note what is known of a person in a half day, in place of what was."""
    row = of(session, period_id, person_id) or TrainingAttendance(
        period_id=period_id, person_id=person_id, state=state, marked_at=now
    )
    row.state, row.marked_by, row.marked_at = state, marked_by, now
    session.add(row)
    session.flush()


def drop_of(session: Session, period_id: int) -> None:
    """Forget what is known of a half day that is no more."""
    session.connection().execute(
        delete(TrainingAttendance).where(col(TrainingAttendance.period_id) == period_id)
    )


def roll(session: Session, period: TrainingPeriod) -> list[Expected]:
    """Everybody with a place, who came without one, or of whom something is known, by station."""
    columns: list[Any] = [
        col(Person.id),
        col(Person.name),
        func.coalesce(Unit.name_zh, ""),
        col(Person.number),
        col(Person.phone),
        col(TrainingSeat.state),
        col(TrainingAttendance.state),
    ]
    rows = session.connection().execute(
        with_place(columns)
        .outerjoin(
            TrainingAttendance,
            and_(
                col(TrainingAttendance.period_id) == period.id,
                col(TrainingAttendance.person_id) == Person.id,
            ),
        )
        .where(
            col(TrainingSeat.event_id) == period.event_id,
            or_(
                col(TrainingSeat.state).in_((REGISTERED, WALK_IN)),
                col(TrainingAttendance.state).is_not(None),
            ),
        )
        .order_by(func.coalesce(Unit.name_zh, ""), col(TrainingSeat.queued))
    )
    return [Expected(*row) for row in rows]


def count_in(session: Session, event_id: int, states: tuple[str, ...]) -> dict[int, int]:
    """How many stand in one of these states in each half day of a training, by half day."""
    rows = session.exec(
        select(TrainingAttendance.period_id, func.count(col(TrainingAttendance.id)))
        .join(TrainingPeriod, col(TrainingPeriod.id) == TrainingAttendance.period_id)
        .where(TrainingPeriod.event_id == event_id, col(TrainingAttendance.state).in_(states))
        .group_by(col(TrainingAttendance.period_id))
    )
    return {period_id: int(number) for period_id, number in rows}


def states_of(session: Session, event_id: int, person_id: int) -> dict[int, str]:
    """What is known of a person in a training, by half day."""
    rows = session.exec(
        select(TrainingAttendance.period_id, TrainingAttendance.state)
        .join(TrainingPeriod, col(TrainingPeriod.id) == TrainingAttendance.period_id)
        .where(TrainingPeriod.event_id == event_id, TrainingAttendance.person_id == person_id)
    )
    return dict(rows.all())


def minutes_of(session: Session, event_id: int, states: tuple[str, ...]) -> list[Present]:
    """Everybody who was in some half day of a training, by station and name."""
    unit_name = func.coalesce(Unit.name_zh, "")
    columns: list[Any] = [col(Person.id), col(Person.name), unit_name]
    rows = session.connection().execute(
        core_select(*columns, func.sum(col(TrainingPeriod.minutes)))
        .select_from(TrainingAttendance)
        .join(TrainingPeriod, col(TrainingPeriod.id) == TrainingAttendance.period_id)
        .join(Person, col(Person.id) == TrainingAttendance.person_id)
        .outerjoin(
            Membership,
            and_(col(Membership.person_id) == Person.id, col(Membership.until).is_(None)),
        )
        .outerjoin(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            col(TrainingPeriod.event_id) == event_id,
            col(TrainingAttendance.state).in_(states),
            col(Person.status) != FORGOTTEN,
        )
        .group_by(*columns)
        .order_by(unit_name, col(Person.name), col(Person.id))
    )
    return [Present(row[0], row[1], row[2], int(row[3])) for row in rows]


def was_in(event_id: int, states: tuple[str, ...]) -> Any:
    """The condition that a person was in some half day of a training."""
    return (
        exists()
        .where(
            col(TrainingAttendance.person_id) == col(Person.id),
            col(TrainingAttendance.state).in_(states),
            col(TrainingPeriod.id) == TrainingAttendance.period_id,
            col(TrainingPeriod.event_id) == event_id,
        )
        .correlate(Person)
    )


def is_any(session: Session, event_id: int) -> bool:
    """Whether anything is known of anybody in a training."""
    statement = (
        select(TrainingAttendance.id)
        .join(TrainingPeriod, col(TrainingPeriod.id) == TrainingAttendance.period_id)
        .where(TrainingPeriod.event_id == event_id)
        .limit(1)
    )
    return session.exec(statement).first() is not None


def _halves(
    session: Session,
    counted: type[TrainingAttendance] | type[TrainingSeat],
    belongs: Any,
    *conditions: Any,
    bot: int,
    reach: Sequence[str],
    trainer_id: int,
    since: datetime,
    event_state: str,
) -> list[tuple[TrainingPeriod, str, int]]:
    """Half days begun since a moment, as (half day, the training's title, how many `counted`).

    Those of trainings of units within reach, and those that a person gives.
    """
    is_hers = col(TrainingPeriod.trainer_id) == trainer_id
    rows = session.exec(
        select(TrainingPeriod, TrainingEvent.title, func.count(col(counted.id)))
        .join(TrainingEvent, col(TrainingEvent.id) == TrainingPeriod.event_id)
        .join(Unit, col(Unit.id) == TrainingEvent.unit_id)
        .join(counted, belongs)
        .where(
            TrainingEvent.bot == bot,
            TrainingEvent.state == event_state,
            TrainingPeriod.starts_at > since,
            or_(is_hers, within(reach)) if reach else is_hers,
            *conditions,
        )
        .group_by(col(TrainingPeriod.id), col(TrainingEvent.title))
        .order_by(col(TrainingPeriod.starts_at), col(TrainingPeriod.id))
    )
    return [(period, title, int(count)) for period, title, count in rows]


def to_confirm(
    session: Session, *, state: str, **asked: Any
) -> list[tuple[TrainingPeriod, str, int]]:
    """Half days with people in a state, and how many they are; `asked` as `_halves` takes it."""
    belongs = col(TrainingAttendance.period_id) == TrainingPeriod.id
    is_so = col(TrainingAttendance.state) == state
    return _halves(session, TrainingAttendance, belongs, is_so, **asked)


def unmarked(
    session: Session, *, until: datetime, **asked: Any
) -> list[tuple[TrainingPeriod, str, int]]:
    """Half days begun up to a moment of which nothing is known of anybody, as `to_confirm`.

    The count is of those who have a place; a half day without anybody is left out.
    """
    is_known = exists().where(col(TrainingAttendance.period_id) == TrainingPeriod.id)
    return _halves(
        session,
        TrainingSeat,
        col(TrainingSeat.event_id) == TrainingEvent.id,
        col(TrainingSeat.state) == REGISTERED,
        col(TrainingPeriod.starts_at) <= until,
        ~is_known,
        **asked,
    )
