"""Who may lead a topic's session, who is asked for its approval, who waits for its answers."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, exists, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage import deputies
from storage.absences import absent_on
from storage.cohorts import CohortMember
from storage.deliveries import SENT, Delivery
from storage.people import ChatAccount, Membership, Person, RoleGrant, Unit
from storage.questions import Question

ACTIVE = "active"


def _holding(roles: Sequence[str], on: date) -> Any:
    return and_(
        col(RoleGrant.role).in_(roles),
        col(RoleGrant.since) <= on,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
        col(Person.status) == ACTIVE,
    )


def trainers(session: Session, unit_path: str, *, on: date, limit: int) -> list[tuple[int, str]]:
    """Supervisors and coordinators of a unit, of what is under it and above, as (id, name)."""
    above = [int(part) for part in unit_path.split("/") if part]
    rows = session.exec(
        select(Person.id, Person.name)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(
            _holding(("supervisor", "coordinator"), on),
            or_(col(Unit.id).in_(above), col(Unit.path).startswith(unit_path, autoescape=True)),
        )
        .distinct()
        .order_by(col(Person.name), col(Person.id))
        .limit(limit)
    )
    return [(person_id or 0, name) for person_id, name in rows]


def by_name(session: Session, unit_path: str, name: str) -> list[tuple[int, str]]:
    """Active people of this name under the topmost unit of a path, as (id, name)."""
    root = f"/{unit_path.strip('/').split('/')[0]}/"
    rows = session.exec(
        select(Person.id, Person.name)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            Person.name == name,
            Person.status == ACTIVE,
            col(Membership.until).is_(None),
            col(Unit.path).startswith(root, autoescape=True),
        )
        .order_by(col(Person.id))
    )
    return [(person_id or 0, found) for person_id, found in rows]


def coordinators(session: Session, unit_path: str, *, bot: int, on: date) -> list[list[int]]:
    """The coordinators with a chat, not away, of each unit of a path, the nearest unit first.

    Somebody for whom a deputy stands in counts as there. A unit without one is left out.
    """
    ids = [int(part) for part in unit_path.split("/") if part]
    rows = session.exec(
        select(Unit.path, Person.id)
        .join(RoleGrant, col(RoleGrant.unit_id) == Unit.id)
        .join(Person, col(Person.id) == RoleGrant.person_id)
        .join(
            ChatAccount,
            and_(
                col(ChatAccount.person_id) == col(Person.id),
                col(ChatAccount.bot) == bot,
                col(ChatAccount.ended_at).is_(None),
            ),
        )
        .where(
            col(Unit.id).in_(ids),
            _holding(("coordinator",), on),
            ~absent_on(col(Person.id), on),
            ~deputies.is_unattended(col(Person.id), on),
        )
        .order_by(col(Person.id))
    )
    levels: dict[str, list[int]] = {}
    for path, person_id in rows:
        levels.setdefault(path, []).append(person_id or 0)
    return [levels[path] for path in sorted(levels, key=len, reverse=True)]


def with_role(session: Session, role: str, *, bot: int, on: date) -> list[int]:
    """Everybody with a chat who holds a role on a date and is not away from it."""
    rows = session.exec(
        select(Person.id)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(ChatAccount, col(ChatAccount.person_id) == Person.id)
        .where(
            _holding((role,), on),
            ChatAccount.bot == bot,
            col(ChatAccount.ended_at).is_(None),
            ~deputies.is_away(col(Person.id), on),
        )
        .distinct()
        .order_by(col(Person.id))
    )
    return [person_id or 0 for person_id in rows]


def members(session: Session, cohort_id: int) -> list[int]:
    """Who learns in a cohort now."""
    rows = session.exec(
        select(CohortMember.person_id)
        .where(CohortMember.cohort_id == cohort_id, col(CohortMember.until).is_(None))
        .order_by(col(CohortMember.person_id))
    )
    return list(rows)


def were_told(session: Session, *, kind: str, occasion: str) -> set[int]:
    """Whom a notice has reached."""
    statement: Any = core_select(col(Delivery.person_id)).where(
        col(Delivery.kind) == kind,
        col(Delivery.occasion) == occasion,
        col(Delivery.status) == SENT,
    )
    return {row[0] for row in session.connection().execute(statement)}


def active_under(session: Session, unit_path: str) -> set[int]:
    """The active people who work in a unit or under it."""
    rows = session.exec(
        select(Person.id)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            Person.status == ACTIVE,
            col(Membership.until).is_(None),
            col(Unit.path).startswith(unit_path, autoescape=True),
        )
    )
    return {person_id or 0 for person_id in rows}


def silent_units(
    session: Session, paths: Sequence[str], *, since: datetime, limit: int
) -> list[str]:
    """The names of units under these paths where learners work and nobody asked since a moment."""
    learns = exists().where(
        col(Membership.unit_id) == col(Unit.id),
        col(Membership.until).is_(None),
        col(RoleGrant.person_id) == col(Membership.person_id),
        col(RoleGrant.role) == "learner",
        col(RoleGrant.until).is_(None),
        col(Person.id) == col(Membership.person_id),
        col(Person.status) == ACTIVE,
    )
    asked = exists().where(col(Question.unit_id) == col(Unit.id), col(Question.asked_at) >= since)
    under = or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths))
    rows = session.exec(
        select(Unit.name_zh).where(under, learns, ~asked).order_by(Unit.name_zh).limit(limit)
    )
    return list(rows)
