"""Private text of pairs: notes, what a worker wants to talk about, sentences she brings along.

Whatever somebody wrote here is sealed, and belongs to the pair, not to a role; the sentences are
those of weeks that she put to use, of which only is kept that they are brought.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, func, or_, text
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, number, partial_index, points_to
from storage.prepared import insert_ignoring
from storage.supervision_bookings import BOOKED, SupervisionBooking
from storage.supervision_pairs import SupervisionPair
from storage.used_lessons import UsedLesson

DELETED = text("deleted_at IS NOT NULL")
SHARED, SUPERVISOR, WORKER = "shared", "supervisor", "worker"


class SupervisionNote(SQLModel, table=True):
    """One note; `kind` says who of the pair reads it: shared, supervisor or worker.

    `sealed` holds its text, for `supervision_note:<id>`. `shared_at` is when a private one was made
    shared, `booking_id` the session it was written about, where one was just held.
    """

    __tablename__ = "supervision_note"
    __table_args__ = (
        Index("ix_supervision_note_pair", "pair_id", "created_at"),
        partial_index("ix_supervision_note_deleted", "deleted_at", where=DELETED),
    )

    id: int | None = key()
    bot: int = number()
    pair_id: int = points_to("supervision_pair.id")
    author_id: int = points_to("person.id", index=True)
    kind: str
    booking_id: int | None = points_to("supervision_booking.id", optional=True)
    sealed: bytes
    version: int
    created_at: datetime
    edited_at: datetime | None = None
    shared_at: datetime | None = None
    deleted_at: datetime | None = None


class SupervisionAgenda(SQLModel, table=True):
    """您想聊什么: what a worker wants to talk about in the session after `written_at`.

    `sealed` holds it and the recording's file, for `supervision_agenda:<id>`.
    """

    __tablename__ = "supervision_agenda"
    __table_args__ = (Index("ix_supervision_agenda_pair", "pair_id", "written_at"),)

    id: int | None = key()
    pair_id: int = points_to("supervision_pair.id")
    worker_id: int = points_to("person.id", index=True)
    sealed: bytes
    written_at: datetime


class SupervisionSentence(SQLModel, table=True):
    """A sentence on a lesson put to use that its writer brings to a pair's next session."""

    __tablename__ = "supervision_sentence"

    used_id: int = points_to("used_lesson.id", primary=True)
    pair_id: int = points_to("supervision_pair.id", index=True)
    brought_at: datetime


class SupervisionConsent(SQLModel, table=True):
    """Whether a worker lets her next supervisor read the shared notes of a pair that is over."""

    __tablename__ = "supervision_consent"

    pair_id: int = points_to("supervision_pair.id", primary=True)
    is_given: bool
    answered_at: datetime


SENTENCE: Any = SupervisionSentence.__table__  # type: ignore[attr-defined]
CONSENT: Any = SupervisionConsent.__table__  # type: ignore[attr-defined]


