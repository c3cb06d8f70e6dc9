"""Several receivers on one PostgreSQL database: who has which sender's updates in hand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import DateTime, func, update
from sqlalchemy import select as core_select
from sqlmodel import Session

from storage.inbox import STILL, TABLE, Waiting, before_gap, opened
from storage.sealed import NoteKey

COLUMNS = tuple(
    TABLE.c[name]
    for name in ("id", "bot", "update_id", "sender", "attempts", "received_at", "payload")
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What this receiver has now, in order, and whether more waits that it may get soon."""

    updates: list[Waiting]
    is_more: bool


def _database_time() -> Any:
    """Leases are read by several machines, so the database's clock counts."""
    return func.clock_timestamp(type_=DateTime(timezone=True))


def claim(
    session: Session,
    *,
    bot: int,
    note_key: NoteKey,
    receiver: str,
    real: datetime,
    lease: timedelta,
    limit: int,
    gap: timedelta | None = None,
) -> Claim:
    """Take up to `limit` waiting updates of senders that no other receiver has in hand.

    So one sender is with one receiver at a time, and her order is kept there. `gap` as in
    `inbox.waiting`. PostgreSQL only; one receiver of a bot claims at a time, the others come
    again.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended("inbox", bot))
    if not session.connection().execute(core_select(lock)).scalar_one():
        return Claim([], is_more=True)
    free = _free(bot, receiver=receiver, real=real, gap=gap)
    waiting = (
        core_select(TABLE.c.id, TABLE.c.sender, TABLE.c.update_id)
        .where(*free)
        .order_by(TABLE.c.update_id)
        .limit(limit)
        .cte("waiting")
    )
    # A row somebody is closing at this moment is passed over, and so is what stands behind it.
    locked = (
        core_select(TABLE.c.id)
        .where(TABLE.c.id.in_(core_select(waiting.c.id)), TABLE.c.status == STILL)
        .with_for_update(skip_locked=True)
        .cte("locked")
    )
    earlier = waiting.alias("earlier")
    is_behind = (
        core_select(earlier.c.id)
        .where(
            earlier.c.sender == TABLE.c.sender,
            earlier.c.update_id < TABLE.c.update_id,
            earlier.c.id.not_in(core_select(locked.c.id)),
        )
        .exists()
    )
    statement = (
        update(TABLE)
        .where(TABLE.c.id.in_(core_select(locked.c.id)), ~is_behind)
        .values(claimed_by=receiver, lease_until=_database_time() + lease)
        .returning(*COLUMNS)
    )
    rows = sorted(session.connection().execute(statement), key=lambda row: row.update_id)
    return Claim([opened(row, note_key) for row in rows], is_more=_is_more(session, bot, real))


def _nobodys() -> Any:
    return TABLE.c.claimed_by.is_(None) | (TABLE.c.lease_until < _database_time())


def _may_be_tried(bot: int, real: datetime) -> list[Any]:
    return [
        TABLE.c.bot == bot,
        TABLE.c.status == STILL,
        TABLE.c.not_before.is_(None) | (TABLE.c.not_before <= real),
        _nobodys(),
    ]


def _free(bot: int, *, receiver: str, real: datetime, gap: timedelta | None) -> list[Any]:
    """Conditions of an update that nobody has and whose sender nobody else has."""
    others = TABLE.alias("others")
    is_elsewhere = (
        core_select(others.c.id)
        .where(
            others.c.bot == bot,
            others.c.sender == TABLE.c.sender,
            others.c.status == STILL,
            others.c.claimed_by.is_not(None),
            others.c.claimed_by != receiver,
            others.c.lease_until >= _database_time(),
        )
        .exists()
    )
    return [*_may_be_tried(bot, real), ~is_elsewhere, *before_gap(bot, real=real, gap=gap)]


def _is_more(session: Session, bot: int, real: datetime) -> bool:
    """Whether something waits in nobody's hands: behind a gap, a busy sender, or the limit."""
    found = core_select(TABLE.c.id).where(*_may_be_tried(bot, real)).limit(1)
    return session.connection().execute(found).first() is not None


def extend(session: Session, row_ids: Collection[int], *, receiver: str, lease: timedelta) -> int:
    """Keep what is still being worked on; what another receiver took over stays there."""
    statement = (
        update(TABLE)
        .where(TABLE.c.id.in_(row_ids), TABLE.c.claimed_by == receiver, TABLE.c.status == STILL)
        .values(lease_until=_database_time() + lease)
    )
    return int(session.connection().execute(statement).rowcount)


def let_go(session: Session, *, receiver: str, bot: int) -> int:
    """Hand back what was not begun, so that another receiver need not wait for the lease."""
    statement = (
        update(TABLE)
        .where(TABLE.c.bot == bot, TABLE.c.claimed_by == receiver, TABLE.c.status == STILL)
        .values(claimed_by=None, lease_until=None)
    )
    return int(session.connection().execute(statement).rowcount)
