"""The outbox: what is due to whom, what became of it, and the messages it turned into.

The send path speaks SQLAlchemy Core in batches, never ORM objects: on two cores that moved
122,549 rows a second against 3,061.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, bindparam, delete, exists, or_, text, update
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, select

from storage import prepared
from storage.columns import DOCUMENT, key, number, partial_index, points_to
from storage.prepared import insert_ignoring

WAITING, CLAIMED, SENT, FAILED, EXPIRED, SKIPPED = (
    "waiting",
    "claimed",
    "sent",
    "failed",
    "expired",
    "skipped",
)
IS_WAITING, IN_HAND = text("status = 'waiting'"), text("status = 'claimed'")
OPEN = or_(IS_WAITING, IN_HAND)
IS_FOLDED = text("folded_into IS NOT NULL")


class Occasion(SQLModel, table=True):
    """One date of one cohort's rhythm: what it brings, or why it brings nothing.

    `state` is planned, skipped, merged, held or moved; a day that came too late is visible here,
    not lost. A date that a coordinator held or moved ahead of time has its row before it is
    planned.
    """

    __tablename__ = "occasion"
    __table_args__ = (UniqueConstraint("kind", "cohort_id", "local_date"),)

    id: int | None = key()
    kind: str
    cohort_id: int = points_to("cohort.id", index=True)
    local_date: date
    state: str
    lesson_id: int | None = points_to("lesson.id", optional=True)
    # When it goes out instead of at its rhythm's hour; its own hour and date stay its name.
    moved_to: datetime | None = None
    created_at: datetime


class Delivery(SQLModel, table=True):
    """One message, of one or several parts, owed to one person or one work group.

    `recipient` is the person's id, or minus the group's: one number so that
    (kind, occasion, recipient) can be unique on both databases.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("kind", "occasion", "recipient"),
        # The outbox in its order; what is in hand stands apart, so that neither is in the way.
        partial_index("ix_delivery_waiting", "bot", "due_at", "id", where=IS_WAITING),
        partial_index("ix_delivery_in_hand", "lease_until", where=IN_HAND),
        Index("ix_delivery_person", "person_id", "due_at"),
        partial_index("ix_delivery_folded", "folded_into", where=IS_FOLDED),
    )

    id: int | None = key()
    bot: int = number()
    kind: str
    occasion: str
    recipient: int = number()
    # PostgreSQL does not check these three (migration 0011): a check cost more than the row.
    person_id: int | None = points_to("person.id", optional=True)
    group_id: int | None = points_to("work_group.id", optional=True)
    cohort_id: int | None = points_to("cohort.id", optional=True)
    # What it is about, by kind: a lesson's id for the daily lesson.
    subject_id: int | None = number(optional=True)
    # Which version of the content went out, written when the first part is sent.
    content_version: int | None = number(optional=True)
    urgency: str
    due_at: datetime
    not_after: datetime | None = None
    status: str = WAITING
    attempts: int = 0
    error: str | None = None
    lease_until: datetime | None = None
    claimed_by: str | None = None
    parts_sent: int = 0
    # The lesson's delivery that says this notice as one of its lines; sent when that is.
    folded_into: int | None = number(optional=True)
    created_at: datetime
    sent_at: datetime | None = None


class SentMessage(SQLModel, table=True):
    """One part of a delivery as Telegram accepted it; a poll's answers are found by poll_id."""

    __tablename__ = "sent_message"
    __table_args__ = (
        UniqueConstraint("delivery_id", "part"),
        Index("ix_sent_message_chat", "chat_id", "message_id"),
    )

    id: int | None = key()
    delivery_id: int = points_to("delivery.id")
    part: int
    chat_id: int = number()
    message_id: int = number()
    poll_id: str | None = Field(default=None, unique=True)
    sent_at: datetime
    # The worded lines of the notices it said, to be said again whenever it is edited.
    lines: list[dict[str, Any]] | None = Field(default=None, sa_type=DOCUMENT)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery this process has leased, with everything needed to send it."""

    id: int
    bot: int
    kind: str
    occasion: str
    person_id: int | None
    group_id: int | None
    cohort_id: int | None
    subject_id: int | None
    content_version: int | None
    urgency: str
    due_at: datetime
    attempts: int
    parts_sent: int
    folded_into: int | None = None


TABLE: Any = Delivery.__table__  # type: ignore[attr-defined]
SENT_MESSAGE: Any = SentMessage.__table__  # type: ignore[attr-defined]
CLAIM_COLUMNS = tuple(TABLE.c[name] for name in Claimed.__dataclass_fields__)
_LESSON = TABLE.alias("lesson")
# What was folded into a lesson waits for it while that is open, and for nothing else: whatever
# became of a lesson that did not go, its notices go on their own.
NOT_IN_A_LESSON = or_(
    TABLE.c.folded_into.is_(None),
    ~exists().where(_LESSON.c.id == TABLE.c.folded_into, _LESSON.c.status.in_((WAITING, CLAIMED))),
)


def add(session: Session, **values: Any) -> bool:
    """Owe one message; a second call for the same (kind, occasion, recipient) changes nothing."""
    statement = insert_ignoring(session, TABLE).values(
        status=WAITING, attempts=0, parts_sent=0, **values
    )
    return bool(session.connection().execute(statement.on_conflict_do_nothing()).rowcount)


_RECOVER = (
    update(TABLE)
    .where(IN_HAND, TABLE.c.lease_until < bindparam("real"))
    .values(status=WAITING, lease_until=None, claimed_by=None)
)
_EXPIRE = (
    update(TABLE)
    .where(
        IS_WAITING,
        # Nothing is too late before it was due; so only what is due is looked at.
        TABLE.c.due_at < bindparam("now"),
        TABLE.c.not_after < bindparam("now"),
        (TABLE.c.lease_until.is_(None)) | (TABLE.c.lease_until < bindparam("real")),
        TABLE.c.parts_sent == 0,
    )
    .values(status=EXPIRED, lease_until=None)
)


def recover(session: Session, *, real: datetime) -> int:
    """Put back what a process held that has not renewed its lease (machine time)."""
    return int(prepared.run(session, _RECOVER, real=real).rowcount)


def expire(session: Session, *, now: datetime, real: datetime) -> int:
    """Give up on what is past its not_after and in nobody's hands; staff see it as expired."""
    recover(session, real=real)
    return int(prepared.run(session, _EXPIRE, now=now, real=real).rowcount)


