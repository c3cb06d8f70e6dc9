"""Work that one process at a time does, whichever comes first: nobody is the leader."""

from sqlalchemy import String, bindparam, func, select
from sqlmodel import Session

from storage import prepared

_LOCK = select(
    func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("work", type_=String), 0))
)


def is_mine(session: Session, work: str) -> bool:
    """Whether this transaction may do `work`; another one that is at it already does it for all.

    PostgreSQL lets go of the lock with the transaction, also when its process dies. On SQLite a
    transaction that writes is alone anyway.
    """
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(prepared.run(session, _LOCK, work=f"wuxue:{work}").scalar_one())
