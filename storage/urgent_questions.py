"""Urgent questions as they go round: whose turn each is, and what she was told of them."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from storage.deliveries import Delivery, SentMessage
from storage.people import Unit
from storage.questions import OPEN_STATES, URGENT, Question
from storage.units import within


def _open() -> list[Any]:
    return [Question.urgency == URGENT, col(Question.state).in_(OPEN_STATES)]


def overdue(session: Session, *, bot: int, before: datetime) -> list[Question]:
    """Urgent questions still open whose turn began before a moment, the oldest first."""
    return list(
        session.exec(
            select(Question)
            .where(
                Question.bot == bot,
                *_open(),
                or_(col(Question.assigned_at).is_(None), col(Question.assigned_at) < before),
            )
            .order_by(col(Question.id))
            .with_for_update(skip_locked=True)
        )
    )


def of_person(
    session: Session,
    person_id: int,
    *,
    bot: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Question]:
    """The open urgent questions that are somebody's turn, given to her in a span, oldest first."""
    span = [
        *([col(Question.assigned_at) >= since] if since is not None else []),
        *([col(Question.assigned_at) < until] if until is not None else []),
    ]
    return list(
        session.exec(
            select(Question)
            .where(Question.bot == bot, Question.assigned_to == person_id, *_open(), *span)
            .order_by(col(Question.assigned_at), col(Question.id))
        )
    )


def first_due(session: Session, paths: Sequence[str], *, states: Collection[str]) -> date | None:
    """By when the first of the questions of these units in a state is to be answered."""
    return session.exec(
        select(func.min(col(Question.answer_by)))
        .join(Unit, col(Unit.id) == Question.unit_id)
        .where(within(paths), col(Question.state).in_(states))
    ).one()


def message(
    session: Session, person_id: int, *, kind: str, occasion: str
) -> tuple[str, int | None, int | None] | None:
    """What became of one delivery to somebody: (status, chat, message), None where there is none.

    Chat and message are None until it arrived.
    """
    row = session.exec(
        select(Delivery.status, SentMessage.chat_id, SentMessage.message_id)
        .join(SentMessage, col(SentMessage.delivery_id) == Delivery.id, isouter=True)
        .where(
            Delivery.kind == kind, Delivery.occasion == occasion, Delivery.recipient == person_id
        )
        .order_by(col(SentMessage.id))
    ).first()
    return (row[0], row[1], row[2]) if row is not None else None
