"""How often each person heard us, today and this week."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import case, func, literal
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel

from storage.columns import BIG, points_to
from storage.deliveries import TABLE as DELIVERY
from storage.prepared import insert_ignoring


class Attention(SQLModel, table=True):
    """One row per person, of the last day something sounded; older days count for nothing."""

    __tablename__ = "attention"

    person_id: int = points_to("person.id", primary=True)
    day: date
    on_day: int = Field(sa_type=BIG)
    # The Monday of the ISO week.
    week: date
    in_week: int = Field(sa_type=BIG)


TABLE: Any = Attention.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Heard:
    """How many messages sounded at one person on a day, and in its week."""

    on_day: int
    in_week: int


def monday(day: date) -> date:
    """The first day of a day's ISO week."""
    return day - timedelta(days=day.weekday())


def heard(session: Session, person_ids: Collection[int], *, day: date) -> dict[int, Heard]:
    """What each person heard on this day and in its week, in one query; without a row: nothing."""
    if not person_ids:
        return {}
    week = monday(day)
    rows = session.connection().execute(
        core_select(TABLE).where(TABLE.c.person_id.in_(person_ids), TABLE.c.week == week)
    )
    return {row.person_id: Heard(row.on_day if row.day == day else 0, row.in_week) for row in rows}


def note(session: Session, delivery_ids: Sequence[int], *, day: date) -> None:
    """One message of each of these deliveries sounded on this day; groups are nobody's count.

    One statement for any number of them; in the order of the persons, so that two senders that
    note the same ones wait for each other instead of both being stopped.
    """
    if not delivery_ids:
        return
    week, times = monday(day), func.count()
    counted = (
        core_select(
            DELIVERY.c.person_id,
            literal(day, TABLE.c.day.type),
            times,
            literal(week, TABLE.c.week.type),
            times,
        )
        .where(DELIVERY.c.id.in_(delivery_ids), DELIVERY.c.person_id.is_not(None))
        .group_by(DELIVERY.c.person_id)
        .order_by(DELIVERY.c.person_id)
    )
    insert = insert_ignoring(session, TABLE).from_select(
        ["person_id", "day", "on_day", "week", "in_week"], counted
    )
    new, c = insert.excluded, TABLE.c
    session.connection().execute(
        insert.on_conflict_do_update(
            index_elements=["person_id"],
            set_={
                "day": new.day,
                "on_day": new.on_day + case((c.day == new.day, c.on_day), else_=0),
                "week": new.week,
                "in_week": new.in_week + case((c.week == new.week, c.in_week), else_=0),
            },
        )
    )
