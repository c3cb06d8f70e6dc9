"""The messages that deliveries turned into: written down part by part, as they arrive."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.deliveries import SENT, SENT_MESSAGE, TABLE, Delivery, SentMessage
from storage.people import Person
from storage.prepared import insert_ignoring


@dataclass(frozen=True, slots=True)
class Arrived:
    """One part of a delivery as the channel accepted it; with the last one the delivery is sent."""

    delivery_id: int
    part: int
    chat_id: int
    message_id: int
    poll_id: str | None
    content_version: int | None
    is_last: bool
    # Whether it made a sound, and which notices its delivery said as lines.
    sounded: bool = False
    folded: tuple[int, ...] = ()
    # The lines that this part said, as JSON documents.
    lines: tuple[dict[str, Any], ...] = ()


def record_parts(session: Session, arrived: Sequence[Arrived], *, sent_at: datetime) -> None:
    """Remember what arrived, many at once: a resumed delivery starts at its next part.

    It is true whoever holds the row by now, so it is not asked. But a word that comes late, after
    another process went further with the row, takes nothing back.
    """
    if not arrived:
        return
    connection = session.connection()
    plain = [_row(one, sent_at) for one in arrived if not one.lines]
    with_lines = [_row(one, sent_at) | {"lines": list(one.lines)} for one in arrived if one.lines]
    insert = insert_ignoring(session, SENT_MESSAGE).on_conflict_do_nothing()
    for rows in (plain, with_lines):
        if rows:
            connection.execute(insert, rows)
    alike: dict[tuple[int, int | None, bool], list[int]] = {}
    for one in arrived:
        alike.setdefault((one.part, one.content_version, one.is_last), []).append(one.delivery_id)
    for (part, version, is_last), ids in sorted(alike.items(), key=lambda item: item[0][0]):
        values: dict[str, Any] = {"parts_sent": part + 1, "content_version": version}
        if is_last:
            values |= {"status": SENT, "sent_at": sent_at, "lease_until": None, "error": None}
        connection.execute(
            update(TABLE).where(TABLE.c.id.in_(ids), TABLE.c.parts_sent <= part).values(**values)
        )


def of_occasion(session: Session, *, kind: str, occasion: str) -> list[tuple[int, int, str]]:
    """(chat, message, its reader's language) of everything an occasion of a kind sent to people."""
    rows = session.exec(
        select(SentMessage.chat_id, SentMessage.message_id, Person.language)
        .join(Delivery, col(Delivery.id) == SentMessage.delivery_id)
        .join(Person, col(Person.id) == Delivery.person_id)
        .where(Delivery.kind == kind, Delivery.occasion == occasion)
        .order_by(col(SentMessage.id))
    )
    return list(rows)


def about(
    session: Session, person_id: int, *, kinds: Sequence[str], subject_id: int
) -> list[tuple[int, str, int, int]]:
    """(delivery, its kind, chat, message) of all that somebody was sent about something."""
    rows = session.exec(
        select(Delivery.id, Delivery.kind, SentMessage.chat_id, SentMessage.message_id)
        .join(SentMessage, col(SentMessage.delivery_id) == Delivery.id)
        .where(
            Delivery.person_id == person_id,
            Delivery.subject_id == subject_id,
            col(Delivery.kind).in_(kinds),
        )
        .order_by(col(SentMessage.id))
    )
    return [(delivery or 0, kind, chat, message) for delivery, kind, chat, message in rows]


def occasion_at(
    session: Session, chat_id: int, message_id: int, *, kinds: Sequence[str]
) -> str | None:
    """The occasion of the delivery that a message of a chat belongs to."""
    return session.exec(
        select(Delivery.occasion)
        .join(SentMessage, col(SentMessage.delivery_id) == Delivery.id)
        .where(
            SentMessage.chat_id == chat_id,
            SentMessage.message_id == message_id,
            col(Delivery.kind).in_(kinds),
        )
        .limit(1)
    ).first()


def _row(one: Arrived, sent_at: datetime) -> dict[str, Any]:
    return {
        "delivery_id": one.delivery_id,
        "part": one.part,
        "chat_id": one.chat_id,
        "message_id": one.message_id,
        "poll_id": one.poll_id,
        "sent_at": sent_at,
    }
