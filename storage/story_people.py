"""Whose story it may be: workers found by name, and the cohorts somebody learns in."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import exists, or_
from sqlmodel import Session, col, select

from storage.cohorts import Cohort, CohortMember
from storage.people import Membership, Person, RoleGrant, Unit

# Buttons that one message can hold.
WORKERS_SHOWN = 6


def workers_named(
    session: Session, paths: Sequence[str], words: str, *, but: int, on: date
) -> list[tuple[int, str, str]]:
    """Active learners under these units whose name holds these words: (id, name, station)."""
    if not paths:
        return []
    rows = session.exec(
        select(Person.id, Person.name, Unit.name_zh)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(Membership.unit_id))
        .where(
            col(Membership.until).is_(None),
            Person.status == "active",
            Person.id != but,
            col(Person.name).contains(words, autoescape=True),
            or_(*(col(Unit.path).startswith(path) for path in paths)),
            exists().where(
                col(RoleGrant.person_id) == col(Person.id),
                col(RoleGrant.role) == "learner",
                col(RoleGrant.since) <= on,
                or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            ),
        )
        .order_by(col(Person.name), col(Person.id))
        .limit(WORKERS_SHOWN)
    )
    return [(person_id or 0, name, unit) for person_id, name, unit in rows]


def cohort_ids_of(session: Session, person_id: int, *, bot: int) -> tuple[int, ...]:
    """The cohorts somebody learns in now, oldest first."""
    return tuple(
        i or 0
        for i in session.exec(
            select(Cohort.id)
            .join(CohortMember, col(CohortMember.cohort_id) == col(Cohort.id))
            .where(
                CohortMember.person_id == person_id,
                col(CohortMember.until).is_(None),
                Cohort.bot == bot,
            )
            .order_by(col(CohortMember.id))
        )
    )
