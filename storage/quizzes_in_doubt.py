"""Lessons whose quiz may have been sent although nothing was written down of it."""

from collections.abc import Sequence

from sqlalchemy import func
from sqlmodel import Session, col, select

from storage.deliveries import CLAIMED, SENT, WAITING, Delivery, SentMessage


def in_doubt(session: Session, *, bot: int, kinds: Sequence[str], person_id: int) -> list[Delivery]:
    """A person's lessons that arrived in part and have no message with a poll, oldest first.

    A crash between sending a part and noting it leaves this behind; so does a part that was
    counted as sent without its message. A lesson whose question went out with buttons has all
    its messages and is not in doubt.
    """
    messages = (
        select(func.count())
        .where(SentMessage.delivery_id == Delivery.id)
        .correlate(Delivery)
        .scalar_subquery()
    )
    has_poll = (
        select(SentMessage.id)
        .where(SentMessage.delivery_id == Delivery.id, col(SentMessage.poll_id).is_not(None))
        .correlate(Delivery)
        .exists()
    )
    is_open = col(Delivery.status).in_((WAITING, CLAIMED))
    return list(
        session.exec(
            select(Delivery)
            .where(
                Delivery.bot == bot,
                Delivery.person_id == person_id,
                col(Delivery.kind).in_(kinds),
                Delivery.parts_sent > 0,
                col(Delivery.content_version).is_not(None),
                is_open | ((col(Delivery.status) == SENT) & (messages < Delivery.parts_sent)),
                ~has_poll,
            )
            .order_by(col(Delivery.due_at))
        )
    )
