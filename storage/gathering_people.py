"""Whom a gathering concerns: its roster, who can facilitate it, and the messages owed to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, bindparam, null, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, func, select

from storage.absences import Absence, absent_on
from storage.cohorts import Cohort, CohortMember
from storage.deliveries import Delivery, SentMessage
from storage.gatherings import PLANNED, Attendance, Gathering
from storage.lesson_deliveries import hours_of
from storage.owing import new_columns, owe, receivers
from storage.people import ChatAccount, Membership, Person, Unit
from storage.rooms import sits_in


@dataclass(frozen=True, slots=True)
class Expected:
    """One person on a gathering's roster; `state` is None where nothing is known of her.

    Where it is, `marked_by` and `marked_at` say who noted it last, and when.
    """

    person_id: int
    name: str
    unit_name: str
    state: str | None
    reason: str
    is_away: bool
    marked_by: int | None = None
    marked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a delivery about a gathering is for, as she stands now.

    `learns` where she has a place in its cohort and, if it is a room, in that; `is_member` where
    she has one in the cohort.
    """

    person_id: int
    name: str
    language: str
    is_active: bool
    chat_id: int | None
    is_reachable: bool
    is_member: bool
    learns: bool
    attendance: str | None


def learns_in(session: Session, person_id: int, cohort_id: int) -> bool:
    """Whether a person has a place in a cohort now."""
    return (
        session.exec(
            select(CohortMember.id).where(
                CohortMember.person_id == person_id,
                CohortMember.cohort_id == cohort_id,
                col(CohortMember.until).is_(None),
            )
        ).first()
        is not None
    )


def roster(session: Session, of: Gathering, *, on: date) -> list[Expected]:
    """Everybody with a place in it on a date, with or without a chat, by id.

    Of a room these are the people who sit there.
    """
    columns: list[Any] = [
        col(Person.id),
        col(Person.name),
        func.coalesce(Unit.name_zh, ""),
        col(Attendance.state),
        func.coalesce(Attendance.reason, ""),
        absent_on(col(Person.id), on),
        col(Attendance.marked_by),
        col(Attendance.marked_at),
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(CohortMember)
        .join(Person, col(Person.id) == CohortMember.person_id)
        .outerjoin(
            Membership,
            and_(col(Membership.person_id) == Person.id, col(Membership.until).is_(None)),
        )
        .outerjoin(Unit, col(Unit.id) == Membership.unit_id)
        .outerjoin(
            Attendance,
            and_(col(Attendance.gathering_id) == of.id, col(Attendance.person_id) == Person.id),
        )
        .where(
            col(CohortMember.cohort_id) == of.cohort_id,
            col(CohortMember.since) <= on,
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > on),
            col(Person.status) == "active",
            *_in_room(of),
        )
        .order_by(col(Person.id))
    )
    return [Expected(*row) for row in rows]


def _in_room(of: Gathering) -> list[Any]:
    """The condition that a member sits in this room, where it is one."""
    return [sits_in(col(CohortMember.person_id), of.id)] if of.room else []


def latest_turns(session: Session, cohort_id: int, *, kind: str) -> dict[int, datetime]:
    """When each member had, or will have, her latest turn to facilitate."""
    rows = session.exec(
        select(Gathering.facilitator_id, func.max(Gathering.starts_at))
        .where(
            Gathering.cohort_id == cohort_id,
            Gathering.kind == kind,
            Gathering.state == PLANNED,
            col(Gathering.facilitator_id).is_not(None),
        )
        .group_by(col(Gathering.facilitator_id))
    )
    return {person_id or 0: at for person_id, at in rows}


def present_members(session: Session, of: Gathering, *, on: date) -> list[tuple[int, str]]:
    """Its people with a chat who are here on a date, oldest place first: who can take a turn."""
    rows = session.exec(
        select(col(Person.id), col(Person.name))
        .select_from(CohortMember)
        .join(Person, col(Person.id) == CohortMember.person_id)
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == Person.id,
                col(ChatAccount.bot) == of.bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(
            CohortMember.cohort_id == of.cohort_id,
            col(CohortMember.since) <= on,
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > on),
            Person.status == "active",
            col(ChatAccount.reachable).is_(True),
            ~absent_on(col(Person.id), on),
            *_in_room(of),
        )
        .order_by(col(CohortMember.id))
    )
    return [(person_id or 0, name) for person_id, name in rows]


