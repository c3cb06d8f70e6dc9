"""Offline trainings: an event, its half days and its papers, and the queries that find them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, LARGEST_ID, key, number, points_to
from storage.people import Unit
from storage.units import within

DRAFT, PUBLISHED, CANCELLED = "draft", "published", "cancelled"


class TrainingEvent(SQLModel, table=True):
    """One training of some days; it begins and ends with its first and last half day."""

    __tablename__ = "training_event"
    __table_args__ = (Index("ix_training_event_start", "bot", "starts_at"),)

    id: int | None = key()
    bot: int = number()
    # Whose training it is: its coordinators, and everybody above, arrange it.
    unit_id: int = points_to("unit.id", index=True)
    title: str
    place: str
    latitude: float | None = None
    longitude: float | None = None
    organiser: str
    # How many can come.
    places: int
    # The last local day on which people can register.
    deadline: date
    # {"units": ids, "cohorts": ids, "roles": codes}: who holds one of the roles in one of the
    # units or under it, and who has a place in one of the cohorts.
    invited: dict[str, list[Any]] = Field(sa_type=DOCUMENT)
    starts_at: datetime
    ends_at: datetime
    state: str
    # Why it was cancelled, in the coordinator's words.
    reason: str = ""
    # The settings as they were when it was made:
    # {"days", "late", "skip_after_hours", "certificate_share"}.
    reminders: dict[str, Any] = Field(sa_type=DOCUMENT)
    # How many days before the start the last reminder was due that has been dealt with.
    reminded: int | None = None
    # How often it was announced; one that was taken back is announced under another name.
    round: int = 0
    # Rises whenever time or place change or it is cancelled: a calendar's SEQUENCE.
    moves: int = 0
    version: int = 1
    # The version of the last change that people are told of, and what changed: [field, was, is].
    change: int = 0
    changes: list[Any] = Field(sa_type=DOCUMENT)
    # What stood before that change, for 撤销, and when it was made.
    before: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    changed_at: datetime | None = None
    # The local day on which invitations were last owed.
    invited_on: date | None = None
    # The local day on which feedback was last asked for.
    feedback_on: date | None = None
    # The local day on which a part of the test was last sent.
    test_on: date | None = None
    # The local day on which it was last asked whether it was of use.
    use_on: date | None = None
    published_at: datetime | None = None
    created_by: int | None = points_to("person.id", optional=True)
    created_at: datetime


class TrainingPeriod(SQLModel, table=True):
    """One half day of a training: what it is about, who gives it, how long it takes.

    `token` is what the code on the wall carries; it is good for this half day alone.
    """

    __tablename__ = "training_period"

    id: int | None = key()
    event_id: int = points_to("training_event.id", index=True)
    starts_at: datetime
    minutes: int
    topic: str
    # As it is printed; `trainer_id` where she is somebody here, and may call the roll.
    trainer: str
    trainer_id: int | None = points_to("person.id", optional=True)
    token: str = Field(unique=True)


class TrainingDocument(SQLModel, table=True):
    """A paper of a training, as Telegram keeps it."""

    __tablename__ = "training_document"

    id: int | None = key()
    event_id: int = points_to("training_event.id", index=True)
    file_id: str
    name: str
    size: int
    added_by: int | None = points_to("person.id", optional=True)
    added_at: datetime


def event(session: Session, event_id: int, *, bot: int, lock: bool = False) -> TrainingEvent | None:
    """A training of this bot; with `lock` read anew, and whoever wants it too waits."""
    if event_id >= LARGEST_ID:
        return None
    statement = select(TrainingEvent).where(TrainingEvent.id == event_id, TrainingEvent.bot == bot)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def has_any(session: Session, *, bot: int) -> bool:
    """Whether any training was ever arranged."""
    found = select(col(TrainingEvent.id)).where(TrainingEvent.bot == bot).limit(1)
    return session.exec(found).first() is not None


def of_ids(session: Session, ids: Sequence[int]) -> dict[int, TrainingEvent]:
    """Trainings by id."""
    rows = session.exec(select(TrainingEvent).where(col(TrainingEvent.id).in_(ids)))
    return {row.id or 0: row for row in rows}


def periods(session: Session, event_id: int) -> list[TrainingPeriod]:
    """The half days of a training in their order."""
    return list(
        session.exec(
            select(TrainingPeriod)
            .where(TrainingPeriod.event_id == event_id)
            .order_by(col(TrainingPeriod.starts_at), col(TrainingPeriod.id))
        )
    )


def period(session: Session, period_id: int) -> TrainingPeriod | None:
    """A half day by its id."""
    return session.get(TrainingPeriod, period_id) if period_id < LARGEST_ID else None


def period_by_token(session: Session, token: str) -> TrainingPeriod | None:
    """The half day whose code carries this token."""
    return session.exec(select(TrainingPeriod).where(TrainingPeriod.token == token)).first()


def documents(session: Session, event_id: int) -> list[TrainingDocument]:
    """The papers of a training, oldest first."""
    return list(
        session.exec(
            select(TrainingDocument)
            .where(TrainingDocument.event_id == event_id)
            .order_by(col(TrainingDocument.id))
        )
    )


def arranged_by(session: Session, reach: Sequence[str], *, bot: int) -> list[TrainingEvent]:
    """The trainings of units within reach, in every state; a region has a few each year."""
    if not reach:
        return []
    return list(
        session.exec(
            select(TrainingEvent)
            .join(Unit, col(Unit.id) == TrainingEvent.unit_id)
            .where(TrainingEvent.bot == bot, within(reach))
            .order_by(col(TrainingEvent.id))
        )
    )


def of_bot(session: Session, *, bot: int) -> list[TrainingEvent]:
    """The trainings of a bot in every state, the newest first; a region has a few each year."""
    return list(
        session.exec(
            select(TrainingEvent)
            .where(TrainingEvent.bot == bot)
            .order_by(col(TrainingEvent.starts_at).desc(), col(TrainingEvent.id).desc())
        )
    )


def given_by(session: Session, person_id: int) -> set[int]:
    """The trainings of which somebody gives a half day."""
    return set(
        session.exec(select(TrainingPeriod.event_id).where(TrainingPeriod.trainer_id == person_id))
    )


def open_events(session: Session, *, bot: int, now: datetime) -> list[TrainingEvent]:
    """The published trainings that have not ended, the next one first."""
    return list(
        session.exec(
            select(TrainingEvent)
            .where(
                TrainingEvent.bot == bot,
                TrainingEvent.state == PUBLISHED,
                TrainingEvent.ends_at > now,
            )
            .order_by(col(TrainingEvent.starts_at), col(TrainingEvent.id))
        )
    )


def recent(session: Session, *, bot: int, since: datetime) -> list[TrainingEvent]:
    """Published trainings that end after a moment, and cancelled ones that would have."""
    return list(
        session.exec(
            select(TrainingEvent)
            .where(
                TrainingEvent.bot == bot,
                col(TrainingEvent.state).in_((PUBLISHED, CANCELLED)),
                TrainingEvent.ends_at > since,
            )
            .order_by(col(TrainingEvent.starts_at), col(TrainingEvent.id))
        )
    )
