"""Sessions of pairs: what is booked and what became of it, times that were proposed.

A session holds every quarter of an hour it takes, of both people; a quarter of a person exists
once, so that the database itself lets no two sessions overlap.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, delete, or_
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import supervision_groups
from storage.columns import DOCUMENT, key, number, points_to
from storage.people import Membership, Person
from storage.prepared import insert_ignoring
from storage.supervision_pairs import SupervisionPair
from storage.units import ACTIVE

BOOKED, CANCELLED, MISSED = "booked", "cancelled", "missed"
# A session that has a record.
HELD = "held"


class SupervisionBooking(SQLModel, table=True):
    """One session of a pair.

    `moves` counts how often it was moved, `version` every change and `change` the version of the
    last that the other is told of. `before` is how it stood before `changed_by` changed it, None
    where it was made by that.
    """

    __tablename__ = "supervision_booking"
    __table_args__ = (
        Index("ix_supervision_booking_pair", "pair_id", "starts_at"),
        Index("ix_supervision_booking_start", "bot", "starts_at"),
    )

    id: int | None = key()
    bot: int = number()
    pair_id: int = points_to("supervision_pair.id")
    supervisor_id: int = points_to("person.id", index=True)
    worker_id: int = points_to("person.id", index=True)
    starts_at: datetime
    minutes: int
    buffer_minutes: int
    mode: str
    place: str
    state: str
    moves: int
    version: int
    change: int
    changed_by: int = points_to("person.id")
    changed_at: datetime
    before: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    created_at: datetime


class SupervisionQuarter(SQLModel, table=True):
    """A quarter of an hour of somebody, counted from 1970, that a session takes: one of a pair, or
    one with several workers.
    """

    __tablename__ = "supervision_quarter"

    person_id: int = points_to("person.id", primary=True)
    quarter: int = Field(primary_key=True)
    booking_id: int | None = points_to("supervision_booking.id", optional=True, index=True)
    group_id: int | None = points_to("supervision_group.id", optional=True, index=True)


class SupervisionProposal(SQLModel, table=True):
    """Up to three moments a supervisor proposes, as ISO texts; answered with one, or none."""

    __tablename__ = "supervision_proposal"

    id: int | None = key()
    bot: int = number()
    pair_id: int = points_to("supervision_pair.id", index=True)
    proposed_by: int = points_to("person.id")
    moments: list[Any] = Field(sa_type=DOCUMENT)
    mode: str
    place: str
    state: str
    asked_at: datetime
    answered_at: datetime | None = None


QUARTER: Any = SupervisionQuarter.__table__  # type: ignore[attr-defined]


def booking(session: Session, booking_id: int, *, lock: bool = False) -> SupervisionBooking | None:
    """A session; with `lock` nobody else changes it until this transaction ends."""
    statement = select(SupervisionBooking).where(SupervisionBooking.id == booking_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def newest(session: Session, pair_ids: Collection[int]) -> dict[int, SupervisionBooking]:
    """The last session of each of these pairs that stands or was held."""
    rows = session.exec(
        select(SupervisionBooking)
        .where(
            col(SupervisionBooking.pair_id).in_(pair_ids),
            col(SupervisionBooking.state).in_((BOOKED, HELD)),
        )
        .order_by(col(SupervisionBooking.starts_at), col(SupervisionBooking.id))
    )
    return {row.pair_id: row for row in rows}


def of_supervisor(
    session: Session, supervisor_id: int, *, since: datetime, until: datetime
) -> list[SupervisionBooking]:
    """A supervisor's sessions that stand and begin in a span, `until` left out, in order."""
    rows = session.exec(
        select(SupervisionBooking)
        .where(
            SupervisionBooking.supervisor_id == supervisor_id,
            SupervisionBooking.state == BOOKED,
            SupervisionBooking.starts_at >= since,
            SupervisionBooking.starts_at < until,
        )
        .order_by(col(SupervisionBooking.starts_at), col(SupervisionBooking.id))
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Held:
    """When a session that stands begins and its minutes; `pair_id` None for one with several."""

    supervisor_id: int
    pair_id: int | None
    starts_at: datetime
    minutes: int


def held(
    session: Session, supervisor_ids: Collection[int], *, since: datetime, until: datetime
) -> list[Held]:
    """The sessions of these supervisors that stand and begin in a span, those with several too."""
    made: Any = SupervisionBooking
    rows = session.connection().execute(
        core_select(made.supervisor_id, made.pair_id, made.starts_at, made.minutes).where(
            made.supervisor_id.in_(supervisor_ids),
            made.state == BOOKED,
            made.starts_at >= since,
            made.starts_at < until,
        )
    )
    of_groups = supervision_groups.minutes_of(session, supervisor_ids, since=since, until=until)
    return [
        *(Held(*row) for row in rows),
        *(Held(whose, None, starts_at, minutes) for whose, starts_at, minutes in of_groups),
    ]


def last_start(session: Session, pair_id: int) -> datetime | None:
    """When the newest session of a pair begins that stands, its own or one with several."""
    own = newest(session, [pair_id]).get(pair_id)
    found = [own.starts_at] if own else []
    return max(
        [*found, *supervision_groups.newest_of_pairs(session, [pair_id]).values()], default=None
    )


def ahead_of_pair(session: Session, pair_id: int, *, now: datetime) -> list[SupervisionBooking]:
    """A pair's sessions that stand and are still to begin."""
    rows = session.exec(
        select(SupervisionBooking)
        .where(
            SupervisionBooking.pair_id == pair_id,
            SupervisionBooking.state == BOOKED,
            SupervisionBooking.starts_at > now,
        )
        .order_by(col(SupervisionBooking.starts_at))
    )
    return list(rows)


def ahead_of_ended(
    session: Session, *, bot: int, now: datetime, before: datetime, on: date
) -> list[tuple[SupervisionBooking, int]]:
    """Sessions to come of pairs that somebody ended before a moment, or that are over by their
    date `on`, each with who changed the pair last.
    """
    is_over = col(SupervisionPair.ended_at).is_(None) & (col(SupervisionPair.until) <= on)
    rows = session.exec(
        select(SupervisionBooking, col(SupervisionPair.changed_by))
        .join(SupervisionPair, col(SupervisionPair.id) == SupervisionBooking.pair_id)
        .where(*_ahead(bot, now), or_(col(SupervisionPair.ended_at) < before, is_over))
    )
    return [(found, ended_by) for found, ended_by in rows]


def ahead_of_ending(
    session: Session, *, bot: int, now: datetime, before: datetime
) -> list[tuple[SupervisionBooking, date, int]]:
    """Sessions to come of pairs that will end and were not changed since a moment.

    Each with the first date without its pair, and who changed the pair last.
    """
    rows = session.exec(
        select(SupervisionBooking, col(SupervisionPair.until), col(SupervisionPair.changed_by))
        .join(SupervisionPair, col(SupervisionPair.id) == SupervisionBooking.pair_id)
        .where(
            *_ahead(bot, now),
            col(SupervisionPair.ended_at).is_(None),
            col(SupervisionPair.until).is_not(None),
            col(SupervisionPair.changed_at) < before,
        )
    )
    return [(found, until, changed_by) for found, until, changed_by in rows if until is not None]


def ahead_of_leavers(
    session: Session, *, bot: int, now: datetime, on: date
) -> list[tuple[SupervisionBooking, int]]:
    """Sessions to come of somebody who left before a date, each with who left."""
    belongs = (
        core_select(col(Membership.id))
        .where(
            col(Membership.person_id) == col(Person.id),
            or_(col(Membership.until).is_(None), col(Membership.until) >= on),
        )
        .exists()
    )
    rows = session.exec(
        select(SupervisionBooking, col(Person.id))
        .join(
            Person,
            or_(
                col(Person.id) == SupervisionBooking.supervisor_id,
                col(Person.id) == SupervisionBooking.worker_id,
            ),
        )
        .where(*_ahead(bot, now), Person.status != ACTIVE, ~belongs)
    )
    return list({found.id: (found, leaver or 0) for found, leaver in rows}.values())


def _ahead(bot: int, now: datetime) -> list[Any]:
    return [
        SupervisionBooking.bot == bot,
        SupervisionBooking.state == BOOKED,
        SupervisionBooking.starts_at > now,
    ]


def take(
    session: Session,
    booking_id: int | None,
    quarters: Mapping[int, Sequence[int]],
    *,
    group_id: int | None = None,
) -> bool:
    """Let a session, or one with several, take these quarters, by person; False where another has
    one of them.

    On PostgreSQL it waits for whoever is taking one just now. Always in the same order, so that
    two sessions never wait for each other.
    """
    rows = [
        {
            "person_id": person_id,
            "quarter": quarter,
            "booking_id": booking_id,
            "group_id": group_id,
        }
        for person_id in sorted(quarters)
        for quarter in sorted(quarters[person_id])
    ]
    session.flush()
    statement = insert_ignoring(session, QUARTER).values(rows).on_conflict_do_nothing()
    return int(session.connection().execute(statement).rowcount) == len(rows)


def release(session: Session, booking_id: int) -> None:
    """Let go of every quarter a session takes."""
    session.flush()
    session.connection().execute(delete(QUARTER).where(QUARTER.c.booking_id == booking_id))


def release_group(session: Session, group_id: int, *, person_id: int | None = None) -> None:
    """Let go of what a session with several takes, of one person where she is named."""
    session.flush()
    statement = delete(QUARTER).where(QUARTER.c.group_id == group_id)
    if person_id is not None:
        statement = statement.where(QUARTER.c.person_id == person_id)
    session.connection().execute(statement)


def taken(
    session: Session, person_id: int, *, first: int, last: int, but_group: int | None = None
) -> frozenset[int]:
    """Which of these quarters somebody has no more; those of one session with several left out."""
    statement = core_select(QUARTER.c.quarter).where(
        QUARTER.c.person_id == person_id,
        QUARTER.c.quarter >= first,
        QUARTER.c.quarter <= last,
    )
    if but_group is not None:
        statement = statement.where(QUARTER.c.group_id.is_distinct_from(but_group))
    return frozenset(session.connection().execute(statement).scalars())


def proposal(
    session: Session, proposal_id: int, *, lock: bool = False
) -> SupervisionProposal | None:
    """Times that were proposed."""
    statement = select(SupervisionProposal).where(SupervisionProposal.id == proposal_id)
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(
            populate_existing=True
        )
    return session.exec(statement).first()


def proposals_of(session: Session, pair_id: int, *, state: str) -> list[SupervisionProposal]:
    """A pair's proposals in a state."""
    rows = session.exec(
        select(SupervisionProposal).where(
            SupervisionProposal.pair_id == pair_id, SupervisionProposal.state == state
        )
    )
    return list(rows)