def note(session: Session, note_id: int, *, lock: bool = False) -> SupervisionNote | None:
    """A note, deleted or not; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionNote).where(SupervisionNote.id == note_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def _readable(pair_id: Any, *, kinds: Collection[str], author_id: int | None) -> list[Any]:
    """The conditions of a pair's notes of these kinds, and of one person's, that are not deleted.

    Without an author only the kind decides.
    """
    by_kind: Any = col(SupervisionNote.kind).in_(kinds)
    if author_id is not None:
        by_kind = or_(by_kind, col(SupervisionNote.author_id) == author_id)
    return [
        col(SupervisionNote.pair_id) == pair_id,
        by_kind,
        col(SupervisionNote.deleted_at).is_(None),
    ]


def count(
    session: Session, pair_id: int, *, kinds: Collection[str], author_id: int | None = None
) -> int:
    """How many notes of a pair somebody reads."""
    where = _readable(pair_id, kinds=kinds, author_id=author_id)
    return int(session.exec(select(func.count(col(SupervisionNote.id))).where(*where)).one())


def notes(
    session: Session,
    pair_id: int,
    *,
    kinds: Collection[str],
    author_id: int | None = None,
    limit: int,
    offset: int,
) -> list[SupervisionNote]:
    """The notes of a pair that somebody reads, the newest first."""
    rows = session.exec(
        select(SupervisionNote)
        .where(*_readable(pair_id, kinds=kinds, author_id=author_id))
        .order_by(col(SupervisionNote.created_at).desc(), col(SupervisionNote.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return list(rows)


def pairs_of(session: Session, person_id: int, *, bot: int) -> list[SupervisionPair]:
    """Every pair somebody is or was in, the newest first."""
    rows = session.exec(
        select(SupervisionPair)
        .where(
            SupervisionPair.bot == bot,
            or_(
                col(SupervisionPair.supervisor_id) == person_id,
                col(SupervisionPair.worker_id) == person_id,
            ),
        )
        .order_by(col(SupervisionPair.since).desc(), col(SupervisionPair.id).desc())
    )
    return list(rows)


def pairs_with_worker(session: Session, worker_id: int, *, bot: int) -> list[SupervisionPair]:
    """Every pair in which somebody is or was accompanied, the newest first."""
    rows = session.exec(
        select(SupervisionPair)
        .where(SupervisionPair.bot == bot, SupervisionPair.worker_id == worker_id)
        .order_by(col(SupervisionPair.since).desc(), col(SupervisionPair.id).desc())
    )
    return list(rows)


def drop_deleted(session: Session, *, bot: int, before: datetime) -> int:
    """Let the notes go that were deleted before a moment; how many there were."""
    rows = session.exec(
        select(SupervisionNote).where(
            SupervisionNote.bot == bot, col(SupervisionNote.deleted_at) < before
        )
    ).all()
    for row in rows:
        session.delete(row)
    session.flush()
    return len(rows)


def starts_of(session: Session, pair_id: int) -> list[datetime]:
    """When the sessions of a pair that stand begin, the newest first."""
    rows = session.exec(
        select(SupervisionBooking.starts_at)
        .where(SupervisionBooking.pair_id == pair_id, SupervisionBooking.state == BOOKED)
        .order_by(col(SupervisionBooking.starts_at).desc())
    )
    return list(rows)


def agenda(
    session: Session, pair_id: int, *, since: datetime | None, until: datetime | None
) -> SupervisionAgenda | None:
    """What was written last for a pair after one moment and not after another."""
    statement = select(SupervisionAgenda).where(
        SupervisionAgenda.pair_id == pair_id, *_within(SupervisionAgenda.written_at, since, until)
    )
    return session.exec(
        statement.order_by(
            col(SupervisionAgenda.written_at).desc(), col(SupervisionAgenda.id).desc()
        )
    ).first()


def _within(column: Any, since: datetime | None, until: datetime | None) -> list[Any]:
    after = [col(column) > since] if since is not None else []
    return [*after, col(column) <= until] if until is not None else after


def sentence(session: Session, used_id: int) -> SupervisionSentence | None:
    """Whether a sentence is brought, and where to."""
    return session.get(SupervisionSentence, used_id)


def sentences(
    session: Session, pair_id: int, *, since: datetime | None, until: datetime | None
) -> list[tuple[date, str]]:
    """The sentences brought to a pair in a span, as (week, text), the oldest first.

    One that was written anew since is not brought any more.
    """
    rows = session.exec(
        select(col(UsedLesson.week), col(UsedLesson.text))
        .join(SupervisionSentence, col(SupervisionSentence.used_id) == col(UsedLesson.id))
        .where(
            SupervisionSentence.pair_id == pair_id,
            col(SupervisionSentence.brought_at) >= col(UsedLesson.said_at),
            UsedLesson.text != "",
            *_within(SupervisionSentence.brought_at, since, until),
        )
        .order_by(col(SupervisionSentence.brought_at), col(UsedLesson.id))
    )
    return [(week, words) for week, words in rows]


def consent(session: Session, pair_id: int) -> SupervisionConsent | None:
    """What the worker of a pair said about its shared notes, None before she was asked."""
    return session.get(SupervisionConsent, pair_id)


def set_consent(session: Session, pair_id: int, *, is_given: bool, now: datetime) -> None:
    """Write down what a worker says, in place of what she said before."""
    values: dict[str, Any] = {"is_given": is_given, "answered_at": now}
    insert = insert_ignoring(session, CONSENT).values(pair_id=pair_id, **values)
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=["pair_id"], set_=values)
    )
    session.expire_all()


def bring(session: Session, used_id: int, pair_id: int, *, now: datetime) -> None:
    """Let a sentence be brought to a pair's next session."""
    values: dict[str, Any] = {"pair_id": pair_id, "brought_at": now}
    insert = insert_ignoring(session, SENTENCE).values(used_id=used_id, **values)
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=["used_id"], set_=values)
    )
    session.expire_all()
