"""Deliveries in a sender's hands: leased for a while, kept, handed back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as core_select
from sqlmodel import Session, select

from storage import prepared
from storage.deliveries import (
    CLAIM_COLUMNS,
    CLAIMED,
    IS_WAITING,
    NOT_IN_A_LESSON,
    TABLE,
    WAITING,
    Claimed,
    held_by,
    recover,
)

_IS_DUE = (
    TABLE.c.bot == bindparam("of_bot"),
    # In so many words: SQLite takes the index of these rows only for its own condition.
    IS_WAITING,
    TABLE.c.due_at <= bindparam("now"),
    NOT_IN_A_LESSON,
    # After a pause (a machine asleep) nothing goes out too late before `expire` has run.
    (TABLE.c.not_after.is_(None))
    | (TABLE.c.not_after >= bindparam("now"))
    | (TABLE.c.parts_sent > 0),
    # Handed back, to be tried again from then on.
    (TABLE.c.lease_until.is_(None)) | (TABLE.c.lease_until < bindparam("real")),
)
_CHOSEN: Any = (
    select(TABLE.c.id)
    .where(*_IS_DUE)
    .order_by(TABLE.c.due_at, TABLE.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
    # A CTE runs once; PostgreSQL may run a locking subquery again per row, past its limit.
    .cte("chosen")
)
_CLAIM = (
    update(TABLE)
    .where(TABLE.c.id.in_(core_select(_CHOSEN.c.id)))
    .values(
        status=CLAIMED,
        lease_until=bindparam("until"),
        claimed_by=bindparam("by"),
        attempts=TABLE.c.attempts + 1,
    )
    .returning(*CLAIM_COLUMNS)
)


def claim(
    session: Session,
    *,
    now: datetime,
    real: datetime,
    lease: timedelta,
    limit: int,
    claimed_by: str,
    bot: int,
) -> list[Claimed]:
    """Lease the next due deliveries, earliest first; an expired lease is taken over.

    `now` is business time (what is due), `real` machine time (whose lease has run out).
    """
    recover(session, real=real)
    found = prepared.run(
        session,
        _CLAIM,
        of_bot=bot,
        now=now,
        real=real,
        until=real + lease,
        at_most=limit,
        by=claimed_by,
    )
    rows = [Claimed(*row) for row in found]
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def extend(session: Session, ids: Sequence[int], *, claimed_by: str, until: datetime) -> set[int]:
    """Renew the leases of what this process still holds; returns which those are."""
    statement = (
        update(TABLE)
        .where(TABLE.c.id.in_(ids), TABLE.c.status == CLAIMED, TABLE.c.claimed_by == claimed_by)
        .values(lease_until=until)
        .returning(TABLE.c.id)
    )
    return {row[0] for row in session.connection().execute(statement)}


def release(
    session: Session,
    ids: Sequence[int],
    *,
    error: str | None,
    retry_at: datetime | None,
    claimed_by: str | None = None,
    is_attempt: bool = True,
) -> None:
    """Hand deliveries back to be tried again, not before `retry_at` (machine time).

    Only what `claimed_by` still holds: a process that slept must not hand back what another has
    taken up. What was never tried, or was told to wait, is no attempt.
    """
    values: dict[str, Any] = {"status": WAITING, "error": error, "lease_until": retry_at}
    if not is_attempt:
        values["attempts"] = TABLE.c.attempts - 1
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id.in_(ids), *held_by(claimed_by))
        .values(claimed_by=None, **values)
    )


def hold(session: Session, ids: Sequence[int], *, until: datetime) -> None:
    """Hand deliveries back until a later business time; that they wait is no failed attempt."""
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id.in_(ids))
        .values(
            status=WAITING,
            due_at=until,
            lease_until=None,
            claimed_by=None,
            attempts=TABLE.c.attempts - 1,
        )
    )
