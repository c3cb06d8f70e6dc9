"""Who looks after the people of a unit: holders of a role there or above, whom a bot can reach."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from storage import deputies
from storage.absences import absent_on
from storage.people import ChatAccount, Person, RoleGrant, Unit
from storage.units import ACTIVE, open_account


@dataclass(frozen=True, slots=True)
class Responder:
    """A person, her chat, and how near the unit of her role is (longer is nearer)."""

    person_id: int
    name: str
    chat_id: int
    language: str
    depth: int


_PERSON: tuple[Any, ...] = (
    col(Person.id),
    col(Person.name),
    col(ChatAccount.chat_id),
    col(Person.language),
)


def of_unit(
    session: Session, unit_path: str, *, roles: Collection[str], bot: int, on: date
) -> list[Responder]:
    """Reachable people with one of these roles in a unit or above it, the nearest first.

    Who rests from learning is passed over: she is away. In the place of who is away from looking
    after others stands her deputy, where she has one.
    """
    ids = [int(part) for part in unit_path.split("/") if part]
    columns: list[Any] = [*_PERSON, col(Unit.path)]
    rows = session.connection().execute(
        select(*columns)
        .select_from(Person)
        .join(RoleGrant, col(RoleGrant.person_id) == Person.id)
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .join(ChatAccount, open_account(bot, col(Person.id)))
        .where(
            col(RoleGrant.unit_id).in_(ids),
            col(RoleGrant.role).in_(roles),
            col(RoleGrant.since) <= on,
            (col(RoleGrant.until).is_(None)) | (col(RoleGrant.until) > on),
            col(Person.status) == ACTIVE,
            col(ChatAccount.reachable).is_(True),
            ~absent_on(col(Person.id), on),
        )
        .order_by(col(Person.id))
    )
    found: dict[int, Responder] = {}
    for person_id, name, chat_id, language, path in rows:
        here = Responder(person_id, name, chat_id, language, path.count("/"))
        if here.person_id not in found or found[here.person_id].depth < here.depth:
            found[here.person_id] = here
    in_order = sorted(found.values(), key=lambda one: (-one.depth, one.person_id))
    return _with_deputies(session, in_order, bot=bot, on=on)


def _with_deputies(
    session: Session, found: list[Responder], *, bot: int, on: date
) -> list[Responder]:
    """Those who are there, and for each other her deputy in her place; everybody once."""
    away = deputies.away_among(session, [one.person_id for one in found], on=on)
    if not away:
        return found
    acting = {one for one in away.values() if one is not None}
    deputy = {one.person_id: one for one in reachable(session, acting, bot=bot)}
    there: dict[int, Responder] = {}
    for one in found:
        acts = one if one.person_id not in away else deputy.get(away[one.person_id] or 0)
        if acts is not None:
            there.setdefault(acts.person_id, replace(acts, depth=one.depth))
    return list(there.values())


def reachable(session: Session, person_ids: Collection[int], *, bot: int) -> list[Responder]:
    """Those of these people whom a bot can reach, in the order of their ids."""
    rows = session.connection().execute(
        select(*_PERSON)
        .select_from(Person)
        .join(ChatAccount, open_account(bot, col(Person.id)))
        .where(
            col(Person.id).in_(person_ids),
            col(Person.status) == ACTIVE,
            col(ChatAccount.reachable).is_(True),
        )
        .order_by(col(Person.id))
    )
    return [Responder(row[0], row[1], row[2], row[3], 0) for row in rows]


def names(session: Session, person_ids: Collection[int]) -> dict[int, str]:
    """The names of people by id."""
    rows = session.connection().execute(select(*_PERSON[:2]).where(col(Person.id).in_(person_ids)))
    return {row[0]: row[1] for row in rows}
