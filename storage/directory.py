"""People as those who look after them see them: lists, searches, who can be reached."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.cohorts import Cohort, CohortMember
from storage.people import FORGOTTEN, ChatAccount, Membership, Person, RoleGrant, Unit
from storage.units import ACTIVE, open_account, within

LEFT = "left"


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person with her station and her chat; `is_linked` is False before she joined."""

    person_id: int
    name: str
    number: str | None
    status: str
    membership_id: int
    since: date
    until: date | None
    unit_id: int
    unit_path: str
    unit_name: str
    is_linked: bool
    is_reachable: bool
    unreachable_since: datetime | None


@dataclass(frozen=True, slots=True)
class Findable:
    """What somebody can be found by."""

    person_id: int
    name: str
    number: str | None
    phone: str | None
    unit_name: str


@dataclass(frozen=True, slots=True)
class GrantRow:
    """An open role with the unit it reaches."""

    grant_id: int
    person_id: int
    role: str
    unit_id: int
    unit_path: str
    unit_name: str


def _home() -> Any:
    """The membership a person has now, or had last: her newest."""
    newest = aliased(Membership)
    return (
        select(func.max(col(newest.id)))
        .where(col(newest.person_id) == col(Person.id))
        .correlate(Person)
        .scalar_subquery()
    )


def _at_home(statement: Select[Any]) -> Select[Any]:
    return statement.join(Membership, col(Membership.id) == _home()).join(
        Unit, col(Unit.id) == Membership.unit_id
    )


def _working(statement: Select[Any]) -> Select[Any]:
    """`_at_home` for those who work somewhere now: an open membership is quicker to find."""
    now_at = and_(col(Membership.person_id) == col(Person.id), col(Membership.until).is_(None))
    return statement.join(Membership, now_at).join(Unit, col(Unit.id) == Membership.unit_id)


def _of_role(role: str | None, on: date) -> list[Any]:
    """The condition that somebody holds a role; none without a role."""
    if role is None:
        return []
    held = select(RoleGrant.id).where(
        col(RoleGrant.person_id) == col(Person.id),
        RoleGrant.role == role,
        col(RoleGrant.since) <= on,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
    )
    return [held.correlate(Person).exists()]


def count_people(session: Session, paths: Sequence[str], *, role: str | None, on: date) -> int:
    """How many active people work in units and everything under them; of a role, if named."""
    statement = _working(sa_select(func.count()).select_from(Person)).where(
        *_wanted(paths, role, on)
    )
    return int(session.connection().execute(statement).scalar_one())


def people_in(
    session: Session,
    paths: Sequence[str],
    *,
    role: str | None,
    on: date,
    limit: int,
    offset: int,
) -> list[int]:
    """The ids of one page of them, by station and then by when they came."""
    ids: Any = col(Person.id)
    statement = (
        _working(sa_select(ids).select_from(Person))
        .where(*_wanted(paths, role, on))
        .order_by(col(Unit.id), col(Person.id))
        .limit(limit)
        .offset(offset)
    )
    return [row[0] for row in session.connection().execute(statement)]


def _wanted(paths: Sequence[str], role: str | None, on: date) -> list[Any]:
    return [within(paths), col(Person.status) == ACTIVE, *_of_role(role, on)]


def findable(session: Session, paths: Sequence[str]) -> Iterator[Findable]:
    """Everybody of units and everything under them, those who left included, to be searched.

    Streamed: matching folds widths and cases that the two databases fold differently.
    """
    columns: list[Any] = [Person.id, Person.name, Person.number, Person.phone, Unit.name_zh]
    statement = (
        _at_home(sa_select(*columns).select_from(Person))
        .where(within(paths), col(Person.status) != FORGOTTEN)
        .order_by(col(Person.status), col(Unit.id), col(Person.id))
    )
    for row in session.connection().execute(statement):
        yield Findable(*row)


def rows_of(session: Session, person_ids: Sequence[int], *, bot: int) -> list[PersonRow]:
    """These people, in the order asked for; one query."""
    account_exists = col(ChatAccount.id).is_not(None)
    columns: list[Any] = [
        Person.id,
        Person.name,
        Person.number,
        Person.status,
        Membership.id,
        Membership.since,
        Membership.until,
        Unit.id,
        Unit.path,
        Unit.name_zh,
        account_exists,
        and_(account_exists, col(ChatAccount.reachable)),
        ChatAccount.unreachable_since,
    ]
    statement = (
        _at_home(sa_select(*columns).select_from(Person))
        .outerjoin(ChatAccount, open_account(bot, col(Person.id)))
        .where(col(Person.id).in_(person_ids))
    )
    found = {row[0]: PersonRow(*row) for row in session.connection().execute(statement)}
    return [found[person_id] for person_id in person_ids if person_id in found]


def grants_of(session: Session, person_ids: Sequence[int], *, on: date) -> list[GrantRow]:
    """The roles these people hold on a date, each with its unit, oldest first."""
    columns: list[Any] = [
        RoleGrant.id,
        RoleGrant.person_id,
        RoleGrant.role,
        RoleGrant.unit_id,
        Unit.path,
        Unit.name_zh,
    ]
    statement = (
        sa_select(*columns)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(
            col(RoleGrant.person_id).in_(person_ids),
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
        )
        .order_by(col(RoleGrant.id))
    )
    return [GrantRow(*row) for row in session.connection().execute(statement)]


def running_cohorts(
    session: Session, unit_path: str, *, bot: int, on: date
) -> list[tuple[int, str]]:
    """The (id, name) of cohorts of a unit and of what it belongs to, newest first."""
    ids = [int(part) for part in unit_path.split("/") if part]
    rows = session.exec(
        select(Cohort.id, Cohort.name)
        .where(
            col(Cohort.unit_id).in_(ids),
            Cohort.bot == bot,
            or_(col(Cohort.end_on).is_(None), col(Cohort.end_on) >= on),
        )
        .order_by(col(Cohort.id).desc())
    )
    return [(cohort_id or 0, name) for cohort_id, name in rows]


def last_cohort(session: Session, person_id: int) -> int | None:
    """The cohort a person learned in last."""
    return session.exec(
        select(CohortMember.cohort_id)
        .where(CohortMember.person_id == person_id)
        .order_by(col(CohortMember.id).desc())
        .limit(1)
    ).first()


def namesakes(session: Session, *, name: str, unit_id: int) -> list[str]:
    """The numbers of people of this name who work in a unit; "" for one without a number."""
    rows = session.exec(
        select(Person.number)
        .join(Membership, col(Membership.person_id) == Person.id)
        .where(
            Person.name == name,
            Membership.unit_id == unit_id,
            col(Membership.until).is_(None),
            Person.status == ACTIVE,
        )
        .order_by(col(Person.id))
    )
    return [number or "" for number in rows]
