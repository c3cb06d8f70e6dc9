"""Old deliveries go, in small batches; the ledger and the audit trail are never touched."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, exists, func, or_, update
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.deliveries import EXPIRED, FAILED, SENT, SKIPPED, Delivery, SentMessage
from storage.lessons import Answer, Lesson, LessonVersion

CLOSED = (SENT, FAILED, EXPIRED, SKIPPED)
# Read at once, so many; deleted at once, so few that no other writer waits longer than 50 ms.
LOOKED_AT, DELETED_AT_ONCE = 2000, 100
DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]
SENT_MESSAGE: Any = SentMessage.__table__  # type: ignore[attr-defined]
ANSWER: Any = Answer.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the next rows gave: ids to delete, where to look on, whether that is all."""

    ids: tuple[int, ...]
    last_id: int
    is_end: bool


def look(
    session: Session,
    *,
    bot: int,
    after: int,
    before: datetime,
    study_kinds: Sequence[str],
    lesson_kinds: Sequence[str],
) -> Found:
    """The deliveries behind an id that were closed before a moment and that no rule needs.

    Kept: of each person, cohort, kind and pack the last one (own pace goes on from it, the
    library resumes there); of each lesson the last that arrived, while its question is open
    (补学, recall, a late answer); and of each date of a rhythm one that arrived (温习, the next
    lesson for all). `study_kinds` have dates, `lesson_kinds` bring lessons.
    """
    window = core_select(DELIVERY.c.id, DELIVERY.c.created_at).where(DELIVERY.c.id > after)
    rows = session.connection().execute(window.order_by(DELIVERY.c.id).limit(LOOKED_AT)).all()
    if not rows:
        return Found((), after, is_end=True)
    last_id = rows[-1][0]
    is_lesson = DELIVERY.c.kind.in_(lesson_kinds)
    old = core_select(DELIVERY.c.id).where(
        DELIVERY.c.id > after,
        DELIVERY.c.id <= last_id,
        DELIVERY.c.bot == bot,
        DELIVERY.c.status.in_(CLOSED),
        func.coalesce(DELIVERY.c.sent_at, DELIVERY.c.due_at) < before,
        ~and_(is_lesson, or_(_is_last_of_pack(), _is_open_question(lesson_kinds))),
        ~and_(DELIVERY.c.kind.in_(study_kinds), _is_first_of_date()),
    )
    ids = tuple(session.connection().execute(old.order_by(DELIVERY.c.id)).scalars())
    # Rows are added in order of time, so behind these none is old enough.
    is_end = len(rows) < LOOKED_AT or rows[0][1] >= before
    return Found(ids, last_id, is_end)


def _is_last_of_pack() -> Any:
    """No later one of the same person, cohort, kind and pack was sent."""
    later, lesson, other = aliased(Delivery), aliased(Lesson), aliased(Lesson)
    comes_later = exists().where(
        col(later.person_id) == DELIVERY.c.person_id,
        col(later.due_at) >= DELIVERY.c.due_at,
        col(later.id) != DELIVERY.c.id,
        or_(col(later.due_at) > DELIVERY.c.due_at, col(later.id) > DELIVERY.c.id),
        col(later.cohort_id) == DELIVERY.c.cohort_id,
        col(later.kind) == DELIVERY.c.kind,
        col(later.status) == SENT,
        col(lesson.id) == DELIVERY.c.subject_id,
        col(other.id) == col(later.subject_id),
        col(other.pack_id) == col(lesson.pack_id),
    )
    return and_(DELIVERY.c.status == SENT, DELIVERY.c.person_id.is_not(None), ~comes_later)


def _is_open_question(lesson_kinds: Sequence[str]) -> Any:
    """The last that arrived of a lesson whose question this person never answered."""
    later, version = aliased(Delivery), aliased(LessonVersion)
    answered = exists().where(
        col(Answer.person_id) == DELIVERY.c.person_id,
        col(Answer.version_id) == col(version.id),
        col(version.lesson_id) == DELIVERY.c.subject_id,
    )
    arrived_later = exists().where(
        col(later.person_id) == DELIVERY.c.person_id,
        col(later.id) > DELIVERY.c.id,
        col(later.subject_id) == DELIVERY.c.subject_id,
        col(later.kind).in_(lesson_kinds),
        col(later.parts_sent) > 0,
    )
    return and_(
        DELIVERY.c.parts_sent > 0, DELIVERY.c.person_id.is_not(None), ~answered, ~arrived_later
    )


def _is_first_of_date() -> Any:
    """Of those that arrived on a date of a rhythm, the one with the lowest recipient."""
    other = aliased(Delivery)
    lower = exists().where(
        col(other.kind) == DELIVERY.c.kind,
        col(other.occasion) == DELIVERY.c.occasion,
        col(other.recipient) < DELIVERY.c.recipient,
        col(other.status) == SENT,
    )
    return and_(DELIVERY.c.status == SENT, ~lower)


def drop(session: Session, ids: Sequence[int]) -> int:
    """Delete closed deliveries and the messages they became; returns how many deliveries.

    An answer stays with its lesson's version and loses only what it was given under. A delivery
    that was opened again meanwhile stays whole.
    """
    connection = session.connection()
    closed = list(
        connection.execute(
            core_select(DELIVERY.c.id)
            .where(DELIVERY.c.id.in_(ids), DELIVERY.c.status.in_(CLOSED))
            .with_for_update()
        ).scalars()
    )
    connection.execute(
        update(ANSWER).where(ANSWER.c.delivery_id.in_(closed)).values(delivery_id=None)
    )
    connection.execute(delete(SENT_MESSAGE).where(SENT_MESSAGE.c.delivery_id.in_(closed)))
    result = connection.execute(delete(DELIVERY).where(DELIVERY.c.id.in_(closed)))
    return int(result.rowcount)
