"""The tree of units: what is open, what stands under what, how many people are there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, case, func, or_, update
from sqlalchemy import select as sa_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.people import ChatAccount, Membership, Person, Unit

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit with everything under it counted; people are active ones, each once."""

    unit_id: int
    parent_id: int | None
    path: str
    name: str
    level: str
    people: int
    reachable: int


def within(paths: Sequence[str]) -> Any:
    """The condition that a unit is one of these or lies under one."""
    return or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths))


def open_account(bot: int, person_id: Any) -> Any:
    """The condition that this chat is a person's present one with a bot."""
    return and_(
        col(ChatAccount.person_id) == person_id,
        col(ChatAccount.bot) == bot,
        col(ChatAccount.ended_at).is_(None),
    )


def units_by_id(session: Session, unit_ids: Sequence[int], *, bot: int, on: date) -> list[UnitRow]:
    """These units in the order asked for, each counted with everything under it; one query."""
    below = aliased(Unit)
    is_counted = col(Person.id).is_not(None)
    is_reachable = and_(is_counted, col(ChatAccount.reachable).is_(True))
    columns: list[Any] = [
        Unit.id,
        Unit.parent_id,
        Unit.path,
        Unit.name_zh,
        Unit.level,
        func.count(col(Person.id)),
        func.coalesce(func.sum(case((is_reachable, 1), else_=0)), 0),
    ]
    statement = (
        sa_select(*columns)
        .select_from(Unit)
        .join(below, col(below.path).startswith(col(Unit.path)))
        .outerjoin(
            Membership,
            and_(col(Membership.unit_id) == col(below.id), col(Membership.until).is_(None)),
        )
        .outerjoin(
            Person,
            and_(col(Person.id) == col(Membership.person_id), col(Person.status) == ACTIVE),
        )
        .outerjoin(ChatAccount, open_account(bot, col(Person.id)))
        .where(col(Unit.id).in_(unit_ids), _is_open(on))
        .group_by(col(Unit.id))
    )
    found = {row[0]: UnitRow(*row) for row in session.connection().execute(statement)}
    return [found[unit_id] for unit_id in unit_ids if unit_id in found]


def _is_open(on: date) -> Any:
    return or_(col(Unit.active_to).is_(None), col(Unit.active_to) > on)


def count_children(session: Session, unit_id: int, *, on: date) -> int:
    """How many open units stand directly under a unit."""
    statement = select(func.count(col(Unit.id))).where(Unit.parent_id == unit_id, _is_open(on))
    return int(session.exec(statement).one())


def children_of(session: Session, unit_id: int, *, on: date, limit: int, offset: int) -> list[int]:
    """The ids of one page of them, oldest first."""
    ids: Any = col(Unit.id)
    statement = (
        sa_select(ids)
        .where(col(Unit.parent_id) == unit_id, _is_open(on))
        .order_by(col(Unit.id))
        .limit(limit)
        .offset(offset)
    )
    return [row[0] for row in session.connection().execute(statement)]


def open_units(session: Session, paths: Sequence[str], *, on: date) -> list[tuple[int, str, str]]:
    """The (id, path, name) of open units within reach; a region has hundreds."""
    rows = session.exec(
        select(Unit.id, Unit.path, Unit.name_zh)
        .where(within(paths), _is_open(on))
        .order_by(col(Unit.id))
    )
    return [(unit_id or 0, path, name) for unit_id, path, name in rows]


def with_those_above(session: Session, unit_path: str) -> list[Unit]:
    """A unit and what it belongs to, the nearest first."""
    ids = [int(part) for part in unit_path.split("/") if part]
    rows = session.exec(select(Unit).where(col(Unit.id).in_(ids)))
    return sorted(rows, key=lambda unit: len(unit.path), reverse=True)


def locked_unit(session: Session, unit_id: int) -> Unit | None:
    """A unit's row; nobody can move in while it is being closed."""
    return session.exec(
        select(Unit)
        .where(Unit.id == unit_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def people_under(session: Session, unit_path: str) -> int:
    """How many people work in a unit and everything under it now."""
    statement = (
        select(func.count(col(Membership.id)))
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(
            col(Membership.until).is_(None), col(Unit.path).startswith(unit_path, autoescape=True)
        )
    )
    return int(session.exec(statement).one())


def close_units(session: Session, unit_path: str, *, on: date) -> None:
    """Close a unit and everything under it; nothing is ever deleted."""
    session.connection().execute(
        update(Unit)
        .where(col(Unit.path).startswith(unit_path, autoescape=True), col(Unit.active_to).is_(None))
        .values(active_to=on)
        .execution_options(synchronize_session=False)
    )


def sibling_named(session: Session, *, parent_id: int | None, name: str, on: date) -> bool:
    """Whether an open unit of this name stands under the same parent already."""
    statement = select(Unit.id).where(
        col(Unit.parent_id) == parent_id if parent_id else col(Unit.parent_id).is_(None),
        Unit.name_zh == name,
        or_(col(Unit.active_to).is_(None), col(Unit.active_to) > on),
    )
    return session.exec(statement).first() is not None