def addressees(session: Session, delivery_ids: Sequence[int]) -> dict[int, Addressee]:
    """The addressee of each of these deliveries, in one query."""
    is_member = (
        core_select(col(CohortMember.id))
        .where(
            col(CohortMember.person_id) == col(Person.id),
            col(CohortMember.cohort_id) == col(Gathering.cohort_id),
            col(CohortMember.until).is_(None),
        )
        .correlate(Person, Gathering)
        .exists()
    )
    sits = or_(col(Gathering.room) == 0, sits_in(col(Person.id), col(Gathering.id)))
    columns: list[Any] = [
        col(Delivery.id),
        col(Person.id),
        col(Person.name),
        col(Person.language),
        col(Person.status) == "active",
        col(ChatAccount.chat_id),
        func.coalesce(ChatAccount.reachable, False),
        is_member,
        and_(is_member, sits),
        col(Attendance.state),
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Delivery)
        .join(Gathering, col(Gathering.id) == col(Delivery.subject_id))
        .join(Person, col(Person.id) == col(Delivery.person_id))
        .outerjoin(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == col(Person.id),
                col(ChatAccount.bot) == col(Delivery.bot),
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .outerjoin(
            Attendance,
            and_(
                col(Attendance.gathering_id) == col(Gathering.id),
                col(Attendance.person_id) == col(Person.id),
            ),
        )
        .where(col(Delivery.id).in_(delivery_ids))
    )
    return {row[0]: Addressee(*row[1:]) for row in rows}


def owe_members(
    session: Session,
    of: Gathering,
    *,
    kind: str,
    occasion: str,
    day: date,
    urgency: str,
    due_at: datetime,
    not_after: datetime | None,
    now: datetime,
) -> int:
    """Owe one message about a gathering to everybody in it who is here on a date."""
    added = 0
    for hour in hours_of(session, of.cohort_id):
        values = new_columns(
            bot=of.bot,
            kind=kind,
            occasion=occasion,
            recipient=col(CohortMember.person_id),
            person_id=col(CohortMember.person_id),
            cohort_id=of.cohort_id,
            subject_id=of.id,
            urgency=urgency,
            due_at=due_at,
            not_after=not_after if not_after is not None else null(),
            created_at=now,
        )
        source = receivers(
            list(values.values()), cohort_id=of.cohort_id, bot=of.bot, day=day, own_time=hour
        )
        added += owe(session, values, source.where(*_in_room(of)))
    return added


_LEARNS = (
    core_select(col(CohortMember.id))
    .where(
        col(CohortMember.person_id) == col(Gathering.facilitator_id),
        col(CohortMember.cohort_id) == col(Gathering.cohort_id),
        col(CohortMember.until).is_(None),
    )
    .correlate(Gathering)
    .exists()
)
_COLUMNS: list[Any] = [
    Gathering,
    col(Cohort.zone),
    and_(col(Person.status) == "active", _LEARNS),
    col(Absence.since),
    col(Absence.until),
]
# Built once: it is asked each minute.
_UNCONFIRMED = (
    core_select(*_COLUMNS)
    .select_from(Gathering)
    .join(Cohort, col(Cohort.id) == col(Gathering.cohort_id))
    .join(Person, col(Person.id) == col(Gathering.facilitator_id))
    .outerjoin(Absence, col(Absence.person_id) == col(Person.id))
    .where(
        col(Gathering.bot) == bindparam("bot"),
        col(Gathering.state) == PLANNED,
        col(Gathering.is_confirmed).is_(False),
        col(Gathering.starts_at) > bindparam("since"),
        col(Gathering.starts_at) < bindparam("until"),
    )
    .order_by(col(Gathering.starts_at), col(Gathering.id))
)


def unconfirmed(
    session: Session, *, bot: int, since: datetime, until: datetime
) -> list[tuple[Gathering, str, bool, date | None, date | None]]:
    """Gatherings of a span whose facilitator has not said yes, each as often as she rests.

    (gathering, the cohort's zone, whether she is an active member of it, rests since, until).
    """
    rows = session.execute(_UNCONFIRMED, {"bot": bot, "since": since, "until": until})
    return [(row[0], row[1], bool(row[2]), row[3], row[4]) for row in rows]


def card_messages(session: Session, *, kind: str, occasion: str) -> dict[int, tuple[int, int]]:
    """The newest message of each person that a delivery of an occasion became: (chat, message)."""
    rows = session.exec(
        select(Delivery.person_id, SentMessage.chat_id, SentMessage.message_id)
        .join(SentMessage, col(SentMessage.delivery_id) == Delivery.id)
        .where(
            Delivery.kind == kind,
            Delivery.occasion == occasion,
            col(Delivery.person_id).is_not(None),
        )
        .order_by(col(SentMessage.id))
    )
    return {person_id or 0: (chat, message) for person_id, chat, message in rows}
