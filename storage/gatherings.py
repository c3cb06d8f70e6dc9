"""Gatherings: weekly, monthly, quarterly sessions of a cohort, who came, and what was noted."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from storage.cohorts import Cohort
from storage.columns import DOCUMENT, key, number, points_to
from storage.people import Person
from storage.prepared import insert_ignoring

# Of a gathering: planned stands; the others bring nothing, and say why. A room that was merged
# back into its session is none any more.
PLANNED, CANCELLED, REPLACED, SKIPPED = "planned", "cancelled", "replaced", "skipped"
MERGED = "merged"


class Gathering(SQLModel, table=True):
    """One session of one cohort, or one of the rooms that it meets in.

    `local_date` is its original date and stays its name when it is moved; `moves` counts how often
    that happened, `version` every change. `change` is the version of the last one that people are
    told of: another time, place or standing, not another facilitator. `facilitator_id` has taken
    it on once `is_confirmed`. `room` is 0 where the cohort meets whole, else 1 and up; the rooms of
    a date are one session.
    """

    __tablename__ = "gathering"
    __table_args__ = (
        UniqueConstraint("kind", "cohort_id", "local_date", "room"),
        Index("ix_gathering_start", "bot", "starts_at"),
    )

    id: int | None = key()
    bot: int = number()
    cohort_id: int = points_to("cohort.id", index=True)
    kind: str
    local_date: date
    room: int = 0
    title: str
    starts_at: datetime
    minutes: int
    # "" is the cohort's work group; else a link, or words for where it is.
    place: str
    # Pairs of what is done and for how many minutes.
    agenda: list[Any] = Field(sa_type=DOCUMENT)
    opens_before: int
    closes_after: int
    facilitator_id: int | None = points_to("person.id", optional=True)
    is_confirmed: bool
    state: str
    reason: str
    moves: int
    version: int
    change: int = 1
    # Whether it was changed by itself, so that a change of the series leaves it alone.
    is_own: bool
    # The local date for which its messages were last owed.
    owed_on: date | None = None
    created_by: int | None = points_to("person.id", optional=True)
    created_at: datetime


class Attendance(SQLModel, table=True):
    """What is known of one person at one gathering; the ledger holds what it is worth.

    `reason` is a code she chose for an apology, never words.
    """

    __tablename__ = "attendance"
    __table_args__ = (UniqueConstraint("gathering_id", "person_id"),)

    id: int | None = key()
    gathering_id: int = points_to("gathering.id")
    person_id: int = points_to("person.id", index=True)
    state: str
    reason: str
    marked_by: int | None = points_to("person.id", optional=True)
    marked_at: datetime


class GatheringPoint(SQLModel, table=True):
    """One line of a gathering's minutes: a point, a decision or an open question."""

    __tablename__ = "gathering_point"

    id: int | None = key()
    gathering_id: int = points_to("gathering.id", index=True)
    kind: str
    position: int
    text: str
    # The question of the pool that an open one became.
    question_id: int | None = points_to("question.id", optional=True)
    written_by: int = points_to("person.id")
    written_at: datetime


class FacilitatorSwap(SQLModel, table=True):
    """Two facilitators who may exchange their gatherings: asked, then accepted or declined."""

    __tablename__ = "facilitator_swap"

    id: int | None = key()
    gathering_id: int = points_to("gathering.id", index=True)
    other_id: int = points_to("gathering.id")
    asked_by: int = points_to("person.id")
    asked_of: int = points_to("person.id")
    state: str
    asked_at: datetime
    answered_at: datetime | None = None


ATTENDANCE: Any = Attendance.__table__  # type: ignore[attr-defined]


