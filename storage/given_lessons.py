"""A lesson in its reader's hands: read at every tap and answer, so in few and plain queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, insert, select
from sqlmodel import Session, col

from storage import prepared
from storage.cohorts import Cohort
from storage.deliveries import Delivery, SentMessage
from storage.lessons import Answer
from storage.people import Person


@dataclass(frozen=True, slots=True)
class Given:
    """One delivery of a lesson to one person; `chosen` is her first answer, None before it.

    `zone` is her cohort's; `content_language` is what she learns in.
    """

    delivery_id: int
    person_id: int
    kind: str
    occasion: str
    lesson_id: int | None
    parts_sent: int
    version_id: int | None
    zone: str
    content_language: str
    chosen: int | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a delivery; `lines` are the notices it said, as JSON, None for none."""

    chat_id: int
    message_id: int
    lines: list[dict[str, Any]] | None


_GIVEN = (
    select(
        col(Delivery.id),
        col(Delivery.person_id),
        col(Delivery.kind),
        col(Delivery.occasion),
        col(Delivery.subject_id),
        col(Delivery.parts_sent),
        col(Delivery.content_version),
        col(Cohort.zone),
        col(Person.content_language),
        col(Answer.chosen),
    )
    .select_from(Delivery)
    .join(Cohort, col(Cohort.id) == col(Delivery.cohort_id))
    .join(Person, col(Person.id) == col(Delivery.person_id))
    .outerjoin(
        Answer,
        and_(
            col(Answer.delivery_id) == col(Delivery.id),
            col(Answer.person_id) == col(Delivery.person_id),
        ),
    )
)
_BY_OCCASION: Any = _GIVEN.where(
    col(Delivery.kind).in_(bindparam("kinds", expanding=True)),
    col(Delivery.occasion) == bindparam("occasion"),
    col(Delivery.recipient) == bindparam("person_id"),
)
_BY_POLL: Any = _GIVEN.join(SentMessage, col(SentMessage.delivery_id) == col(Delivery.id)).where(
    col(SentMessage.poll_id) == bindparam("poll_id")
)
_MESSAGES: Any = (
    select(col(SentMessage.chat_id), col(SentMessage.message_id), col(SentMessage.lines))
    .where(col(SentMessage.delivery_id) == bindparam("delivery_id"))
    .order_by(col(SentMessage.part))
)
_ANSWER: Any = insert(Answer)


def to_person(
    session: Session, *, kinds: Sequence[str], occasion: str, person_id: int
) -> Given | None:
    """The lesson an occasion brought to a person."""
    row = prepared.run(
        session, _BY_OCCASION, kinds=tuple(kinds), occasion=occasion, person_id=person_id
    ).first()
    return Given(*row) if row else None


def by_poll(session: Session, poll_id: str) -> Given | None:
    """The lesson whose quiz this is; None for a quiz nobody knows, or of another kind."""
    row = prepared.run(session, _BY_POLL, poll_id=poll_id).first()
    return Given(*row) if row else None


def messages(session: Session, delivery_id: int) -> list[Message]:
    """What a delivery became, in order of its parts."""
    return [Message(*row) for row in prepared.run(session, _MESSAGES, delivery_id=delivery_id)]


def answer(
    session: Session, given: Given, *, chosen: int, correct: bool, at: datetime, source: str
) -> None:
    """Keep the first answer, with the version it was given on; a second one is refused."""
    prepared.run(
        session,
        _ANSWER,
        person_id=given.person_id,
        delivery_id=given.delivery_id,
        version_id=given.version_id,
        chosen=chosen,
        correct=correct,
        answered_at=at,
        source=source,
    )
