"""Calls for stories: one quarter's dates in one cohort, who is told, and who reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import UniqueConstraint, and_, null, update
from sqlalchemy import select as core_select
from sqlalchemy.orm.attributes import set_committed_value
from sqlmodel import Session, SQLModel, col, select

from storage.absences import absent_on
from storage.cohorts import Cohort, CohortMember
from storage.columns import key, number, points_to
from storage.deliveries import SKIPPED, TABLE, WAITING, Delivery
from storage.gatherings import CANCELLED as GATHERING_CANCELLED
from storage.gatherings import Gathering
from storage.owing import new_columns, owe, receivers
from storage.people import ChatAccount, Person

OPEN, CANCELLED, HELD = "open", "cancelled", "held"


class StoryCall(SQLModel, table=True):
    """The dates of one quarter's share; `closes_on` and `review_by` are the last such days."""

    __tablename__ = "story_call"
    __table_args__ = (UniqueConstraint("cohort_id", "opens_on"),)

    id: int | None = key()
    cohort_id: int = points_to("cohort.id")
    opens_on: date
    closes_on: date
    review_by: date
    starts_at: datetime
    minutes: int
    place: str = ""
    state: str = OPEN
    version: int = 1
    # The session as a gathering, once it is announced.
    gathering_id: int | None = number(optional=True)
    digest_at: datetime | None = None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a word goes and whether it may, read again at the moment of sending."""

    delivery_id: int
    chat_id: int | None
    is_reachable: bool
    language: str
    is_active: bool
    is_member: bool
    is_away: bool


def _following(session: Session, calls: Sequence[StoryCall]) -> None:
    """Let calls say of their sessions what the gatherings say.

    A session can be moved or cancelled among the gatherings, and what stands there is the truth.
    """
    ids = {call.gathering_id: call for call in calls if call.gathering_id}
    rows = session.exec(select(Gathering).where(col(Gathering.id).in_(ids))) if ids else ()
    for found in rows:
        call = ids[found.id or 0]
        for name in ("starts_at", "minutes", "place"):
            set_committed_value(call, name, getattr(found, name))
        if found.state == GATHERING_CANCELLED and call.state == OPEN:
            set_committed_value(call, "state", CANCELLED)


def call_of(session: Session, call_id: int | None) -> StoryCall | None:
    """A call by its id."""
    call = session.get(StoryCall, call_id) if call_id else None
    _following(session, [call] if call else [])
    return call


def locked(session: Session, call_id: int) -> StoryCall | None:
    """A call, read anew and held by this transaction."""
    call = session.exec(
        select(StoryCall)
        .where(StoryCall.id == call_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    _following(session, [call] if call else [])
    return call


def standing(session: Session, cohort_id: int) -> StoryCall | None:
    """The newest call of a cohort that was not cancelled."""
    call = session.exec(
        select(StoryCall)
        .where(StoryCall.cohort_id == cohort_id, StoryCall.state != CANCELLED)
        .order_by(col(StoryCall.id).desc())
        .limit(1)
    ).first()
    _following(session, [call] if call else [])
    return call


def unfinished(session: Session, cohort_ids: Sequence[int]) -> list[StoryCall]:
    """The calls of these cohorts that are neither over nor cancelled, oldest first."""
    rows = session.exec(
        select(StoryCall)
        .where(col(StoryCall.cohort_id).in_(cohort_ids), StoryCall.state == OPEN)
        .order_by(col(StoryCall.id))
    )
    calls = list(rows)
    _following(session, calls)
    return [call for call in calls if call.state == OPEN]


def on_day(session: Session, cohort_id: int, opens_on: date) -> StoryCall | None:
    """The call that a cohort opened on a date."""
    return session.exec(
        select(StoryCall).where(StoryCall.cohort_id == cohort_id, StoryCall.opens_on == opens_on)
    ).first()


def of_ids(session: Session, ids: Sequence[int]) -> dict[int, tuple[StoryCall, Cohort]]:
    """Calls with their cohorts, by id."""
    rows = session.exec(
        select(StoryCall, Cohort)
        .join(Cohort, col(Cohort.id) == col(StoryCall.cohort_id))
        .where(col(StoryCall.id).in_(ids))
    )
    found = {call.id or 0: (call, cohort) for call, cohort in rows}
    _following(session, [call for call, _ in found.values()])
    return found


def taking(session: Session, cohort_ids: Sequence[int], *, on: date) -> StoryCall | None:
    """The open call among these cohorts that still takes stories on a date, soonest first."""
    return session.exec(
        select(StoryCall)
        .where(
            col(StoryCall.cohort_id).in_(cohort_ids),
            StoryCall.state == OPEN,
            StoryCall.opens_on <= on,
            StoryCall.closes_on >= on,
        )
        .order_by(col(StoryCall.closes_on), col(StoryCall.id))
        .limit(1)
    ).first()


def owe_members(
    session: Session,
    *,
    call: StoryCall,
    bot: int,
    kind: str,
    occasion: str,
    urgency: str,
    hours: Sequence[time | None],
    due_at: datetime,
    not_after: datetime | None,
    day: date,
    now: datetime,
) -> int:
    """Owe one word about a call to every member of its cohort; returns how many rows were added."""
    added = 0
    for hour in hours:
        member = receivers(
            [col(CohortMember.person_id).label("person_id")],
            cohort_id=call.cohort_id,
            bot=bot,
            day=day,
            own_time=hour,
        ).subquery()
        values = new_columns(
            bot=bot,
            kind=kind,
            occasion=occasion,
            recipient=member.c.person_id,
            person_id=member.c.person_id,
            cohort_id=call.cohort_id,
            subject_id=call.id,
            urgency=urgency,
            due_at=due_at,
            not_after=not_after if not_after is not None else null(),
            created_at=now,
        )
        # SQLite tells ON CONFLICT from a join's ON only behind a WHERE.
        source = core_select(*values.values()).where(member.c.person_id.is_not(None))
        added += owe(session, values, source)
    return added


def owe_again(session: Session, call: StoryCall, *, kind: str, due_at: datetime) -> None:
    """Put back on its way what was owed of a call that was taken back, wherever it did not go."""
    session.connection().execute(
        update(TABLE)
        .where(
            TABLE.c.kind == kind,
            TABLE.c.subject_id == call.id,
            TABLE.c.status.in_((WAITING, SKIPPED)),
        )
        .values(status=WAITING, error=None, due_at=due_at)
    )


def recipients(session: Session, delivery_ids: Sequence[int], *, on: date) -> dict[int, Recipient]:
    """Where each of these deliveries goes, in one query."""
    is_member = col(CohortMember.id).is_not(None)
    columns: list[Any] = [
        col(Delivery.id),
        col(ChatAccount.chat_id),
        col(ChatAccount.reachable),
        col(Person.language),
        col(Person.status) == "active",
        is_member,
        absent_on(col(Delivery.person_id), on),
    ]
    statement = (
        core_select(*columns)
        .join(Person, col(Person.id) == col(Delivery.person_id))
        .outerjoin(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == col(Delivery.person_id),
                col(ChatAccount.bot) == col(Delivery.bot),
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .outerjoin(
            CohortMember,
            and_(
                col(CohortMember.person_id) == col(Delivery.person_id),
                col(CohortMember.cohort_id) == col(Delivery.cohort_id),
                col(CohortMember.until).is_(None),
            ),
        )
        .where(col(Delivery.id).in_(delivery_ids))
    )
    rows = session.connection().execute(statement)
    return {row[0]: Recipient(*row) for row in rows}
