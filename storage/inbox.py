"""Telegram updates as they came: stored before they are confirmed, blanked when they are done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, delete, text, update
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, number
from storage.deliveries import insert_ignoring
from storage.sealed import NoteKey, WrongKey

WAITING, DONE, FAILED, UNPARSABLE = "waiting", "done", "failed", "unparsable"
STILL_WAITING = text("status = 'waiting'")


class InboxUpdate(SQLModel, table=True):
    """One update of one bot; `payload` is its JSON, sealed, and NULL once it is processed."""

    __tablename__ = "inbox_update"
    __table_args__ = (
        UniqueConstraint("bot", "update_id"),
        Index(
            "ix_inbox_update_waiting",
            "bot",
            "update_id",
            sqlite_where=STILL_WAITING,
            postgresql_where=STILL_WAITING,
        ),
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
    done_at: datetime | None = Field(default=None)


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
    return int(session.connection().execute(statement.values(rows)).rowcount)


def waiting(
    session: Session, *, bot: int, note_key: NoteKey, real: datetime, limit: int = 500
) -> list[Waiting]:
    """Unprocessed updates that may be tried now, in order."""
    rows = session.exec(
        select(InboxUpdate)
        .where(
            InboxUpdate.bot == bot,
            InboxUpdate.status == WAITING,
            (col(InboxUpdate.not_before).is_(None)) | (col(InboxUpdate.not_before) <= real),
        )
        .order_by(col(InboxUpdate.update_id))
        .limit(limit)
    )
    return [
        Waiting(
            row.id or 0,
            row.update_id,
            row.sender,
            row.attempts,
            row.received_at,
            _opened(row, note_key),
        )
        for row in rows
    ]


def _opened(row: InboxUpdate, note_key: NoteKey) -> str | None:
    try:
        return note_key.open(row.payload or b"", about=about(row.bot, row.update_id))
    except WrongKey:
        return None


def mark_done(session: Session, row_id: int, *, at: datetime) -> None:
    """Processed: the text is blanked in the same transaction as the change it caused."""
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id == row_id, TABLE.c.status == WAITING)
        .values(status=DONE, payload=None, done_at=at)
    )


def mark_failed(session: Session, row_id: int, *, at: datetime, error: str) -> None:
    """A bug met it: blanked as well; the log has the error under the row's id."""
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id == row_id, TABLE.c.status == WAITING)
        .values(status=FAILED, payload=None, done_at=at, error=error)
    )


def mark_unparsable(session: Session, row_id: int, *, at: datetime, error: str) -> None:
    """Kept sealed, so that the shape that broke us can still be looked at."""
    session.connection().execute(
        update(TABLE).where(TABLE.c.id == row_id).values(status=UNPARSABLE, done_at=at, error=error)
    )


def postpone(session: Session, row_id: int, *, until: datetime) -> None:
    """Try again later, in order with whatever else the sender sends then."""
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id == row_id)
        .values(not_before=until, attempts=TABLE.c.attempts + 1)
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
