"""How close to Telegram's cap a broadcast goes, and whether a second ever holds more.

`ours` is the time a broadcast took, `peer` the ideal: messages over cap plus the pauses that 429s
asked for. The worst window of one second is counted where we send and where it arrives.
"""

import argparse
import asyncio
import multiprocessing
import sys
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from bot.telegram_channel import TelegramChannel
from scheduler.channel import Part, Receipt
from scheduler.clock import MovableClock
from scheduler.pace import ChatPace
from scheduler.postman import Postman
from scheduler.rate import SendBudget, SharedSlots
from storage import deliveries
from storage.engine import Database
from tests.benchmarks.fast_server import BOT
from tests.benchmarks.ground import (
    MIDNIGHT,
    TEN,
    Databases,
    FastServer,
    bot_on,
    databases,
    filled,
    one_message_each,
    plan_at,
    report,
    silence,
)

PROCESSES = 4
# How long a process that found nothing waits before it looks again: the others may have failed.
LOOK_SECONDS = 0.1


class Watched(TelegramChannel):
    """The channel, and when each call was made."""

    calls: list[float]

    async def send(self, chat_id: int, part: Part) -> Receipt:
        """Send one part."""
        self.calls.append(perf_counter())
        return await super().send(chat_id, part)


@dataclass(frozen=True, slots=True)
class Wish:
    """One broadcast."""

    name: str
    cap: int
    messages: int
    refuse_one_in: int


WISHES = (
    Wish("rate_cap_30", 30, 900, 300),
    Wish("rate_cap_1000", 1000, 20_000, 5_000),
)
TOGETHER = Wish("rate_cap_1000_four_processes", 1000, 20_000, 5_000)


def worst_second(calls: Sequence[float]) -> int:
    """The most calls in any window of one second."""
    calls = sorted(calls)
    return max(
        (n - bisect_left(calls, at - 1.0, 0, n) + 1 for n, at in enumerate(calls)), default=0
    )


def postman_on(
    database: Database, api: str, folder: Path, clock: MovableClock, cap: int, *, shared: bool
) -> tuple[Any, Postman, list[float]]:
    """The wired bot with a watched channel and, for several processes, the shared budget."""
    wuxue = bot_on(database, api, folder, clock=clock, per_second=cap)
    channel = Watched(wuxue.bot, wuxue.renderer, clock)
    channel.calls = []
    slots = SharedSlots(database, clock, bot=BOT, per_second=cap) if shared else None
    budget = SendBudget(clock, per_second=cap, shared=slots)
    postman = Postman(database, clock, channel, budget, bot=BOT, pace=ChatPace())
    return wuxue, postman, channel.calls


async def send_all(
    database: Database, api: str, folder: Path, cap: int, *, shared: bool
) -> list[float]:
    """Send until nothing is open any more, by whoever has it; returns when calls were made."""
    clock = MovableClock(TEN)
    wuxue, postman, calls = postman_on(database, api, folder, clock, cap, shared=shared)
    await wuxue.application.initialize()
    while await database.read(deliveries.next_due, bot=BOT) is not None:
        # What a 429 handed back is due again after its pause.
        await postman.tick()
        if await database.read(deliveries.next_due, bot=BOT) is not None:
            await asyncio.sleep(LOOK_SECONDS)
    await wuxue.application.shutdown()
    return calls


async def plan(database: Database, api: str, folder: Path) -> None:
    """Owe the day's lesson to everybody."""
    clock = MovableClock(MIDNIGHT)
    await plan_at(bot_on(database, api, folder, clock=clock), clock, TEN)


def one_process(url: str, api: str, folder: str, cap: int, ready: Any, told: Any) -> None:
    """One of several that send together; starts when all are ready."""
    silence()
    one_message_each()
    database = Database(url)
    ready.wait()
    told.put(asyncio.run(send_all(database, api, Path(folder), cap, shared=True)))
    database.close()


def by_processes(url: str, api: str, folder: Path, cap: int) -> list[float]:
    """Let several processes send; returns when calls were made."""
    context = multiprocessing.get_context("spawn")
    ready, told = context.Barrier(PROCESSES), context.Queue()
    given = (url, api, str(folder), cap, ready, told)
    processes = [context.Process(target=one_process, args=given) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    calls = [call for _ in processes for call in told.get(timeout=300)]
    for process in processes:
        process.join()
    return calls


def measure(wish: Wish, dialect: str, made: Databases) -> None:
    """One broadcast, one line."""
    refuse = FastServer(refuse_one_in=wish.refuse_one_in)
    with refuse as server, TemporaryDirectory() as name:
        folder, url = Path(name), made.url(dialect)
        database = filled(url, learners=wish.messages)
        asyncio.run(plan(database, server.api, folder))
        if wish is TOGETHER:
            calls = by_processes(url, server.api, folder, wish.cap)
        else:
            calls = asyncio.run(send_all(database, server.api, folder, wish.cap, shared=False))
        tell(wish, dialect, calls, server.stats(), database)
        database.close()


def tell(
    wish: Wish, dialect: str, calls: list[float], seen: dict[str, Any], database: Database
) -> None:
    """One line; everybody must have got the lesson, once."""
    assert seen["sent"] == wish.messages, seen["sent"]
    # Between the first and the last call there is one gap less than there are messages.
    ideal = (wish.messages - 1) / wish.cap + seen["paused"]
    took = seen["last"] - min(calls)
    report(
        f"{wish.name}_{dialect}",
        round(took, 2),
        round(ideal, 2),
        "seconds",
        peer_name="ideal",
        share_of_ideal=round(ideal / took, 4),
        worst_second_sent=worst_second(calls),
        worst_second_arrived=seen["worst_second"],
        allowed_in_a_second=wish.cap + max(2, wish.cap * 2 // 100),
        refused=seen["refused"],
        paused_seconds=round(seen["paused"], 2),
    )


def main() -> None:
    """One process on both databases, four on PostgreSQL."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", help="a name without its database")
    parser.add_argument("--dialect", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    one_message_each()
    with databases() as made:
        for wish in (*WISHES, TOGETHER):
            for dialect in ("sqlite", "postgresql"):
                if wish is TOGETHER and dialect == "sqlite":
                    continue
                if given.only in (None, wish.name) and given.dialect in (None, dialect):
                    measure(wish, dialect, made)


if __name__ == "__main__":
    main()
