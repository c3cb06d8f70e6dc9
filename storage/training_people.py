"""Whom a training is for, whom a change of it concerns, and the messages owed to them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import and_, exists, func, or_
from sqlmodel import Session, col, select

from storage.addressees import Addressee, of_events
from storage.cohorts import CohortMember
from storage.deliveries import CLAIMED, SENT, TABLE
from storage.people import ChatAccount, Membership, Person, RoleGrant, Unit
from storage.training_seats import DECLINED, REGISTERED, WAITING, TrainingSeat
from storage.trainings import TrainingEvent
from storage.units import ACTIVE, open_account, within


def is_invited(invited: Mapping[str, Any], paths: Sequence[str], *, on: date) -> Any:
    """The condition that a person is one of those a training is for; `paths` are its units'."""
    found: list[Any] = []
    if paths and invited["roles"]:
        found.append(
            exists()
            .where(
                col(RoleGrant.person_id) == col(Person.id),
                col(RoleGrant.role).in_(invited["roles"]),
                col(RoleGrant.since) <= on,
                or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
                col(Unit.id) == col(RoleGrant.unit_id),
                within(paths),
            )
            .correlate(Person)
        )
    if invited["cohorts"]:
        found.append(
            exists()
            .where(
                col(CohortMember.person_id) == col(Person.id),
                col(CohortMember.cohort_id).in_(invited["cohorts"]),
                col(CohortMember.since) <= on,
                or_(col(CohortMember.until).is_(None), col(CohortMember.until) > on),
            )
            .correlate(Person)
        )
    return and_(col(Person.status) == ACTIVE, or_(*found))


def paths_of(session: Session, invited: Mapping[str, Any]) -> list[str]:
    """The paths of the units that are invited."""
    ids = invited["units"]
    return list(session.exec(select(Unit.path).where(col(Unit.id).in_(ids)))) if ids else []


def is_for(session: Session, event: TrainingEvent, person_id: int, *, on: date) -> bool:
    """Whether a training is for a person."""
    statement = select(Person.id).where(
        Person.id == person_id, is_invited(event.invited, paths_of(session, event.invited), on=on)
    )
    return session.exec(statement).first() is not None


def invited(session: Session, event: TrainingEvent, *, on: date) -> list[tuple[int, int | None]]:
    """(person, the unit she works in) of everybody a training is for, with or without a chat."""
    rows = session.exec(
        select(Person.id, Membership.unit_id)
        .outerjoin(
            Membership,
            and_(col(Membership.person_id) == Person.id, col(Membership.until).is_(None)),
        )
        .where(is_invited(event.invited, paths_of(session, event.invited), on=on))
        .order_by(col(Person.id))
    )
    return [(person_id or 0, unit_id) for person_id, unit_id in rows]


def still_invited(
    session: Session, event: TrainingEvent, person_ids: Sequence[int], on: date
) -> set[int]:
    """Those of these people whom a training is for."""
    rows = session.exec(
        select(Person.id).where(
            col(Person.id).in_(person_ids),
            is_invited(event.invited, paths_of(session, event.invited), on=on),
        )
    )
    return {person_id or 0 for person_id in rows}


def works_under(session: Session, person_id: int, reach: Sequence[str]) -> bool:
    """Whether an active person works in one of these units or under it now."""
    statement = (
        select(Person.id)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            Person.id == person_id,
            Person.status == ACTIVE,
            col(Membership.until).is_(None),
            within(reach),
        )
    )
    return bool(reach) and session.exec(statement).first() is not None


def named(session: Session, name: str, path: str) -> list[int]:
    """The active people of exactly this name who hold a role in a unit or under it."""
    holds = (
        exists()
        .where(
            col(RoleGrant.person_id) == col(Person.id),
            col(RoleGrant.until).is_(None),
            col(Unit.id) == col(RoleGrant.unit_id),
            within([path]),
        )
        .correlate(Person)
    )
    rows = session.exec(
        select(Person.id).where(Person.name == name, Person.status == ACTIVE, holds)
    )
    return [person_id or 0 for person_id in rows]


def count_reached(
    session: Session,
    event: TrainingEvent,
    *,
    on: date,
    invited: Mapping[str, Any] | None = None,
    but_told: bool = False,
) -> int:
    """How many an invitation would be sent to: those it is for who have a chat.

    `invited` where it were for others; with `but_told` those who had one already are left out.
    """
    meant = event.invited if invited is None else invited
    wanted = is_invited(meant, paths_of(session, meant), on=on)
    statement = (
        select(func.count(col(Person.id)))
        .join(ChatAccount, open_account(event.bot, col(Person.id)))
        .where(and_(wanted, ~told(event.id or 0)) if but_told else wanted)
    )
    return int(session.exec(statement).one())


def told(event_id: int) -> Any:
    """The condition that a person had an invitation, or is being sent it just now."""
    return exists().where(
        TABLE.c.kind == "annual_training",
        TABLE.c.subject_id == event_id,
        TABLE.c.person_id == col(Person.id),
        TABLE.c.status.in_((SENT, CLAIMED)),
    )


def stands(event_id: int, *states: str) -> Any:
    """The condition that a person stands in one of these states."""
    return (
        exists()
        .where(
            col(TrainingSeat.event_id) == event_id,
            col(TrainingSeat.person_id) == col(Person.id),
            col(TrainingSeat.state).in_(states),
        )
        .correlate(Person)
    )


def concerned(event_id: int) -> Any:
    """The condition that a change concerns a person: she comes, waits, or was told and may yet."""
    return or_(
        stands(event_id, REGISTERED, WAITING),
        and_(told(event_id), ~stands(event_id, DECLINED)),
    )


def count_concerned(session: Session, event: TrainingEvent) -> int:
    """How many a word of a change would go to."""
    statement = (
        select(func.count(col(Person.id)))
        .join(ChatAccount, open_account(event.bot, col(Person.id)))
        .where(Person.status == ACTIVE, concerned(event.id or 0))
    )
    return int(session.exec(statement).one())


def addressees(session: Session, delivery_ids: Sequence[int]) -> dict[int, Addressee]:
    """The addressee of each of these deliveries about trainings, each with her seat."""
    return of_events(session, delivery_ids, TrainingSeat, TrainingSeat.event_id)