def gathering(session: Session, gathering_id: int, *, lock: bool = False) -> Gathering | None:
    """A gathering; with `lock` nobody else changes it until this transaction ends."""
    statement = select(Gathering).where(Gathering.id == gathering_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def named(session: Session, *, kind: str, cohort_id: int, local_date: date) -> Gathering | None:
    """The gathering of an original date, the first of its rooms where it has any."""
    return session.exec(
        select(Gathering)
        .where(
            Gathering.kind == kind,
            Gathering.cohort_id == cohort_id,
            Gathering.local_date == local_date,
        )
        .order_by(col(Gathering.room))
        .limit(1)
    ).first()


def of_cohorts(
    session: Session,
    cohort_ids: Collection[int],
    *,
    since: datetime,
    until: datetime | None = None,
    states: Collection[str] = (PLANNED, CANCELLED, REPLACED, SKIPPED),
    kind: str | None = None,
) -> list[Gathering]:
    """The gatherings of these cohorts that begin in a span, `until` left out, in order."""
    statement = select(Gathering).where(
        col(Gathering.cohort_id).in_(cohort_ids),
        Gathering.starts_at >= since,
        col(Gathering.state).in_(states),
    )
    if until is not None:
        statement = statement.where(Gathering.starts_at < until)
    if kind is not None:
        statement = statement.where(Gathering.kind == kind)
    return list(session.exec(statement.order_by(col(Gathering.starts_at), col(Gathering.id))))


def newest_date(session: Session, cohort_id: int, *, kind: str) -> date | None:
    """The last original date of a kind that is made in a cohort."""
    return session.exec(
        select(col(Gathering.local_date))
        .where(Gathering.cohort_id == cohort_id, Gathering.kind == kind)
        .order_by(col(Gathering.local_date).desc())
        .limit(1)
    ).first()


def has_date(session: Session, cohort_id: int, days: Sequence[date], *, kind: str) -> bool:
    """Whether one of these is the original date of a gathering, whatever became of that."""
    found = session.exec(
        select(col(Gathering.id))
        .where(
            Gathering.cohort_id == cohort_id,
            Gathering.kind == kind,
            col(Gathering.local_date).in_(days),
        )
        .limit(1)
    )
    return found.first() is not None


# Built once: it is asked each minute.
_STARTING: Any = (
    select(Gathering, Cohort.zone)
    .join(Cohort, col(Cohort.id) == Gathering.cohort_id)
    .where(
        Gathering.bot == bindparam("bot"),
        Gathering.state == PLANNED,
        Gathering.starts_at >= bindparam("since"),
        Gathering.starts_at < bindparam("until"),
    )
    .order_by(col(Gathering.starts_at), col(Gathering.id))
)


def starting(
    session: Session, *, bot: int, since: datetime, until: datetime
) -> list[tuple[Gathering, str]]:
    """The planned gatherings of a bot that begin in a span, each with its cohort's zone."""
    rows = session.exec(_STARTING, params={"bot": bot, "since": since, "until": until})
    return [(found, zone) for found, zone in rows]


def attendance_of(session: Session, gathering_id: int, person_id: int) -> Attendance | None:
    """What is known of one person at a gathering."""
    return session.exec(
        select(Attendance).where(
            Attendance.gathering_id == gathering_id, Attendance.person_id == person_id
        )
    ).first()


def attendances(session: Session, gathering_id: int) -> list[Attendance]:
    """Everybody of whom something is known."""
    return list(session.exec(select(Attendance).where(Attendance.gathering_id == gathering_id)))


def mark(
    session: Session,
    gathering_id: int,
    person_id: int,
    *,
    state: str,
    reason: str,
    marked_by: int | None,
    now: datetime,
) -> Attendance:
    """Note what is known of a person, in place of what was known before."""
    values: dict[str, Any] = {
        "state": state,
        "reason": reason,
        "marked_by": marked_by,
        "marked_at": now,
    }
    insert = insert_ignoring(session, ATTENDANCE).values(
        gathering_id=gathering_id, person_id=person_id, **values
    )
    session.connection().execute(
        insert.on_conflict_do_update(index_elements=["gathering_id", "person_id"], set_=values)
    )
    session.expire_all()
    found = attendance_of(session, gathering_id, person_id)
    assert found is not None  # noqa: S101  written above
    return found


def points(session: Session, gathering_id: int) -> list[GatheringPoint]:
    """A gathering's minutes in order."""
    return list(
        session.exec(
            select(GatheringPoint)
            .where(GatheringPoint.gathering_id == gathering_id)
            .order_by(col(GatheringPoint.position))
        )
    )


def swap(session: Session, swap_id: int, *, lock: bool = False) -> FacilitatorSwap | None:
    """An exchange somebody asked for."""
    statement = select(FacilitatorSwap).where(FacilitatorSwap.id == swap_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def names_of(session: Session, person_ids: Sequence[int]) -> dict[int, str]:
    """Names by person."""
    rows = session.exec(
        select(col(Person.id), col(Person.name)).where(col(Person.id).in_(person_ids))
    )
    return {person_id or 0: name for person_id, name in rows}
