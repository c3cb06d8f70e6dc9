"""The outbox: what is due to whom, what became of it, and the messages it turned into.

The send path speaks SQLAlchemy Core in batches, never ORM objects: on two cores that moved
122,549 rows a second against 3,061.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Index, UniqueConstraint, exists, or_, text, update
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import key, number, points_to
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
        Index(
            "ix_delivery_waiting",
            "bot",
            "due_at",
            "id",
            sqlite_where=IS_WAITING,
            postgresql_where=IS_WAITING,
        ),
        Index("ix_delivery_in_hand", "lease_until", sqlite_where=IN_HAND, postgresql_where=IN_HAND),
        Index("ix_delivery_person", "person_id", "due_at"),
        Index(
            "ix_delivery_folded",
            "folded_into",
            sqlite_where=IS_FOLDED,
            postgresql_where=IS_FOLDED,
        ),
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


def recover(session: Session, *, real: datetime) -> int:
    """Put back what a process held that has not renewed its lease (machine time)."""
    statement = (
        update(TABLE)
        .where(IN_HAND, TABLE.c.lease_until < real)
        .values(status=WAITING, lease_until=None, claimed_by=None)
    )
    return int(session.connection().execute(statement).rowcount)


def claim(
    session: Session,
    *,
    now: datetime,
    real: datetime,
    lease: timedelta,
    limit: int,
    claimed_by: str,
    bot: int,
) -> list[Claimed]:
    """Lease the next due deliveries, earliest first; an expired lease is taken over.

    `now` is business time (what is due), `real` machine time (whose lease has run out).
    """
    recover(session, real=real)
    chosen = (
        select(TABLE.c.id)
        .where(
            TABLE.c.bot == bot,
            # In so many words: SQLite takes the index of these rows only for its own condition.
            IS_WAITING,
            TABLE.c.due_at <= now,
            NOT_IN_A_LESSON,
            # After a pause (a machine asleep) nothing goes out too late before `expire` has run.
            (TABLE.c.not_after.is_(None)) | (TABLE.c.not_after >= now) | (TABLE.c.parts_sent > 0),
            # Handed back, to be tried again from then on.
            (TABLE.c.lease_until.is_(None)) | (TABLE.c.lease_until < real),
        )
        .order_by(TABLE.c.due_at, TABLE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        # A CTE runs once; PostgreSQL may run a locking subquery again per row, past its limit.
        .cte("chosen")
    )
    statement = (
        update(TABLE)
        .where(TABLE.c.id.in_(core_select(chosen.c.id)))
        .values(
            status=CLAIMED,
            lease_until=real + lease,
            claimed_by=claimed_by,
            attempts=TABLE.c.attempts + 1,
        )
        .returning(*CLAIM_COLUMNS)
    )
    rows = [Claimed(*row) for row in session.connection().execute(statement)]
    return sorted(rows, key=lambda row: (row.due_at, row.id))


def extend(session: Session, ids: Sequence[int], *, claimed_by: str, until: datetime) -> set[int]:
    """Renew the leases of what this process still holds; returns which those are."""
    statement = (
        update(TABLE)
        .where(TABLE.c.id.in_(ids), TABLE.c.status == CLAIMED, TABLE.c.claimed_by == claimed_by)
        .values(lease_until=until)
        .returning(TABLE.c.id)
    )
    return {row[0] for row in session.connection().execute(statement)}


def expire(session: Session, *, now: datetime, real: datetime) -> int:
    """Give up on what is past its not_after and in nobody's hands; staff see it as expired."""
    recover(session, real=real)
    statement = (
        update(TABLE)
        .where(
            IS_WAITING,
            # Nothing is too late before it was due; so only what is due is looked at.
            TABLE.c.due_at < now,
            TABLE.c.not_after < now,
            (TABLE.c.lease_until.is_(None)) | (TABLE.c.lease_until < real),
            TABLE.c.parts_sent == 0,
        )
        .values(status=EXPIRED, lease_until=None)
    )
    return int(session.connection().execute(statement).rowcount)


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
    # Whether it made a sound, and which notices it said as its lines.
    sounded: bool = False
    folded: tuple[int, ...] = ()


