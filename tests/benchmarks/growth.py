"""What growth costs: claiming and marking a message, and 进度, on a small and on a full table.

`--full` fills 20,000,000 deliveries and their messages (about 8 GB for each database, without
their indexes first), otherwise `--rows` (1,000,000). `ours` is the time on the full table, `peer`
that on 20,000 rows.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlmodel import Session

# Run as a file, it finds the county of the tests from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from curriculum import daily_lesson, lesson_answers, progress
from scheduler import planner
from storage import deliveries, leases, schema
from storage.engine import Database
from tests.benchmarks.ground import databases, report
from tests.county import BOT, County, build, write_pack
from tests.parts import record_part

SMALL, MEDIUM, FULL = 20_000, 1_000_000, 20_000_000
A_DAY = 30_000
CLAIMED_AT_ONCE = 100
ROUNDS, LOOKS = 30, 200
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
FIRST_DAY = datetime(2020, 1, 1, 2, 0, tzinfo=UTC)

SERIES = {
    "sqlite": (
        "WITH RECURSIVE n(v) AS (SELECT {0} UNION ALL SELECT v + 1 FROM n WHERE v < {1})"
        " SELECT v FROM n"
    ),
    "postgresql": "SELECT generate_series({0}::bigint, {1}::bigint) AS v",
}
# What makes rows fast that need not survive anything, on a connection that is then closed.
HURRY = {
    "sqlite": ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -400000"),
    "postgresql": (
        "session_replication_role = replica",
        "synchronous_commit = off",
        "maintenance_work_mem = '512MB'",
    ),
}
SETTING = {"sqlite": "PRAGMA", "postgresql": "SET"}
# How each index is dropped, and how it is made again; SQLite keeps those of its constraints.
INDEXES = {
    "sqlite": (
        "SELECT 'DROP INDEX ' || name, sql FROM sqlite_master WHERE type = 'index'"
        " AND sql IS NOT NULL AND tbl_name IN ('delivery', 'sent_message')"
    ),
    "postgresql": (
        "SELECT 'DROP INDEX ' || indexname, indexdef FROM pg_indexes"
        " WHERE schemaname = current_schema() AND tablename IN ('delivery', 'sent_message')"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint) UNION ALL"
        " SELECT format('ALTER TABLE %s DROP CONSTRAINT %s', conrelid::regclass, conname),"
        " format('ALTER TABLE %s ADD CONSTRAINT %s %s', conrelid::regclass, conname,"
        " pg_get_constraintdef(oid)) FROM pg_constraint WHERE contype = 'u'"
        " AND conrelid IN ('delivery'::regclass, 'sent_message'::regclass)"
    ),
}
# What the night does on PostgreSQL; nobody analyses a SQLite file.
TIDY = {
    "sqlite": ("PRAGMA wal_checkpoint(TRUNCATE)",),
    "postgresql": ("VACUUM (ANALYZE) delivery", "VACUUM (ANALYZE) sent_message", "CHECKPOINT"),
}


@contextmanager
def in_a_hurry(database: Database, dialect: str) -> Iterator[Any]:
    """The driver's own connection, each statement for itself, without indexes until the end."""
    raw = database.engine.raw_connection()
    connection: Any = raw.driver_connection
    if dialect == "postgresql":
        connection.autocommit = True
    for setting in HURRY[dialect]:
        connection.execute(f"{SETTING[dialect]} {setting}")
    indexes = connection.execute(INDEXES[dialect]).fetchall()
    for drop, _ in indexes:
        connection.execute(drop)
    yield connection
    for statement in [*(make for _, make in indexes), *TIDY[dialect]]:
        connection.execute(statement)
    raw.invalidate()


