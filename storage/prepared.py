"""Statements built once and run with values: putting one together costs more than running it.

For what happens at every tap. A statement is a module's constant with `bindparam`s for its values.
"""

from functools import cache
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session


def run(session: Session, statement: Any, /, **values: Any) -> Any:
    """Run a statement with its values, after whatever objects of the session are still unwritten.

    Returns a CursorResult; its rows are tuples of the columns' Python types, never objects.
    """
    session.flush()
    return session.connection().execute(statement, values)


def insert_ignoring(session: Session, table: Any) -> Any:
    """The dialect's INSERT, which knows ON CONFLICT DO NOTHING on both databases."""
    return inserting(table, session.get_bind().dialect.name)


@cache
def inserting(table: Any, dialect: str) -> Any:
    """`insert_ignoring` for a statement that is kept."""
    module = postgresql if dialect == "postgresql" else sqlite
    # Without being asked to, SQLAlchemy forgets how many rows an INSERT added on PostgreSQL.
    return module.insert(table).inline().execution_options(preserve_rowcount=True)