def record_parts(session: Session, arrived: Sequence[Arrived], *, sent_at: datetime) -> None:
    """Remember what arrived, many at once: a resumed delivery starts at its next part.

    It is true whoever holds the row by now, so it is not asked. But a word that comes late, after
    another process went further with the row, takes nothing back.
    """
    if not arrived:
        return
    connection = session.connection()
    connection.execute(
        insert_ignoring(session, SENT_MESSAGE).on_conflict_do_nothing(),
        [
            {
                "delivery_id": one.delivery_id,
                "part": one.part,
                "chat_id": one.chat_id,
                "message_id": one.message_id,
                "poll_id": one.poll_id,
                "sent_at": sent_at,
            }
            for one in arrived
        ],
    )
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


def record_part(
    session: Session,
    *,
    delivery_id: int,
    part: int,
    chat_id: int,
    message_id: int,
    poll_id: str | None,
    content_version: int | None,
    sent_at: datetime,
) -> None:
    """Remember that one part arrived, with others to come."""
    one = Arrived(delivery_id, part, chat_id, message_id, poll_id, content_version, is_last=False)
    record_parts(session, [one], sent_at=sent_at)


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
        update(TABLE).where(TABLE.c.id.in_(ids), *_held_by(claimed_by)).values(**values)
    )


def release(
    session: Session,
    ids: Sequence[int],
    *,
    error: str | None,
    retry_at: datetime | None,
    claimed_by: str | None = None,
    is_attempt: bool = True,
) -> None:
    """Hand deliveries back to be tried again, not before `retry_at` (machine time).

    Only what `claimed_by` still holds: a process that slept must not hand back what another has
    taken up. What was never tried, or was told to wait, is no attempt.
    """
    values: dict[str, Any] = {"status": WAITING, "error": error, "lease_until": retry_at}
    if not is_attempt:
        values["attempts"] = TABLE.c.attempts - 1
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id.in_(ids), *_held_by(claimed_by))
        .values(claimed_by=None, **values)
    )


def _held_by(claimed_by: str | None) -> list[Any]:
    if claimed_by is None:
        return []
    return [TABLE.c.status == CLAIMED, TABLE.c.claimed_by == claimed_by]


def hold(session: Session, ids: Sequence[int], *, until: datetime) -> None:
    """Hand deliveries back until a later business time; that they wait is no failed attempt."""
    session.connection().execute(
        update(TABLE)
        .where(TABLE.c.id.in_(ids))
        .values(
            status=WAITING,
            due_at=until,
            lease_until=None,
            claimed_by=None,
            attempts=TABLE.c.attempts - 1,
        )
    )


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


def messages_of(session: Session, delivery_ids: Iterable[int]) -> dict[int, list[SentMessage]]:
    """The messages each delivery turned into, in order of their parts."""
    found: dict[int, list[SentMessage]] = {}
    rows = session.exec(
        select(SentMessage)
        .where(col(SentMessage.delivery_id).in_(list(delivery_ids)))
        .order_by(col(SentMessage.delivery_id), col(SentMessage.part))
    )
    for row in rows:
        found.setdefault(row.delivery_id, []).append(row)
    return found


def redue(
    session: Session, *, where: Mapping[str, Any], due_at: datetime, not_after: datetime | None
) -> int:
    """Move what still waits to another hour; what was sent stays as it was."""
    statement = update(TABLE).where(
        TABLE.c.status == WAITING, *(TABLE.c[name] == value for name, value in where.items())
    )
    result = session.connection().execute(statement.values(due_at=due_at, not_after=not_after))
    return int(result.rowcount)