def fill(database: Database, county: County, first: int, last: int) -> float:
    """Add sent deliveries of these numbers and their messages; returns the seconds it took."""
    began = perf_counter()
    dialect = "sqlite" if database.is_sqlite else "postgresql"
    people = [learner.person_id for learner in county.learners]
    with in_a_hurry(database, dialect) as connection:
        # What was owed to be measured keeps its numbers, and PostgreSQL goes on behind them.
        (highest,) = connection.execute("SELECT max(id) FROM delivery").fetchone()
        above = max(highest, 1_000_000)
        for start in range(first, last + 1, A_DAY):
            at = FIRST_DAY + timedelta(days=start // A_DAY)
            due = f"'{at:%Y-%m-%d %H:%M:%S}{'.000000' if database.is_sqlite else '+00'}'"
            series = SERIES[dialect].format(start, min(last, start + A_DAY - 1))
            person = f"{min(people)} + v % {len(people)}"
            connection.execute(
                "INSERT INTO delivery (id, bot, kind, occasion, recipient, person_id, cohort_id,"  # noqa: S608  our own words
                " subject_id, content_version, urgency, due_at, status, attempts, parts_sent,"
                f" created_at, sent_at) SELECT {above} + v, {BOT}, 'daily_lesson',"
                f" '{county.cohort.id}:' || CAST(v AS text), {person}, {person},"
                f" {county.cohort.id}, 1, 1, 'foldable', {due}, 'sent', 1, 2, {due}, {due}"
                f" FROM ({series}) s"
            )
            connection.execute(
                "INSERT INTO sent_message (delivery_id, part, chat_id, message_id, poll_id,"  # noqa: S608  our own words
                f" sent_at) SELECT {above} + v, 0, v, v, 'old-' || CAST(v AS text), {due}"
                f" FROM ({series}) s"
            )
    return perf_counter() - began


def owe(database: Database, number: int) -> None:
    """Owe fresh messages, so that there is something to claim."""

    def add(session: Session) -> None:
        for n in range(number):
            deliveries.add(
                session,
                bot=BOT,
                kind="account_moved",
                occasion=f"fresh:{perf_counter()}:{n}",
                recipient=n,
                urgency="foldable",
                due_at=TEN,
                created_at=TEN,
            )

    database.write_now(add)


def claim_and_mark(database: Database) -> float:
    """Seconds per message of claiming a batch and marking it as sent, part by part."""
    owe(database, CLAIMED_AT_ONCE)
    now = TEN + timedelta(hours=1)
    began = perf_counter()
    claimed = database.write_now(
        leases.claim,
        now=now,
        real=now,
        lease=timedelta(seconds=60),
        limit=CLAIMED_AT_ONCE,
        claimed_by="benchmark",
        bot=BOT,
    )

    def mark(session: Session) -> None:
        for row in claimed:
            record_part(
                session,
                delivery_id=row.id,
                part=0,
                chat_id=row.id,
                message_id=row.id,
                poll_id=None,
                content_version=None,
                sent_at=now,
            )
        deliveries.finish(session, [row.id for row in claimed], status="sent", at=now)

    database.write_now(mark)
    return (perf_counter() - began) / len(claimed)


def read_progress(database: Database, county: County) -> float:
    """Seconds of one look at a learner's 进度."""
    began = perf_counter()
    database.read_now(progress.of, county.learners[0], now=TEN)
    return perf_counter() - began


def measure(
    small: tuple[Database, County], full: tuple[Database, County]
) -> dict[str, tuple[float, float]]:
    """Medians on (the full table, the small one), by turns, as the machine's pace changes.

    `claim` in seconds per message, `progress` in seconds per look.
    """

    def by_turns(one: Callable[[Database, County], float], rounds: int) -> tuple[float, float]:
        times = [(one(*full), one(*small)) for _ in range(rounds)]
        warm = times[rounds // 5 :]  # the first ones warm the caches
        return median(one for one, _ in warm), median(one for _, one in warm)

    return {
        "claim": by_turns(lambda database, _: claim_and_mark(database), ROUNDS),
        "progress": by_turns(read_progress, LOOKS),
    }


def begin(database: Database) -> County:
    """The county, one lesson sent and learned, so that progress has something to say."""
    schema.upgrade(database.engine)
    with TemporaryDirectory() as folder:
        pack = write_pack(Path(folder) / "pack")
        county = database.write_now(build, pack, now=START, learners=50)
    database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=TEN, real=TEN)

    def learn(session: Session) -> None:
        rows = leases.claim(
            session,
            now=TEN,
            real=TEN,
            lease=timedelta(seconds=60),
            limit=CLAIMED_AT_ONCE,
            claimed_by="benchmark",
            bot=BOT,
        )
        verdicts = daily_lesson.facts(session, rows, now=TEN)
        for row in rows:
            record_part(
                session,
                delivery_id=row.id,
                part=0,
                chat_id=1,
                message_id=row.id,
                poll_id=None,
                content_version=getattr(verdicts[row.id], "content_version", None),
                sent_at=TEN,
            )
        deliveries.finish(session, [row.id for row in rows], status="sent", at=TEN)
        lesson_answers.learned(
            session, county.learners[0], occasion=rows[0].occasion, chosen=1, now=TEN
        )

    database.write_now(learn)
    return county


def main() -> None:
    """A small table and a full one on each database, measured by turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=MEDIUM)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    rows = FULL if given.full else given.rows
    for dialect in (given.only,) if given.only else ("sqlite", "postgresql"):
        # One at a time: the other's files are gone by then.
        with databases() as made:
            grown = []
            for size in (SMALL, rows):
                database = Database(made.url(dialect))
                county = begin(database)
                seconds = fill(database, county, 1, size)
                grown.append((database, county))
            found = measure(grown[0], grown[1])
            for database, _ in grown:
                database.close()
        for what, (ours, peer) in found.items():
            report(
                f"growth_{what}_{dialect}",
                round(ours * 1e6, 1),
                round(peer * 1e6, 1),
                "microseconds",
                peer_name=f"{SMALL} deliveries",
                deliveries=rows,
                filled_in_seconds=round(seconds, 1),
            )


if __name__ == "__main__":
    main()