def finish(
    session: Session,
    ids: Sequence[int],
    *,
    status: str,
    at: datetime,
    error: str | None = None,
    claimed_by: str | None = None,
) -> None:
    """Close deliveries as sent, failed, skipped or expired; only what `claimed_by` still holds."""
    values: dict[str, Any] = {"status": status, "error": error, "lease_until": None}
    if status == SENT:
        values["sent_at"] = at
    session.connection().execute(
        update(TABLE).where(TABLE.c.id.in_(ids), *held_by(claimed_by)).values(**values)
    )


def held_by(claimed_by: str | None) -> list[Any]:
    """The condition that a process still holds a delivery; none for None."""
    if claimed_by is None:
        return []
    return [TABLE.c.status == CLAIMED, TABLE.c.claimed_by == claimed_by]


def next_due(session: Session, *, bot: int) -> tuple[datetime, str] | None:
    """When the earliest open delivery is due, and its kind."""
    statement = (
        select(TABLE.c.due_at, TABLE.c.kind)
        .where(TABLE.c.bot == bot, OPEN, NOT_IN_A_LESSON)
        .order_by(TABLE.c.due_at)
        .limit(1)
    )
    row = session.connection().execute(statement).first()
    return (row[0], row[1]) if row else None


def has_any(session: Session, *, kind: str, occasion: str, statuses: Collection[str]) -> bool:
    """Whether any delivery of an occasion stands in one of these statuses."""
    statement = (
        core_select(TABLE.c.id)
        .where(
            TABLE.c.kind == kind, TABLE.c.occasion == occasion, TABLE.c.status.in_(list(statuses))
        )
        .limit(1)
    )
    return session.connection().execute(statement).first() is not None


def take_out(session: Session, *, kind: str, occasion: str) -> int:
    """Forget what is still waiting of an occasion, as if it had never been owed; how many."""
    statement = delete(TABLE).where(
        TABLE.c.kind == kind, TABLE.c.occasion == occasion, TABLE.c.status == WAITING
    )
    return int(session.connection().execute(statement).rowcount)


def occasions_about(session: Session, *, kind: str, subject_id: int) -> list[str]:
    """The occasions of all that was owed of a kind about something."""
    statement = core_select(TABLE.c.occasion).where(
        TABLE.c.kind == kind, TABLE.c.subject_id == subject_id
    )
    return list(session.connection().execute(statement).scalars())


def ids_of(session: Session, *, kind: str, occasion: str) -> frozenset[int]:
    """The deliveries of an occasion."""
    statement = core_select(TABLE.c.id).where(TABLE.c.kind == kind, TABLE.c.occasion == occasion)
    return frozenset(session.connection().execute(statement).scalars())


def told(session: Session, *, kind: str, occasion: str) -> list[int]:
    """The people to whom an occasion of a kind went out, or is going out just now."""
    statement = core_select(TABLE.c.person_id).where(
        TABLE.c.kind == kind,
        TABLE.c.occasion == occasion,
        (TABLE.c.parts_sent > 0) | TABLE.c.status.in_((CLAIMED, SENT)),
        TABLE.c.person_id.is_not(None),
    )
    return sorted(session.connection().execute(statement).scalars())


def owed_about(session: Session, *, kind: str, subject_id: int, but: int) -> list[int]:
    """Everybody who was owed a message of a kind about something, one person left out."""
    statement = (
        core_select(TABLE.c.person_id)
        .where(
            TABLE.c.kind == kind,
            TABLE.c.subject_id == subject_id,
            TABLE.c.person_id.is_not(None),
            TABLE.c.person_id != but,
        )
        .order_by(TABLE.c.id)
    )
    return list(session.connection().execute(statement).scalars())


def want_again(session: Session, *, where: Mapping[str, Any], error: str) -> int:
    """Put back on its way what was not wanted for a reason that is gone; returns how many."""
    statement = update(TABLE).where(
        TABLE.c.status == SKIPPED,
        TABLE.c.error == error,
        *(TABLE.c[name] == value for name, value in where.items()),
    )
    result = session.connection().execute(statement.values(status=WAITING, error=None))
    return int(result.rowcount)


def redue(
    session: Session, *, where: Mapping[str, Any], due_at: datetime, not_after: datetime | None
) -> int:
    """Move what still waits to another hour; what was sent stays as it was."""
    statement = update(TABLE).where(
        TABLE.c.status == WAITING, *(TABLE.c[name] == value for name, value in where.items())
    )
    result = session.connection().execute(statement.values(due_at=due_at, not_after=not_after))
    return int(result.rowcount)
