"""Who stands behind a private chat: asked before everything that anybody does."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, bindparam, exists, or_, select
from sqlmodel import Session, col

from storage import prepared
from storage.people import ChatAccount, Consent, Grant, Membership, Person, RoleGrant, Unit


@dataclass(frozen=True, slots=True)
class InChat:
    """The person a private chat belongs to now, where she works, whether her consent stands."""

    person_id: int
    name: str
    language: str
    status: str
    unit_id: int | None
    unit_name: str | None
    has_agreed: bool


_AGREED = exists().where(
    col(Consent.person_id) == col(Person.id),
    col(Consent.version) == bindparam("version"),
    col(Consent.withdrawn_at).is_(None),
)
_IN_CHAT: Any = (
    select(
        col(Person.id),
        col(Person.name),
        col(Person.language),
        col(Person.status),
        col(Unit.id),
        col(Unit.name_zh),
        _AGREED.label("has_agreed"),
    )
    .select_from(ChatAccount)
    .join(Person, col(Person.id) == col(ChatAccount.person_id))
    .outerjoin(
        Membership,
        and_(col(Membership.person_id) == col(Person.id), col(Membership.until).is_(None)),
    )
    .outerjoin(Unit, col(Unit.id) == col(Membership.unit_id))
    .where(
        col(ChatAccount.bot) == bindparam("bot"),
        col(ChatAccount.chat_id) == bindparam("chat_id"),
        col(ChatAccount.ended_at).is_(None),
    )
)
_GRANTS: Any = (
    select(col(RoleGrant.role), col(RoleGrant.unit_id), col(Unit.path))
    .join(Unit, col(Unit.id) == col(RoleGrant.unit_id))
    .where(
        col(RoleGrant.person_id) == bindparam("person_id"),
        col(RoleGrant.since) <= bindparam("on"),
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > bindparam("on")),
    )
    .order_by(col(RoleGrant.role))
)


def in_chat(session: Session, *, bot: int, chat_id: int, version: str) -> InChat | None:
    """Whoever a private chat belongs to; `version` is the notice she has to have agreed to."""
    row = prepared.run(session, _IN_CHAT, bot=bot, chat_id=chat_id, version=version).first()
    return InChat(*row) if row else None


def grants(session: Session, person_id: int, *, on: date) -> list[Grant]:
    """The roles a person holds on a date."""
    return [Grant(*row) for row in prepared.run(session, _GRANTS, person_id=person_id, on=on)]
