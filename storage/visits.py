"""Exchange visits: a batch, its stops, people and papers, and the queries that find them."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Index, UniqueConstraint, func
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, LARGEST_ID, key, number, points_to
from storage.people import Unit
from storage.units import within

DRAFT, PROPOSED, APPROVED, CANCELLED = "draft", "proposed", "approved", "cancelled"
# How somebody of the batch stands; WITHDRAWN is who was taken off the list.
INVITED, COMING, NOT_COMING, WITHDRAWN = "invited", "coming", "not_coming", "withdrawn"
# Who belongs to the batch, whatever she said.
LISTED = (INVITED, COMING, NOT_COMING)


class ExchangeVisit(SQLModel, table=True):
    """One batch that travels together; its days are local dates, both within the journey."""

    __tablename__ = "exchange_visit"
    __table_args__ = (Index("ix_exchange_visit_start", "bot", "starts_on"),)

    id: int | None = key()
    bot: int = number()
    # Whose visit it is: its coordinators, and everybody above, arrange it.
    unit_id: int = points_to("unit.id", index=True)
    # Which batch of its unit and year it is, from 1; given with the approval.
    number: int | None = None
    title: str
    aims: str
    organiser: str
    starts_on: date
    ends_on: date
    state: str
    # Why it was cancelled or not approved, in the coordinator's words.
    reason: str = ""
    # What to take along, a line each.
    packing: list[str] = Field(sa_type=DOCUMENT)
    # The settings as they were when it was made:
    # {"days", "hour", "late", "skip_after_hours"}.
    reminders: dict[str, Any] = Field(sa_type=DOCUMENT)
    # How many days before the start the last reminder was due that has been dealt with; the days
    # of the journey after the first count below zero.
    reminded: int | None = None
    # How often it was proposed; one that was taken back is approved under another name.
    round: int = 0
    # Rises whenever time or places change or it is cancelled: a calendar's SEQUENCE.
    moves: int = 0
    version: int = 1
    # The version of the last change that people are told of, and what changed: [field, was, is].
    change: int = 0
    changes: list[Any] = Field(sa_type=DOCUMENT)
    # Whether that change came within a day of the journey, so that 知道了 is waited for.
    is_urgent: bool = False
    # What stood before that change, for 撤销, and when it was made.
    before: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    changed_at: datetime | None = None
    proposed_by: int | None = points_to("person.id", optional=True)
    proposed_at: datetime | None = None
    approved_by: int | None = points_to("person.id", optional=True)
    approved_at: datetime | None = None
    created_by: int | None = points_to("person.id", optional=True)
    created_at: datetime


class VisitStop(SQLModel, table=True):
    """One place of a visit on one day: what is done there, and whom to call there."""

    __tablename__ = "visit_stop"

    id: int | None = key()
    visit_id: int = points_to("exchange_visit.id", index=True)
    # The order within the visit, from 1.
    place: int
    destination: str
    day: date
    at: time | None = None
    programme: str
    host_name: str = ""
    host_contact: str = ""


class VisitPerson(SQLModel, table=True):
    """Somebody of a batch: a learner (`person_id`), or an official who is not one.

    Name, post and unit are as they stood when she was put on the list.
    """

    __tablename__ = "visit_person"
    __table_args__ = (UniqueConstraint("visit_id", "person_id"),)

    id: int | None = key()
    visit_id: int = points_to("exchange_visit.id", index=True)
    person_id: int | None = points_to("person.id", optional=True, index=True)
    name: str
    post: str = ""
    unit_name: str = ""
    # Of an official; that of a learner is her own.
    phone: str = ""
    state: str
    # Why she cannot come, a code; never words.
    reason: str = ""
    # The change (`ExchangeVisit.change`) she last said 知道了 to, or was called about.
    confirmed: int = 0
    # Rises with each change, so that a word about an earlier one is not said any more.
    version: int = 1
    changed_by: int | None = points_to("person.id", optional=True)
    changed_at: datetime


class VisitDocument(SQLModel, table=True):
    """A paper of a visit, as Telegram keeps it."""

    __tablename__ = "visit_document"

    id: int | None = key()
    visit_id: int = points_to("exchange_visit.id", index=True)
    file_id: str
    name: str
    size: int
    added_by: int | None = points_to("person.id", optional=True)
    added_at: datetime


def visit(session: Session, visit_id: int, *, bot: int, lock: bool = False) -> ExchangeVisit | None:
    """A visit of this bot; with `lock` read anew, and whoever wants it too waits."""
    if visit_id >= LARGEST_ID:
        return None
    statement = select(ExchangeVisit).where(ExchangeVisit.id == visit_id, ExchangeVisit.bot == bot)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def has_any(session: Session, *, bot: int) -> bool:
    """Whether any visit was ever arranged."""
    found = select(col(ExchangeVisit.id)).where(ExchangeVisit.bot == bot).limit(1)
    return session.exec(found).first() is not None


def of_ids(session: Session, ids: Sequence[int]) -> dict[int, ExchangeVisit]:
    """Visits by id."""
    rows = session.exec(select(ExchangeVisit).where(col(ExchangeVisit.id).in_(ids)))
    return {row.id or 0: row for row in rows}


def stops(session: Session, visit_id: int) -> list[VisitStop]:
    """The places of a visit in their order."""
    return list(
        session.exec(
            select(VisitStop)
            .where(VisitStop.visit_id == visit_id)
            .order_by(col(VisitStop.place), col(VisitStop.id))
        )
    )


def documents(session: Session, visit_id: int) -> list[VisitDocument]:
    """The papers of a visit, oldest first."""
    return list(
        session.exec(
            select(VisitDocument)
            .where(VisitDocument.visit_id == visit_id)
            .order_by(col(VisitDocument.id))
        )
    )


def people(session: Session, visit_id: int, states: Sequence[str] = LISTED) -> list[VisitPerson]:
    """Who belongs to a batch and stands in one of these states, in the order of the list."""
    return list(
        session.exec(
            select(VisitPerson)
            .where(VisitPerson.visit_id == visit_id, col(VisitPerson.state).in_(states))
            .order_by(col(VisitPerson.id))
        )
    )


def line(session: Session, line_id: int) -> VisitPerson | None:
    """One line of a list by its id."""
    return session.get(VisitPerson, line_id) if line_id < LARGEST_ID else None


def line_of(session: Session, visit_id: int, person_id: int) -> VisitPerson | None:
    """A person's line on the list of a visit, in whatever state."""
    return session.exec(
        select(VisitPerson).where(
            VisitPerson.visit_id == visit_id, VisitPerson.person_id == person_id
        )
    ).first()


