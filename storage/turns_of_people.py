"""One person at a time: what she does at the same moment through two processes waits its turn."""

from typing import Any

from sqlalchemy import bindparam, select
from sqlmodel import Session, col

from storage import prepared
from storage.people import Person

_KEY = "has_turn_of"
_TURN: Any = (
    select(col(Person.id))
    .where(col(Person.id) == bindparam("person_id"))
    .with_for_update(key_share=True)
)


def take(session: Session, person_id: int) -> None:
    """Wait until no other transaction acts for this person, then hold that place until the end.

    SQLite's transactions take turns anyway; on PostgreSQL the row of the person is locked, in a
    way that leaves others free to write rows that point to it.
    """
    if session.info.get(_KEY) == person_id or session.get_bind().dialect.name == "sqlite":
        return
    prepared.run(session, _TURN, person_id=person_id).one()
    note(session, person_id)


def note(session: Session, person_id: int) -> None:
    """Somebody's row was locked by a query that asked for more."""
    session.info[_KEY] = person_id
