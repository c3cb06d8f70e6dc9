"""Those who look after the installation: owing each of them a word."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import or_
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from storage.owing import new_columns, owe
from storage.people import ChatAccount, Person, RoleGrant

ROLE = "administrator"


def owe_each(
    session: Session,
    *,
    bot: int,
    kind: str,
    occasion: str,
    urgency: str,
    due_at: datetime,
    not_after: datetime,
    on: date,
    now: datetime,
) -> int:
    """Owe one message to every administrator who has a chat; returns how many rows were added."""
    values: dict[str, Any] = new_columns(
        bot=bot,
        kind=kind,
        occasion=occasion,
        recipient=col(Person.id),
        person_id=col(Person.id),
        urgency=urgency,
        due_at=due_at,
        not_after=not_after,
        created_at=now,
    )
    holders = sa_select(col(RoleGrant.person_id)).where(
        col(RoleGrant.role) == ROLE,
        col(RoleGrant.since) <= on,
        or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
    )
    source = (
        sa_select(*values.values())
        .join_from(Person, ChatAccount, col(ChatAccount.person_id) == col(Person.id))
        .where(
            col(ChatAccount.bot) == bot,
            col(ChatAccount.ended_at).is_(None),
            col(Person.status) == "active",
            col(Person.id).in_(holders),
        )
    )
    return owe(session, values, source)
