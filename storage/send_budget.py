"""The send budget that every process of one bot shares: when its next message may go."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal
from sqlalchemy import select as core_select
from sqlalchemy.dialects import postgresql
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import BIG
from storage.prepared import insert_ignoring


class SendBudget(SQLModel, table=True):
    """One row per bot: from `free_at` on (machine time) nothing is reserved yet."""

    __tablename__ = "send_budget"

    bot: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    free_at: datetime


TABLE: Any = SendBudget.__table__  # type: ignore[attr-defined]


def reserve(
    session: Session, *, bot: int, real: datetime, gap: timedelta, count: int, behind: timedelta
) -> datetime:
    """Reserve the next `count` slots, `gap` apart; returns the first one's time (PostgreSQL).

    `behind`: how far in the past the first may lie, so that a moment of sleep costs no rate.
    """
    block, earliest = gap * count, real - behind
    free = TABLE.c.free_at
    statement = (
        postgresql.insert(TABLE)
        .values(bot=bot, free_at=earliest + block)
        .on_conflict_do_update(
            index_elements=["bot"],
            set_={"free_at": func.greatest(free, literal(earliest, free.type)) + block},
        )
        .returning(free)
    )
    after: datetime = session.connection().execute(statement).scalar_one()
    return after - block


def push_back(session: Session, *, bot: int, until: datetime) -> None:
    """Nobody sends before `until`: Telegram said so, and a restart must not forget it."""
    insert = insert_ignoring(session, TABLE).values(bot=bot, free_at=until)
    session.connection().execute(
        insert.on_conflict_do_update(
            index_elements=["bot"], set_={"free_at": until}, where=TABLE.c.free_at < until
        )
    )


def free_at(session: Session, *, bot: int) -> datetime | None:
    """When the next slot is free, or None where nothing was ever reserved."""
    return session.exec(select(SendBudget.free_at).where(col(SendBudget.bot) == bot)).first()


def machine_time(session: Session) -> datetime:
    """The database server's own clock, which all processes can agree on (PostgreSQL)."""
    found: datetime = session.connection().execute(core_select(func.clock_timestamp())).scalar_one()
    return found
