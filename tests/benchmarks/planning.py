"""How long it takes to owe a day's lesson to everybody, by the real planner.

A cohort of 30,000 that learns together and one where each goes at her own pace (`--full`: one of
1,000,000 as well), each round one more day on top of what the days before left. Only the planner's
transaction is timed. The peer adds as many rows with SQLModel's add_all, in turns.
"""

import argparse
import sys
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import text
from sqlmodel import Session

from curriculum import cohorts, daily_lesson
from scheduler import planner
from storage.deliveries import Delivery
from storage.engine import Database
from tests.benchmarks.fast_server import BOT
from tests.benchmarks.ground import TEN, databases, filled, report

USUAL, FULL = 30_000, 1_000_000
LIMIT_SECONDS = {USUAL: 0.3, FULL: 10.0}
# A million of the peer's would take minutes, so its time is taken from these.
PEER_ROWS = 30_000


def planned(database: Database, learners: int, day: datetime) -> float:
    """Seconds to plan one day, from the ticker's call to the commit."""
    began = perf_counter()
    added = database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=day, real=day)
    seconds = perf_counter() - began
    assert added == learners, added
    return seconds


def went_out(database: Database) -> None:
    """The day was sent, so that the next one goes on from it."""
    database.write_now(
        lambda session: session.connection().execute(
            text("UPDATE delivery SET status = 'sent', parts_sent = 2 WHERE status = 'waiting'")
        )
    )


def night(database: Database) -> None:
    """What PostgreSQL does by itself between two days, so that it does not do it meanwhile."""
    if database.is_sqlite:
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) delivery"))


def added_one_by_one(database: Database, day: datetime) -> float:
    """Seconds a row when each is an object: what a program without set-based SQL would do."""

    def add(session: Session) -> None:
        session.add_all(
            Delivery(
                bot=BOT,
                kind="peer",
                occasion=f"1:{day:%Y-%m-%d}",
                recipient=person,
                person_id=person,
                cohort_id=1,
                subject_id=1,
                urgency="foldable",
                due_at=day,
                created_at=day,
            )
            for person in range(1, PEER_ROWS + 1)
        )

    began = perf_counter()
    database.write_now(add)
    seconds = perf_counter() - began
    database.write_now(
        lambda session: session.connection().execute(
            text("DELETE FROM delivery WHERE kind = 'peer'")
        )
    )
    return seconds / PEER_ROWS


def measure(database: Database, learners: int, rounds: int) -> tuple[list[float], float]:
    """Our seconds of each round, and the peer's median for as many rows."""
    ours, peer = [], []
    for number in range(rounds):
        day = TEN + timedelta(days=number)
        ours.append(planned(database, learners, day))
        went_out(database)
        peer.append(added_one_by_one(database, day) * learners)
        night(database)
    return ours, median(peer)


def main() -> None:
    """Both databases, both paces."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given: Any = parser.parse_args()
    sizes = (USUAL, FULL) if given.full else (USUAL,)
    dialects = (given.only,) if given.only else ("sqlite", "postgresql")
    paces = {cohorts.TOGETHER: "", cohorts.OWN: "own_pace_"}
    with databases() as made:
        for learners, dialect, pace in product(sizes, dialects, paces):
            database = filled(made.url(dialect), learners=learners, pace=pace)
            rounds, peer = measure(database, learners, given.rounds)
            database.close()
            ours = median(rounds)
            report(
                f"planning_{learners}_{paces[pace]}{dialect}",
                round(ours, 3),
                round(peer, 2),
                "seconds",
                peer_name=f"SQLModel add_all, from {PEER_ROWS} rows",
                limit_seconds=LIMIT_SECONDS[learners],
                rows_a_second=round(learners / ours),
                peer_rows_a_second=round(learners / peer),
                rounds=[round(seconds, 3) for seconds in rounds],
            )


if __name__ == "__main__":
    main()
