"""Sessions that were held: as those in them list them, and counted for a coordinator."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy import select as core_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.people import Membership, Person, RoleGrant, Unit
from storage.supervision_records import (
    DRAFT,
    PEER,
    SEALED,
    WAITING,
    SupervisionAction,
    SupervisionRecord,
    SupervisionRecordPerson,
)
from storage.units import ACTIVE, within


def of_reader(
    session: Session, person_id: int, *, bot: int, pair_id: int | None, with_peers: bool
) -> list[SupervisionRecord]:
    """The records somebody is in, or those of one pair; drafts only where she writes them.

    `with_peers` adds those of her peers to a pair's. The newest session first.
    """
    named = select(SupervisionRecordPerson.record_id)
    of_pair_only = named.where(SupervisionRecordPerson.pair_id == pair_id)
    hers = or_(
        col(SupervisionRecord.supervisor_id) == person_id,
        col(SupervisionRecord.written_by) == person_id,
        col(SupervisionRecord.id).in_(named.where(SupervisionRecordPerson.person_id == person_id)),
    )
    statement = select(SupervisionRecord).where(
        SupervisionRecord.bot == bot,
        hers,
        or_(
            col(SupervisionRecord.state) != DRAFT,
            col(SupervisionRecord.written_by) == person_id,
        ),
    )
    if pair_id is not None:
        is_wanted: Any = col(SupervisionRecord.id).in_(of_pair_only)
        if with_peers:
            is_wanted = or_(is_wanted, col(SupervisionRecord.form) == PEER)
        statement = statement.where(is_wanted)
    rows = session.exec(
        statement.order_by(
            col(SupervisionRecord.occurred_on).desc(), col(SupervisionRecord.id).desc()
        )
    )
    return list(rows)


@dataclass(frozen=True, slots=True)
class CountedRow:
    """A worker of a session that was handed on, without a word of what was said."""

    record_id: int
    form: str
    number: int | None
    occurred_on: date
    minutes: int
    mode: str
    functions: list[str]
    state: str
    is_one_sided: bool
    supervisor_id: int | None
    supervisor: str
    person_id: int
    person: str
    unit_name: str


def counted(
    session: Session, paths: Sequence[str], *, bot: int, since: date, until: date
) -> Iterator[CountedRow]:
    """The sessions of a span, both days included, of workers of these units; a row for each worker.

    By date and record; a worker stands where she worked then.
    """
    made: Any = SupervisionRecord
    worker, supervisor = aliased(Person), aliased(Person)
    columns: list[Any] = [
        made.id,
        made.form,
        made.number,
        made.occurred_on,
        made.counted_minutes,
        made.mode,
        made.functions,
        made.state,
        made.is_one_sided,
        made.supervisor_id,
        func.coalesce(col(supervisor.name), ""),
        col(SupervisionRecordPerson.person_id),
        col(worker.name),
        col(Unit.name_zh),
    ]
    statement = (
        core_select(*columns)
        .select_from(SupervisionRecord)
        .join(SupervisionRecordPerson, col(SupervisionRecordPerson.record_id) == made.id)
        .join(worker, col(worker.id) == SupervisionRecordPerson.person_id)
        .join(Unit, col(Unit.id) == SupervisionRecordPerson.unit_id)
        .outerjoin(supervisor, col(supervisor.id) == made.supervisor_id)
        .where(
            made.bot == bot,
            made.state.in_((WAITING, SEALED)),
            made.occurred_on >= since,
            made.occurred_on <= until,
            within(paths),
        )
        .order_by(made.occurred_on, made.id, col(SupervisionRecordPerson.id))
    )
    for found in session.connection().execute(statement):
        yield CountedRow(*found)


def action_states(session: Session, record_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many actions each of these records brought, by state."""
    rows = session.exec(
        select(SupervisionAction.record_id, SupervisionAction.state, func.count())
        .where(col(SupervisionAction.record_id).in_(record_ids))
        .group_by(col(SupervisionAction.record_id), col(SupervisionAction.state))
    )
    found: dict[int, dict[str, int]] = {}
    for record_id, state, count in rows:
        found.setdefault(record_id, {})[state] = count
    return found


def colleagues(session: Session, unit_id: int, *, on: date) -> list[tuple[int, str]]:
    """The active learners who work in one unit: (id, name), by name."""
    rows = session.exec(
        select(col(Person.id), Person.name)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .where(
            Membership.unit_id == unit_id,
            col(Membership.until).is_(None),
            Person.status == ACTIVE,
            RoleGrant.role == "learner",
            col(RoleGrant.since) <= on,
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
        )
        .distinct()
        .order_by(Person.name, col(Person.id))
    )
    return [(person_id or 0, name) for person_id, name in rows]
