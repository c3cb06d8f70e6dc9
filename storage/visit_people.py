"""Who of a batch can be told what: their lines as they stand now, and the messages owed to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage.addressees import Addressee, of_events
from storage.cohorts import Cohort, CohortMember
from storage.gathering_people import Expected
from storage.people import ChatAccount, Membership, Person, RoleGrant, Unit
from storage.units import ACTIVE, open_account, within
from storage.visits import LISTED, ExchangeVisit, VisitPerson


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list as who arranges it sees it; `phone` may be "", an official's `person_id`
    is None, `is_told` whether messages reach her.
    """

    line_id: int
    person_id: int | None
    name: str
    post: str
    unit_name: str
    phone: str
    state: str
    reason: str
    confirmed: int
    is_told: bool


def listed(session: Session, visit: ExchangeVisit, states: Sequence[str] = LISTED) -> list[Listed]:
    """The lines of a batch in these states; whoever left does not travel and is left out."""
    columns: list[Any] = [
        col(VisitPerson.id),
        col(VisitPerson.person_id),
        col(VisitPerson.name),
        col(VisitPerson.post),
        col(VisitPerson.unit_name),
        func.coalesce(Person.phone, VisitPerson.phone),
        col(VisitPerson.state),
        col(VisitPerson.reason),
        col(VisitPerson.confirmed),
        func.coalesce(ChatAccount.reachable, False),
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(VisitPerson)
        .outerjoin(Person, col(Person.id) == col(VisitPerson.person_id))
        .outerjoin(ChatAccount, open_account(visit.bot, col(Person.id)))
        .where(
            col(VisitPerson.visit_id) == visit.id,
            col(VisitPerson.state).in_(states),
            or_(col(Person.id).is_(None), col(Person.status) == ACTIVE),
        )
        .order_by(col(VisitPerson.id))
    )
    return [Listed(*row) for row in rows]


def on_list(visit_id: int, *states: str) -> Any:
    """The condition that a person stands on a list in one of these states."""
    return (
        exists()
        .where(
            col(VisitPerson.visit_id) == visit_id,
            col(VisitPerson.person_id) == col(Person.id),
            col(VisitPerson.state).in_(states),
        )
        .correlate(Person)
    )


def count_reached(session: Session, visit: ExchangeVisit, *states: str) -> int:
    """How many of those in these states a message would be sent to."""
    statement = (
        select(func.count(col(Person.id)))
        .join(ChatAccount, open_account(visit.bot, col(Person.id)))
        .where(Person.status == ACTIVE, on_list(visit.id or 0, *states))
    )
    return int(session.exec(statement).one())


def addressees(session: Session, delivery_ids: Sequence[int]) -> dict[int, Addressee]:
    """The addressee of each of these deliveries about visits, each with her line."""
    return of_events(session, delivery_ids, VisitPerson, VisitPerson.visit_id)


def roster(session: Session, paths: Sequence[str]) -> list[Expected]:
    """The active people of units and everything under them, to match a pasted list to."""
    rows = session.exec(
        select(Person.id, Person.name, Unit.name_zh)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(col(Membership.until).is_(None), Person.status == ACTIVE, within(paths))
        .order_by(col(Unit.id), col(Person.id))
    )
    return [Expected(i or 0, name, unit, None, "", is_away=False) for i, name, unit in rows]


def learners_of_unit(session: Session, path: str, *, on: date) -> list[int]:
    """The active learners of a unit and everything under it."""
    rows = session.exec(
        select(Person.id)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(
            RoleGrant.role == "learner",
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            Person.status == ACTIVE,
            within([path]),
        )
        .distinct()
        .order_by(col(Person.id))
    )
    return [person_id or 0 for person_id in rows]


def members_of_cohort(session: Session, cohort_id: int, *, on: date) -> list[int]:
    """The active people with a place in a cohort."""
    rows = session.exec(
        select(Person.id)
        .join(CohortMember, col(CohortMember.person_id) == Person.id)
        .where(
            CohortMember.cohort_id == cohort_id,
            col(CohortMember.since) <= on,
            or_(col(CohortMember.until).is_(None), col(CohortMember.until) > on),
            Person.status == ACTIVE,
        )
        .order_by(col(Person.id))
    )
    return [person_id or 0 for person_id in rows]


def cohorts_named(session: Session, path: str, *, bot: int) -> Mapping[str, int]:
    """The cohorts of a unit and under it, by name."""
    rows = session.exec(
        select(Cohort.name, Cohort.id)
        .join(Unit, col(Unit.id) == Cohort.unit_id)
        .where(Cohort.bot == bot, within([path]))
    )
    return {name: cohort_id or 0 for name, cohort_id in rows}


def homes(session: Session, person_ids: Sequence[int], path: str) -> dict[int, tuple[str, str]]:
    """(name, the unit she works in) of those of these active people who work under a path."""
    rows = session.exec(
        select(Person.id, Person.name, Unit.name_zh)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            col(Person.id).in_(person_ids),
            Person.status == ACTIVE,
            col(Membership.until).is_(None),
            within([path]),
        )
    )
    return {person_id or 0: (name, unit) for person_id, name, unit in rows}
