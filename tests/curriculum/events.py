"""What the tests of trainings and of visits share: a county, and what is owed about an event."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from curriculum.facts import Verdict
from storage.deliveries import Claimed
from storage.engine import Database
from tests.county import County, build, write_pack


def county_of(database: Database, folder: Path, now: datetime, learners: int = 3) -> County:
    """A county centre with two stations and its learners."""
    return database.write_now(build, write_pack(folder / "pack", 1), now=now, learners=learners)


def verdicts(
    database: Database, notices: Iterable[Any], kind: str, *, now: datetime
) -> dict[int, Verdict]:
    """What each waiting delivery of a kind would say now, by person."""
    facts = {notice.KIND: notice.facts for notice in notices}[kind]

    def ask(session: Session) -> dict[int, Verdict]:
        names = ", ".join(Claimed.__dataclass_fields__)
        statement = f"SELECT {names} FROM delivery WHERE kind = :kind AND status = 'waiting'"  # noqa: S608
        rows = session.connection().execute(text(statement), {"kind": kind})
        claimed = [Claimed(*row) for row in rows]
        found = facts(session, claimed, now=now)
        return {row.person_id or 0: found[row.id] for row in claimed}

    return database.read_now(ask)


def mark_sent(database: Database, kind: str) -> None:
    """As if the postman had sent all of a kind."""

    def mark(session: Session) -> None:
        statement = text("UPDATE delivery SET status = 'sent' WHERE kind = :kind")
        session.connection().execute(statement, {"kind": kind})

    database.write_now(mark)
