"""Who stands behind a private chat: asked before everything that anybody does."""

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage import deputies, prepared, turns_of_people
from storage.deputies import TAKEN_OVER, Deputy
from storage.people import ChatAccount, Consent, Grant, Membership, Person, RoleGrant, Unit


@dataclass(frozen=True, slots=True)
class InChat:
    """The person a private chat belongs to now, where she works, whether her consent stands.

    `grants` are the roles she holds on the date that was asked for, by name; behind them those
    of the people she stands in for on that date.
    """

    person_id: int
    name: str
    language: str
    status: str
    unit_id: int | None
    unit_name: str | None
    has_agreed: bool
    grants: tuple[Grant, ...]


# InChat's own fields, in their order in the query.
_PERSON = tuple(field.name for field in fields(InChat))[:-1]
_AGREED = exists().where(
    col(Consent.person_id) == col(Person.id),
    col(Consent.version) == bindparam("version"),
    col(Consent.withdrawn_at).is_(None),
)
_PLACE: Any = aliased(Unit)


def _held_by(person_id: Any) -> Any:
    return and_(
        col(RoleGrant.person_id) == person_id,
        col(RoleGrant.since) <= bindparam("on"),
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > bindparam("on")),
    )


_IS_DEPUTY = exists().where(
    col(Deputy.deputy_id) == col(Person.id), deputies.stands_in(Deputy, bindparam("on"))
)
# A row for each role, all of them alike but for that role.
_IN_CHAT: Any = (
    select(
        col(Person.id),
        col(Person.name),
        col(Person.language),
        col(Person.status),
        col(Unit.id),
        col(Unit.name_zh),
        _AGREED.label("has_agreed"),
        _IS_DEPUTY.label("is_deputy"),
        col(RoleGrant.role),
        col(RoleGrant.unit_id),
        col(_PLACE.path),
    )
    .select_from(ChatAccount)
    .join(Person, col(Person.id) == col(ChatAccount.person_id))
    .outerjoin(
        Membership,
        and_(col(Membership.person_id) == col(Person.id), col(Membership.until).is_(None)),
    )
    .outerjoin(Unit, col(Unit.id) == col(Membership.unit_id))
    .outerjoin(RoleGrant, _held_by(col(Person.id)))
    .outerjoin(_PLACE, col(_PLACE.id) == col(RoleGrant.unit_id))
    .where(
        col(ChatAccount.bot) == bindparam("bot"),
        col(ChatAccount.chat_id) == bindparam("chat_id"),
        col(ChatAccount.ended_at).is_(None),
    )
    .order_by(col(RoleGrant.role))
)
# What others hold themselves, in the roles that a deputy takes over. It is read anew each time, so
# a deputy never has more than the one who is away, and what that one is a deputy for is not in it.
_TAKEN_OVER: Any = (
    select(col(RoleGrant.role), col(RoleGrant.unit_id), col(Unit.path), col(Deputy.person_id))
    .select_from(Deputy)
    .join(RoleGrant, _held_by(col(Deputy.person_id)))
    .join(Unit, col(Unit.id) == col(RoleGrant.unit_id))
    .where(
        col(Deputy.deputy_id) == bindparam("deputy_id"),
        deputies.stands_in(Deputy, bindparam("on")),
        col(RoleGrant.role).in_(TAKEN_OVER),
    )
    .order_by(col(RoleGrant.id))
)

_IN_CHAT_IN_TURN: Any = _IN_CHAT.with_for_update(key_share=True, of=Person)


def in_chat(
    session: Session, *, bot: int, chat_id: int, version: str, on: date, takes_turn: bool = False
) -> InChat | None:
    """Whoever a private chat belongs to; `version` is the notice she has to have agreed to.

    One query, since it is asked before everything that anybody does; a second one for who stands
    in for somebody. With `takes_turn` what she does at the same moment elsewhere waits until this
    transaction ends (storage.turns_of_people).
    """
    values = {"bot": bot, "chat_id": chat_id, "version": version, "on": on}
    rows = prepared.run(session, _IN_CHAT_IN_TURN if takes_turn else _IN_CHAT, **values).all()
    if not rows:
        return None
    if takes_turn:
        turns_of_people.note(session, rows[0][0])
    person: dict[str, Any] = dict(zip(_PERSON, rows[0], strict=False))
    grants = [Grant(*row[-3:]) for row in rows if row[-3] is not None]
    if rows[0].is_deputy:
        theirs = prepared.run(session, _TAKEN_OVER, deputy_id=person["person_id"], on=on)
        grants += [Grant(*row) for row in theirs]
    return InChat(**person, grants=tuple(dict.fromkeys(grants)))
