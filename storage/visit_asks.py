"""Whom a question about an exchange visit is for, as she stands when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from storage.deliveries import Delivery
from storage.people import ChatAccount, Person
from storage.units import ACTIVE
from storage.visits import VisitPerson


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a delivery about a visit is for; `line_id` None where she is not on its list."""

    person_id: int
    language: str
    is_active: bool
    chat_id: int | None
    is_reachable: bool
    line_id: int | None
    state: str | None


def addressees(session: Session, delivery_ids: Sequence[int]) -> dict[int, Addressee]:
    """The addressee of each of these deliveries, whose subject is a visit; in one query."""
    columns: list[Any] = [
        col(Delivery.id),
        col(Person.id),
        col(Person.language),
        col(Person.status) == ACTIVE,
        col(ChatAccount.chat_id),
        func.coalesce(ChatAccount.reachable, False),
        col(VisitPerson.id),
        col(VisitPerson.state),
    ]
    of_delivery = and_(
        col(ChatAccount.person_id) == col(Person.id),
        col(ChatAccount.bot) == col(Delivery.bot),
        col(ChatAccount.ended_at).is_(None),
    )
    on_list = and_(
        col(VisitPerson.visit_id) == col(Delivery.subject_id),
        col(VisitPerson.person_id) == col(Person.id),
    )
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Delivery)
        .join(Person, col(Person.id) == col(Delivery.person_id))
        .outerjoin(ChatAccount, of_delivery)
        .outerjoin(VisitPerson, on_list)
        .where(col(Delivery.id).in_(delivery_ids))
    )
    return {row[0]: Addressee(*row[1:]) for row in rows}
