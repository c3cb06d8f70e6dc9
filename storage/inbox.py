"""Telegram updates as they came: stored before they are confirmed, blanked when they are done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    text,
    update,
)
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel

from storage import prepared
from storage.columns import LARGEST_ID, key, number, partial_index
from storage.prepared import insert_ignoring
from storage.sealed import NoteKey, WrongKey

WAITING, DONE, FAILED, UNPARSABLE = "waiting", "done", "failed", "unparsable"
STILL_WAITING = text("status = 'waiting'")
# Written out, since a prepared statement with a parameter there would not use the partial index.
STILL: Any = literal_column("'waiting'")
IN_HAND = text("status = 'waiting' AND claimed_by IS NOT NULL")


class InboxUpdate(SQLModel, table=True):
    """One update of one bot; `payload` is its JSON, sealed, and NULL once it is processed."""

    __tablename__ = "inbox_update"
    __table_args__ = (
        UniqueConstraint("bot", "update_id"),
        partial_index("ix_inbox_update_waiting", "bot", "update_id", where=STILL_WAITING),
        partial_index("ix_inbox_update_in_hand", "bot", "sender", where=IN_HAND),
    )

    id: int | None = key()
    bot: int = number()
    update_id: int = number()
    # Order is kept per sender; 0 where an update has none.
    sender: int = number()
    payload: bytes | None = None
    status: str = WAITING
    attempts: int = 0
    error: str | None = None
    received_at: datetime
    # Machine time before which it is not tried again (an answer to a poll we do not know yet).
    not_before: datetime | None = None
    # On PostgreSQL: the receiver that has it in hand, and until when by the database's clock.
    claimed_by: str | None = None
    lease_until: datetime | None = None
    done_at: datetime | None = Field(default=None)


class TakenOver(Exception):
    """The update was processed, or taken over by another receiver, while we worked on it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """An update that has not been processed yet, opened."""

    row_id: int
    update_id: int
    sender: int
    attempts: int
    received_at: datetime
    # None when it was sealed with a key we do not have.
    payload: str | None


TABLE: Any = InboxUpdate.__table__  # type: ignore[attr-defined]


def about(bot: int, update_id: int) -> str:
    """What a sealed payload is bound to, so that rows cannot be swapped."""
    return f"inbox:{bot}:{update_id}"


def store(
    session: Session,
    updates: Iterable[tuple[int, int, str]],
    *,
    bot: int,
    note_key: NoteKey,
    now: datetime,
) -> int:
    """Keep (update_id, sender, JSON) of a batch; one that came before is left as it is."""
    rows = [
        {
            "bot": bot,
            "update_id": update_id,
            "sender": sender,
            "payload": note_key.seal(payload, about=about(bot, update_id)),
            "status": WAITING,
            "attempts": 0,
            "received_at": now,
        }
        for update_id, sender, payload in updates
    ]
    if not rows:
        return 0
    statement = insert_ignoring(session, TABLE).on_conflict_do_nothing()
    return int(session.connection().execute(statement, rows).rowcount)


_TO_TRY: Any = (
    core_select(TABLE)
    .where(
        TABLE.c.bot == bindparam("bot"),
        # As it stands in the index: SQLite uses it for no other way of saying so.
        STILL_WAITING,
        TABLE.c.not_before.is_(None) | (TABLE.c.not_before <= bindparam("real")),
    )
    .order_by(TABLE.c.update_id)
    .limit(bindparam("limit"))
)


def waiting(
    session: Session,
    *,
    bot: int,
    note_key: NoteKey,
    real: datetime,
    limit: int = 500,
    gap: timedelta | None = None,
) -> list[Waiting]:
    """Unprocessed updates that may be tried now, in order, for the only receiver there is.

    `gap` is how long what came by webhook waits for an earlier number (None: it cannot come).
    """
    statement = _TO_TRY.where(*before_gap(bot, real=real, gap=gap)) if gap else _TO_TRY
    rows = prepared.run(session, statement, bot=bot, real=real, limit=limit)
    return [opened(row, note_key) for row in rows]


