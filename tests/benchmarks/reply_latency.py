"""How long a reply waits behind a broadcast at 30 messages a second.

Ours: the wired bot's own budget with its lane for replies, while the postman sends a lesson. Peer:
python-telegram-bot's AIORateLimiter at the same rate, a broadcast with `PEER_AT_ONCE` calls on
their way.
"""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from telegram.ext import AIORateLimiter, ExtBot

from bot.app import Wuxue
from bot.telegram_request import TelegramRequest
from scheduler.clock import MovableClock
from scheduler.rate import REPLY
from storage.engine import Database
from tests.benchmarks.ground import (
    FIRST_CHAT,
    MIDNIGHT,
    TEN,
    TOKEN,
    FastServer,
    bot_on,
    databases,
    filled,
    one_message_each,
    plan_at,
    report,
)

CAP = 30
REPLIES_A_SECOND = 3
PEER_AT_ONCE = 200
LIMIT_SECONDS = 0.5
# Whoever asks something is nobody of those whom the broadcast is for.
ASKING = 9_000_000


async def replies(send: Callable[[int], Awaitable[Any]], count: int) -> list[float]:
    """Seconds from wanting to answer to Telegram's receipt, of replies that come evenly spread."""

    async def one(number: int) -> float:
        await asyncio.sleep(number / REPLIES_A_SECOND)
        began = perf_counter()
        await send(ASKING + number)
        return perf_counter() - began

    # The broadcast has been running for a second when the first one is wanted.
    return await asyncio.gather(*(one(number) for number in range(REPLIES_A_SECOND, count)))


async def ours(wuxue: Wuxue, count: int) -> list[float]:
    """Behind the postman."""

    async def send(chat: int) -> None:
        await wuxue.budget.slot(REPLY)
        await wuxue.bot.send_message(chat, "已记录")

    broadcast = asyncio.create_task(wuxue.postman.tick())
    found = await replies(send, count)
    assert not broadcast.done(), "the broadcast was over before the last reply"
    await broadcast
    return found


async def peer(api: str, count: int, messages: int) -> list[float]:
    """Behind a loop of `send_message` through python-telegram-bot's limiter."""
    limiter = AIORateLimiter(overall_max_rate=CAP, overall_time_period=1)
    bot: ExtBot[int] = ExtBot(TOKEN, base_url=api, request=TelegramRequest(), rate_limiter=limiter)
    await bot.initialize()
    chats = iter(range(FIRST_CHAT, FIRST_CHAT + messages))

    async def one_after_the_other() -> None:
        for chat in chats:
            await bot.send_message(chat, "今天的课")

    broadcast = [asyncio.create_task(one_after_the_other()) for _ in range(PEER_AT_ONCE)]
    found = await replies(lambda chat: bot.send_message(chat, "已记录"), count)
    await asyncio.gather(*broadcast)
    await bot.shutdown()
    return found


async def measure(database: Database, server: FastServer, given: Any) -> None:
    """In turns, all replies of all rounds together."""
    waits: dict[str, list[float]] = {"ours": [], "peer": []}
    # Enough for the broadcast to go on until the last reply.
    count = given.seconds * REPLIES_A_SECOND
    clock = MovableClock(MIDNIGHT)
    with TemporaryDirectory() as folder:
        wuxue = bot_on(database, server.api, Path(folder), clock=clock, per_second=CAP)
        await wuxue.application.initialize()
        for number in range(given.rounds):
            await plan_at(wuxue, clock, TEN + timedelta(days=number))
            waits["ours"] += await ours(wuxue, count)
            waits["peer"] += await peer(server.api, count, given.seconds * CAP)
        await wuxue.application.shutdown()
    for name, place in (("p50", 49), ("p99", 98)):
        found = {who: quantiles(times, n=100)[place] for who, times in waits.items()}
        report(
            f"reply_latency_{name}",
            round(found["ours"], 4),
            round(found["peer"], 4),
            "seconds",
            peer_name="AIORateLimiter",
            peer_at_once=PEER_AT_ONCE,
            limit_seconds=LIMIT_SECONDS,
            replies=len(waits["ours"]),
            medians=[round(median(times), 4) for times in waits.values()],
        )


def main() -> None:
    """On SQLite: the budget lives in the process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=int, default=15)
    given = parser.parse_args()
    one_message_each()
    with databases() as made, FastServer() as server:
        database = filled(made.url("sqlite"), learners=given.seconds * CAP)
        asyncio.run(measure(database, server, given))
        database.close()


if __name__ == "__main__":
    main()
