"""How long `wuxue run` takes from its start to the first message, with 30,000 waiting."""

import argparse
import os
import signal
import subprocess
import sys
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from sqlalchemy import update
from sqlmodel import Session

from curriculum import daily_lesson
from scheduler import planner
from scheduler.clock import SystemClock
from storage import deliveries
from storage.cohorts import Rhythm
from storage.engine import Database
from storage.sealed import new_secret, write_key_file
from tests.benchmarks.fast_server import BOT
from tests.benchmarks.ground import ROOT, TEN, TOKEN, FastServer, databases, filled, report

WAITING = 30_000
LIMIT_SECONDS = 2.0
LONGEST_SECONDS = 60.0
# `python -m bot`, without the peer of other benchmarks: no installation has it, but sulguk would
# load it where it finds it, and that alone takes seconds.
COMMAND = "import sys; sys.modules['aiogram'] = None; from bot.cli import main; main()"


def make_due(session: Session) -> None:
    """The planned day becomes due this moment, whatever the day and hour; nothing else is owed."""
    connection = session.connection()
    connection.execute(
        update(deliveries.TABLE)
        .where(deliveries.TABLE.c.status == deliveries.WAITING)
        .values(due_at=SystemClock().now(), not_after=None)
    )
    connection.execute(update(Rhythm).values(is_on=False))


def write_config(folder: Path, url: str, api: str) -> Path:
    """What an administrator would have written."""
    write_key_file(folder / "note.key", new_secret())
    path = folder / "config.toml"
    path.write_text(
        f'[telegram]\napi_base_url = "{api}"\n[database]\nurl = "{url}"\n'
        f'[secrets]\nnote_key_file = "{folder / "note.key"}"\n[operations]\nlog_level = "ERROR"\n',
        encoding="utf-8",
    )
    return path


def first_send(config: Path, server: FastServer) -> float:
    """Seconds from starting the process to the arrival of the first message."""
    server.forget()
    environment = os.environ | {"WUXUE_TELEGRAM__TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    began = perf_counter()
    process = subprocess.Popen(  # noqa: S603  our own command
        [sys.executable, "-c", COMMAND, "run", "--config", str(config)],
        env=environment,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not (first := server.stats()["first"]):
            assert process.poll() is None, f"wuxue run ended with {process.returncode}"
            assert perf_counter() - began < LONGEST_SECONDS, "nothing was sent"
            sleep(0.1)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=LONGEST_SECONDS)
    return float(first) - began


def measure(dialect: str, url: str, rounds: int) -> None:
    """Starts and stops, one line."""
    database: Database = filled(url, learners=WAITING)
    database.write_now(planner.plan_due, daily_lesson, bot=BOT, now=TEN, real=TEN)
    database.write_now(make_due)
    database.close()
    with FastServer() as server, TemporaryDirectory() as folder:
        config = write_config(Path(folder), url, server.api)
        times = [first_send(config, server) for _ in range(rounds)]
    report(
        f"cold_start_{dialect}",
        round(median(times), 2),
        LIMIT_SECONDS,
        "seconds to the first message",
        peer_name="limit",
        rounds=[round(seconds, 2) for seconds in times],
    )


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    with databases() as made:
        for dialect in ("sqlite", "postgresql"):
            measure(dialect, made.url(dialect), given.rounds)


if __name__ == "__main__":
    main()
