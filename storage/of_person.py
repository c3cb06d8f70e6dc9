"""What any table holds of one person: its rows read, blanked or deleted."""

from collections.abc import Collection
from typing import Any, TypeVar

from sqlalchemy import delete, func, update
from sqlmodel import Session, SQLModel, select

T = TypeVar("T", bound=SQLModel)


def rows(session: Session, table: type[T], *where: Any) -> list[T]:
    """The rows of a table that fit, in the order of its key."""
    order = list(table.__table__.primary_key)  # type: ignore[attr-defined]
    return list(session.exec(select(table).where(*where).order_by(*order)))


def count(session: Session, table: type[SQLModel], *where: Any) -> int:
    """How many rows fit."""
    return int(session.exec(select(func.count()).select_from(table).where(*where)).one())


def blank(session: Session, table: type[SQLModel], *where: Any, **values: Any) -> int:
    """Write the same over every row that fits; gives how many there were."""
    session.flush()
    statement = (
        update(table).where(*where).values(**values).execution_options(synchronize_session=False)
    )
    count = int(session.connection().execute(statement).rowcount)
    session.expire_all()
    return count


def drop(session: Session, table: type[SQLModel], *where: Any) -> int:
    """Delete every row that fits; gives how many there were."""
    session.flush()
    statement = delete(table).where(*where).execution_options(synchronize_session=False)
    count = int(session.connection().execute(statement).rowcount)
    session.expire_all()
    return count


def some(session: Session, key: Any, *where: Any, limit: int) -> Collection[int]:
    """The keys of at most so many rows that fit, the first ones."""
    return list(session.exec(select(key).where(*where).order_by(key).limit(limit)))