def counts(session: Session, visit_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """How many stand in each state of each visit, officials too, by (visit, state)."""
    rows = session.exec(
        select(VisitPerson.visit_id, VisitPerson.state, func.count(col(VisitPerson.id)))
        .where(col(VisitPerson.visit_id).in_(visit_ids))
        .group_by(col(VisitPerson.visit_id), col(VisitPerson.state))
    )
    return {(visit_id, state): int(found) for visit_id, state, found in rows}


def arranged_by(session: Session, reach: Sequence[str], *, bot: int) -> list[ExchangeVisit]:
    """The visits of units within reach, in every state; a region has a few each year."""
    if not reach:
        return []
    return list(
        session.exec(
            select(ExchangeVisit)
            .join(Unit, col(Unit.id) == ExchangeVisit.unit_id)
            .where(ExchangeVisit.bot == bot, within(reach))
            .order_by(col(ExchangeVisit.id))
        )
    )


def joined_by(session: Session, person_id: int, *, bot: int) -> list[ExchangeVisit]:
    """The approved and cancelled visits on whose list a person stands."""
    return list(
        session.exec(
            select(ExchangeVisit)
            .join(VisitPerson, col(VisitPerson.visit_id) == ExchangeVisit.id)
            .where(
                ExchangeVisit.bot == bot,
                VisitPerson.person_id == person_id,
                col(VisitPerson.state).in_(LISTED),
                col(ExchangeVisit.approved_at).is_not(None),
                col(ExchangeVisit.state).in_((APPROVED, CANCELLED)),
            )
            .order_by(col(ExchangeVisit.id))
        )
    )


def open_visits(session: Session, *, bot: int, on: date) -> list[ExchangeVisit]:
    """The approved visits that are not over on a local date, the next one first."""
    return list(
        session.exec(
            select(ExchangeVisit)
            .where(
                ExchangeVisit.bot == bot,
                ExchangeVisit.state == APPROVED,
                ExchangeVisit.ends_on >= on,
            )
            .order_by(col(ExchangeVisit.starts_on), col(ExchangeVisit.id))
        )
    )


def next_number(session: Session, unit_id: int, *, first: date, last: date) -> int:
    """The number of the next batch of a unit among those that start within these dates."""
    highest = session.exec(
        select(func.max(ExchangeVisit.number)).where(
            ExchangeVisit.unit_id == unit_id,
            col(ExchangeVisit.starts_on) >= first,
            col(ExchangeVisit.starts_on) <= last,
        )
    ).one()
    return int(highest or 0) + 1
