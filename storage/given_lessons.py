"""A lesson in its reader's hands: read at every tap and answer, so in few and plain queries."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import String, and_, bindparam, cast, exists, insert, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage import prepared
from storage.cohorts import Cohort
from storage.deliveries import Delivery, Occasion, SentMessage
from storage.lessons import Answer, LessonVersion
from storage.people import Person


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a delivery; `lines` are the notices it said, as JSON, None for none."""

    chat_id: int
    message_id: int
    lines: list[dict[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Given:
    """One delivery of a lesson to one person; `chosen` is her first answer, None before it.

    `zone` is her cohort's; `content_language` is what she learns in. `status` is its version's.
    `may_be_review`: the cohort was given this lesson on another day too. `messages` are what it
    became, in order of its parts.
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
    status: str | None
    may_be_review: bool
    messages: tuple[Message, ...]


# Given's own fields, in their order in the query.
_LESSON = tuple(field.name for field in fields(Given))[:-1]
# An occasion's name is its cohort and its date (curriculum.occasions).
_OTHER_DAY = exists().where(
    col(Occasion.kind) == col(Delivery.kind),
    col(Occasion.cohort_id) == col(Delivery.cohort_id),
    col(Occasion.lesson_id) == col(Delivery.subject_id),
    col(Delivery.occasion).not_like("%:" + cast(col(Occasion.local_date), String)),
)
_PART: Any = aliased(SentMessage)
# A row for each message of it, all of them alike but for that message.
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
        col(LessonVersion.status),
        _OTHER_DAY,
        _PART.chat_id,
        _PART.message_id,
        _PART.lines,
    )
    .select_from(Delivery)
    .join(Cohort, col(Cohort.id) == col(Delivery.cohort_id))
    .join(Person, col(Person.id) == col(Delivery.person_id))
    .outerjoin(_PART, _PART.delivery_id == col(Delivery.id))
    .outerjoin(LessonVersion, col(LessonVersion.id) == col(Delivery.content_version))
    .outerjoin(
        Answer,
        and_(
            col(Answer.delivery_id) == col(Delivery.id),
            col(Answer.person_id) == col(Delivery.person_id),
        ),
    )
    .order_by(_PART.part)
)
_BY_OCCASION: Any = _GIVEN.where(
    col(Delivery.kind).in_(bindparam("kinds", expanding=True)),
    col(Delivery.occasion) == bindparam("occasion"),
    col(Delivery.recipient) == bindparam("person_id"),
)
_BY_POLL: Any = _GIVEN.join(SentMessage, col(SentMessage.delivery_id) == col(Delivery.id)).where(
    col(SentMessage.poll_id) == bindparam("poll_id")
)
_ANSWER: Any = insert(Answer)


def to_person(
    session: Session, *, kinds: Sequence[str], occasion: str, person_id: int
) -> Given | None:
    """The lesson an occasion brought to a person."""
    values = {"kinds": tuple(kinds), "occasion": occasion, "person_id": person_id}
    return _given(prepared.run(session, _BY_OCCASION, **values).all())


def by_poll(session: Session, poll_id: str) -> Given | None:
    """The lesson whose quiz this is; None for a quiz nobody knows, or of another kind."""
    return _given(prepared.run(session, _BY_POLL, poll_id=poll_id).all())


def _given(rows: Sequence[Any]) -> Given | None:
    if not rows:
        return None
    lesson: dict[str, Any] = dict(zip(_LESSON, rows[0], strict=False))
    messages = (Message(*row[-3:]) for row in rows if row.message_id is not None)
    return Given(**lesson, messages=tuple(messages))


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
