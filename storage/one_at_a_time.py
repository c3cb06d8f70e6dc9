"""Work that one process at a time does, whichever comes first: nobody is the leader."""

from sqlalchemy import func, select
from sqlmodel import Session


def is_mine(session: Session, work: str) -> bool:
    """Whether this transaction may do `work`; another one that is at it already does it for all.

    PostgreSQL lets go of the lock with the transaction, also when its process dies. On SQLite a
    transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    statement = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"wuxue:{work}", 0)))
    return bool(session.connection().execute(statement).scalar_one())
