"""Pairs of many people at once, and the workers who have none."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from storage import absences
from storage.people import Membership, Person, RoleGrant, Unit
from storage.supervision_pairs import WORKER, PairRow, SupervisionPair, rows_where, standing
from storage.units import ACTIVE, within


def of_supervisors(
    session: Session, supervisor_ids: Collection[int], *, bot: int, on: date
) -> list[PairRow]:
    """The pairs of these supervisors that hold on a date or from a later one on."""
    statement = rows_where(
        col(SupervisionPair.bot) == bot,
        col(SupervisionPair.supervisor_id).in_(supervisor_ids),
        *standing(on),
        WORKER.status == ACTIVE,
    ).order_by(col(SupervisionPair.due_on), col(SupervisionPair.id))
    return [PairRow(*found) for found in session.connection().execute(statement)]


def ending(
    session: Session,
    supervisor_ids: Collection[int],
    *,
    bot: int,
    on: date,
    by: date,
    supervisor_id: int | None = None,
) -> list[PairRow]:
    """The pairs that hold on a date and end by another, and all of these supervisors; of one
    supervisor alone where she is named.
    """
    made: Any = SupervisionPair
    statement = rows_where(
        made.bot == bot,
        *standing(on),
        made.since <= on,
        or_(made.until <= by, made.supervisor_id.in_(supervisor_ids)),
        WORKER.status == ACTIVE,
    ).order_by(made.id)
    if supervisor_id is not None:
        statement = statement.where(made.supervisor_id == supervisor_id)
    return [PairRow(*found) for found in session.connection().execute(statement)]


def of_workers(
    session: Session, worker_ids: Collection[int], *, bot: int, on: date
) -> list[SupervisionPair]:
    """The pairs of these workers that hold on a date or from a later one on."""
    rows = session.exec(
        select(SupervisionPair)
        .where(
            SupervisionPair.bot == bot,
            col(SupervisionPair.worker_id).in_(worker_ids),
            *standing(on),
        )
        .order_by(col(SupervisionPair.id))
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class Unaccompanied:
    """A learner without a pair: since when she learns, and when her last pair ended, if any."""

    worker_id: int
    name: str
    unit_name: str
    unit_path: str
    since: date
    last_until: date | None


def _pairs_of_person(bot: int, on: date) -> tuple[Any, Any]:
    """Whether a person has a pair on a date, and the first day without the last one she had."""
    made: Any = SupervisionPair
    hers = (made.worker_id == col(Person.id), made.bot == bot)
    has_pair = core_select(made.id).where(*hers, *standing(on)).exists()
    last = core_select(func.max(made.until)).where(*hers).correlate(Person).scalar_subquery()
    return has_pair, last


def unaccompanied(
    session: Session, paths: Sequence[str], *, bot: int, on: date, worker_id: int | None = None
) -> list[Unaccompanied]:
    """The learners of these units and under them who have no pair and do not rest."""
    has_pair, last = _pairs_of_person(bot, on)
    columns: list[Any] = [
        col(Person.id),
        Person.name,
        Unit.name_zh,
        Unit.path,
        func.min(RoleGrant.since),
        last,
    ]
    statement = (
        core_select(*columns)
        .select_from(Person)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            col(Membership.until).is_(None),
            within(paths),
            col(Person.status) == ACTIVE,
            col(RoleGrant.role) == "learner",
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            ~has_pair,
            ~absences.absent_on(col(Person.id), on),
        )
        .group_by(col(Person.id), Person.name, Unit.name_zh, Unit.path)
        .order_by(col(Person.id))
    )
    if worker_id is not None:
        statement = statement.where(col(Person.id) == worker_id)
    return [Unaccompanied(*row) for row in session.connection().execute(statement)]
