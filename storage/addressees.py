"""Whom a delivery about an event is for, as she stands when it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from storage.deliveries import Delivery
from storage.people import ChatAccount, Person
from storage.units import ACTIVE


@dataclass(frozen=True, slots=True)
class Addressee:
    """One addressee; `line_id`, `state` and `version` are of her line on the event's own list.

    None, None and 0 where she has none.
    """

    person_id: int
    language: str
    is_active: bool
    chat_id: int | None
    is_reachable: bool
    line_id: int | None
    state: str | None
    version: int


def of_events(
    session: Session, delivery_ids: Sequence[int], line: Any, event_id: Any
) -> dict[int, Addressee]:
    """The addressee of each of these deliveries, whose subject is an event; in one query.

    `line` is the table of those events' lists, `event_id` its column that names the event.
    """
    columns: list[Any] = [
        col(Delivery.id),
        col(Person.id),
        col(Person.language),
        col(Person.status) == ACTIVE,
        col(ChatAccount.chat_id),
        func.coalesce(ChatAccount.reachable, False),
        col(line.id),
        col(line.state),
        func.coalesce(line.version, 0),
    ]
    of_delivery = and_(
        col(ChatAccount.person_id) == col(Person.id),
        col(ChatAccount.bot) == col(Delivery.bot),
        col(ChatAccount.ended_at).is_(None),
    )
    on_list = and_(col(event_id) == col(Delivery.subject_id), col(line.person_id) == col(Person.id))
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Delivery)
        .join(Person, col(Person.id) == col(Delivery.person_id))
        .outerjoin(ChatAccount, of_delivery)
        .outerjoin(line, on_list)
        .where(col(Delivery.id).in_(delivery_ids))
    )
    return {row[0]: Addressee(*row[1:]) for row in rows}