def before_gap(bot: int, *, real: datetime, gap: timedelta | None) -> list[Any]:
    """Conditions that hold back whatever stands behind a number that may be on its way still.

    By webhook Telegram brings several updates at once, and they may overtake one another. The
    numbers of one bot follow each other (but for a jump after a quiet week), so a missing one is
    waited for until the update behind it is `gap` old. A time ahead of ours is no reason to wait:
    it comes from a machine whose clock is wrong.
    """
    if gap is None:
        return []
    fresh, before = TABLE.alias("fresh"), TABLE.alias("before")
    has_predecessor = (
        core_select(before.c.id)
        .where(before.c.bot == bot, before.c.update_id == fresh.c.update_id - 1)
        .exists()
    )
    first_gap = (
        core_select(func.min(fresh.c.update_id))
        .where(
            fresh.c.bot == bot,
            fresh.c.status == STILL,
            fresh.c.received_at > real - gap,
            fresh.c.received_at < real + gap,
            ~has_predecessor,
        )
        .scalar_subquery()
    )
    return [TABLE.c.update_id < func.coalesce(first_gap, LARGEST_ID)]


def opened(row: Any, note_key: NoteKey) -> Waiting:
    """A row with its payload unsealed, where we have its key."""
    try:
        payload = note_key.open(row.payload or b"", about=about(row.bot, row.update_id))
    except WrongKey:
        payload = None
    return Waiting(row.id, row.update_id, row.sender, row.attempts, row.received_at, payload)


def _ours(row_id: int, receiver: str | None) -> Any:
    """Still waiting, and not taken over by another receiver (None: the only one there is)."""
    conditions = [TABLE.c.id == row_id, TABLE.c.status == WAITING]
    if receiver is not None:
        conditions.append(TABLE.c.claimed_by == receiver)
    return and_(*conditions)


_DONE: Any = (
    update(TABLE)
    .where(TABLE.c.id == bindparam("row_id"), TABLE.c.status == WAITING)
    .values(status=DONE, payload=None, done_at=bindparam("at"))
)
_DONE_IN_HAND: Any = _DONE.where(TABLE.c.claimed_by == bindparam("receiver"))


def mark_done(session: Session, row_id: int, *, at: datetime, receiver: str | None = None) -> None:
    """Processed: the text is blanked in the same transaction as the change it caused.

    Raises TakenOver when it is done already or in another receiver's hands, so that the change
    is rolled back instead of being made twice.
    """
    statement = _DONE if receiver is None else _DONE_IN_HAND
    if not prepared.run(session, statement, row_id=row_id, receiver=receiver, at=at).rowcount:
        raise TakenOver(row_id)


def mark_failed(
    session: Session, row_id: int, *, at: datetime, error: str, receiver: str | None = None
) -> None:
    """A bug met it: blanked as well; the log has the error under the row's id."""
    session.connection().execute(
        update(TABLE)
        .where(_ours(row_id, receiver))
        .values(status=FAILED, payload=None, done_at=at, error=error)
    )


def mark_unparsable(
    session: Session, row_id: int, *, at: datetime, error: str, receiver: str | None = None
) -> None:
    """Kept sealed, so that the shape that broke us can still be looked at."""
    session.connection().execute(
        update(TABLE)
        .where(_ours(row_id, receiver))
        .values(status=UNPARSABLE, done_at=at, error=error)
    )


def postpone(
    session: Session, row_id: int, *, until: datetime, receiver: str | None = None
) -> None:
    """Try again later, in order with whatever else the sender sends then."""
    session.connection().execute(
        update(TABLE)
        .where(_ours(row_id, receiver))
        .values(not_before=until, attempts=TABLE.c.attempts + 1, claimed_by=None, lease_until=None)
    )


def forget_unparsable(session: Session, *, before: datetime) -> int:
    """Blank what could not be parsed and is older than the keeping time (7 days)."""
    statement = (
        update(TABLE)
        .where(
            TABLE.c.status == UNPARSABLE, TABLE.c.payload.is_not(None), TABLE.c.received_at < before
        )
        .values(payload=None)
    )
    return int(session.connection().execute(statement).rowcount)


def forget_done(session: Session, *, before: datetime) -> int:
    """Delete rows of updates processed long ago.

    Telegram repeats an update for 24 hours; much later the same number may stand for a new one.
    """
    statement = delete(TABLE).where(TABLE.c.status.in_((DONE, FAILED)), TABLE.c.done_at < before)
    return int(session.connection().execute(statement).rowcount)
