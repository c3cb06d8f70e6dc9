"""How full the outbox is: what is due, what waits for its hour, what is in somebody's hands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session

from storage.deliveries import IN_HAND, IS_WAITING, Delivery

TABLE: Any = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Queue:
    """Open deliveries of one bot; `oldest_due_at` is the longest overdue one's hour."""

    due: int
    later: int
    claimed: int
    oldest_due_at: datetime | None


def depth(session: Session, *, bot: int, now: datetime) -> Queue:
    """Count what is open, in two queries over the two indexes of open rows."""
    is_due = TABLE.c.due_at <= now
    # Written out: SQLite takes a partial index only for the very words it was made with.
    waiting = select(
        func.count().filter(is_due),
        func.count().filter(~is_due),
        func.min(TABLE.c.due_at).filter(is_due),
    ).where(IS_WAITING, TABLE.c.bot == bot)
    in_hand = select(func.count()).where(IN_HAND, TABLE.c.bot == bot)
    due, later, oldest = session.connection().execute(waiting).one()
    claimed = session.connection().execute(in_hand).scalar_one()
    return Queue(int(due), int(later), int(claimed), oldest)
