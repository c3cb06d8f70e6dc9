"""How much memory one broadcast to 100,000 learners takes, and whether it grows while it runs.

The bot is a process of its own, so that nothing of the benchmark is counted; the whole lesson with
its check question goes out, as fast as it can.
"""

import argparse
import asyncio
import multiprocessing
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))
# The peer of other benchmarks, which no installation has: sulguk would load it where it finds it,
# and that alone takes 130 MB.
if "aiogram" not in sys.modules:
    sys.modules["aiogram"] = None  # type: ignore[assignment]

from scheduler.clock import MovableClock
from storage.engine import Database
from tests.benchmarks.ground import (
    MIDNIGHT,
    TEN,
    FastServer,
    bot_on,
    databases,
    filled,
    plan_at,
    report,
    silence,
)

PAGE = 4096
MEGABYTE = 1_000_000
LIMIT_MEGABYTES = 200
# What is used by then may not grow any more.
SETTLED_SECONDS = 60
SAMPLE_SECONDS = 0.5


def resident() -> float:
    """Megabytes this process has in memory."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE / MEGABYTE


async def broadcast(url: str, api: str, folder: Path) -> list[tuple[float, float]]:
    """Plan and send; (seconds since the first claim, megabytes) all the while."""
    database, clock = Database(url), MovableClock(MIDNIGHT)
    wuxue = bot_on(database, api, folder, clock=clock)
    await wuxue.application.initialize()
    await plan_at(wuxue, clock, TEN)
    began, seen = perf_counter(), []
    sending = asyncio.create_task(wuxue.postman.tick())
    while not sending.done():
        seen.append((perf_counter() - began, resident()))
        await asyncio.wait([sending], timeout=SAMPLE_SECONDS)
    seen.append((perf_counter() - began, resident()))
    await sending
    await wuxue.application.shutdown()
    database.close()
    return seen


def one_process(url: str, api: str, folder: str, told: Any) -> None:
    """The bot's own process."""
    silence()
    told.put(asyncio.run(broadcast(url, api, Path(folder))))


def measure(dialect: str, url: str, learners: int) -> None:
    """One broadcast, one line."""
    filled(url, learners=learners).close()
    context = multiprocessing.get_context("spawn")
    told = context.Queue()
    with FastServer() as server, TemporaryDirectory() as folder:
        process = context.Process(target=one_process, args=(url, server.api, folder, told))
        process.start()
        seen: list[tuple[float, float]] = told.get(timeout=3600)
        process.join()
        sent = server.stats()["sent"]
    assert sent == 2 * learners, sent
    peak = max(megabytes for _, megabytes in seen)
    took = seen[-1][0]
    settled = min(SETTLED_SECONDS, took / 2)
    before = max(megabytes for at, megabytes in seen if at <= settled)
    after = max(megabytes for at, megabytes in seen if at > settled)
    report(
        f"memory_{learners}_{dialect}",
        round(peak),
        LIMIT_MEGABYTES,
        "megabytes at the peak",
        peer_name="limit",
        before_broadcast=round(seen[0][1]),
        settled_after_seconds=round(settled),
        peak_until_settled=round(before, 1),
        peak_afterwards=round(after, 1),
        seconds=round(took),
    )


def main() -> None:
    """SQLite, unless the other is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=100_000)
    parser.add_argument("--dialect", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with databases() as made:
        measure(given.dialect, made.url(given.dialect), given.learners)


if __name__ == "__main__":
    main()
