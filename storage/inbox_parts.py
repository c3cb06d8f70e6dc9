"""Waiting updates of one sender side by side: a text that Telegram split came as several."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy import select as core_select
from sqlmodel import Session

from storage import prepared
from storage.inbox import DONE, STILL_WAITING, TABLE, WAITING, TakenOver, Waiting, opened
from storage.sealed import NoteKey

# A text of so many parts is longer than anything that is asked for.
MOST = 16

_OF_SENDER: Any = (
    core_select(TABLE)
    .where(
        TABLE.c.bot == bindparam("bot"),
        # As it stands in the index: SQLite uses it for no other way of saying so.
        STILL_WAITING,
        TABLE.c.sender == bindparam("sender"),
    )
    .order_by(TABLE.c.update_id)
    .limit(MOST)
)


def waiting_of(session: Session, *, bot: int, sender: int, note_key: NoteKey) -> list[Waiting]:
    """What of one sender waits or is in hand, put off or not, in the order it was sent."""
    rows = prepared.run(session, _OF_SENDER, bot=bot, sender=sender)
    return [opened(row, note_key) for row in rows]


def mark_joined(session: Session, row_ids: Collection[int], *, at: datetime) -> None:
    """Processed with the part in hand, in its transaction; TakenOver where one is not there.

    Whoever has one of a sender's updates in hand has all of them.
    """
    statement = (
        update(TABLE)
        .where(TABLE.c.id.in_(row_ids), TABLE.c.status == WAITING)
        .values(status=DONE, payload=None, done_at=at)
    )
    if session.connection().execute(statement).rowcount != len(row_ids):
        raise TakenOver(row_ids)
