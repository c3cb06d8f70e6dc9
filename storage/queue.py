"""How full the outbox is: what is due, what waits for its hour, what is in somebody's hands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlmodel import Session

from storage.deliveries import CLAIMED, OPEN, WAITING, Delivery

TABLE: Any = Delivery.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Queue:
    """Open deliveries of one bot; `oldest_due_at` is the longest overdue one's hour."""

    due: int
    later: int
    claimed: int
    oldest_due_at: datetime | None


def depth(session: Session, *, bot: int, now: datetime) -> Queue:
    """Count what is open, in one query over the index of open rows."""
    is_due = and_(TABLE.c.status == WAITING, TABLE.c.due_at <= now)
    is_later = and_(TABLE.c.status == WAITING, TABLE.c.due_at > now)
    # OPEN is written out: SQLite takes a partial index only for the very words it was made with.
    statement = select(
        func.count().filter(is_due),
        func.count().filter(is_later),
        func.count().filter(TABLE.c.status == CLAIMED),
        func.min(TABLE.c.due_at).filter(is_due),
    ).where(OPEN, TABLE.c.bot == bot)
    due, later, claimed, oldest = session.connection().execute(statement).one()
    return Queue(int(due), int(later), int(claimed), oldest)
