"""How fast a lesson goes out to a whole county, durably, against loops that forget everything.

Ours: the planner's rows out of a real database through the whole wired bot, from the first claim
to the last mark. Peers: `send_message` in memory to the same chats with the same text, entities
and buttons, with as many at once as suits each best. One message a learner, one server, in turns.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

# Run as a file, it finds what it needs from the project's folder.
sys.path.insert(0, str(Path(__file__).parents[2]))

from aiogram import Bot as AiogramBot
from aiogram import types as aiogram_types
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, MessageEntity
from telegram.request import HTTPXRequest

from scheduler.clock import MovableClock
from storage import deliveries
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
    no_stutter,
    one_message_each,
    plan_at,
    report,
)

AT_ONCE = (50, 100, 200)
TRIED_WITH = 1_000


@dataclass(frozen=True, slots=True)
class Speed:
    """Messages a second of the wall's time, and microseconds of this process's own for each.

    The second does not mind who else keeps the machine busy.
    """

    rate: float
    cpu: float


async def timed(sending: Awaitable[Any], number: int) -> Speed:
    """How fast so many messages went."""
    await no_stutter()
    began, cpu = perf_counter(), process_time()
    await sending
    seconds, busy = perf_counter() - began, process_time() - cpu
    return Speed(number / seconds, busy / number * 1e6)


async def in_turn(
    send: Callable[[int], Awaitable[Any]], chats: Sequence[int], at_once: int
) -> Speed:
    """A loop over the chats with so many calls on their way."""
    waiting = iter(chats)

    async def one_after_the_other() -> None:
        for chat in waiting:
            await send(chat)

    everybody = asyncio.gather(*(one_after_the_other() for _ in range(at_once)))
    return await timed(everybody, len(chats))


async def best_at_once(send: Callable[[int], Awaitable[Any]], chats: Sequence[int]) -> int:
    """How many calls on their way suit this peer best; the first run only warms it up."""
    await in_turn(send, chats, AT_ONCE[0])
    rates = {at_once: (await in_turn(send, chats, at_once)).rate for at_once in AT_ONCE}
    return max(rates, key=lambda at_once: rates[at_once])


class Aiogram:
    """The peer that was fastest before us."""

    def __init__(self, api: str) -> None:
        # As aiogram's own documentation sets up a local server.
        local = TelegramAPIServer.from_base(api.removesuffix("/bot"))
        session = AiohttpSession(api=local, limit=max(AT_ONCE))
        self.bot = AiogramBot(TOKEN, session=session)

    def sender(self, message: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
        """Sends one message to a chat."""
        entities = [aiogram_types.MessageEntity(**entity) for entity in message["entities"]]
        keyboard = aiogram_types.InlineKeyboardMarkup(**message["reply_markup"])
        preview = aiogram_types.LinkPreviewOptions(is_disabled=True)
        return lambda chat: self.bot.send_message(
            chat,
            message["text"],
            entities=entities,
            reply_markup=keyboard,
            link_preview_options=preview,
            disable_notification=False,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self.bot.session.close()


class PtbDefault:
    """python-telegram-bot as it comes, with its own HTTP client."""

    def __init__(self, api: str) -> None:
        request = HTTPXRequest(connection_pool_size=max(AT_ONCE), pool_timeout=60)
        self.bot = Bot(TOKEN, base_url=api, request=request)

    def sender(self, message: dict[str, Any]) -> Callable[[int], Awaitable[Any]]:
        """Sends one message to a chat."""
        entities = [MessageEntity(**entity) for entity in message["entities"]]
        keyboard = InlineKeyboardMarkup.de_json(message["reply_markup"], self.bot)
        preview = LinkPreviewOptions(is_disabled=True)
        return lambda chat: self.bot.send_message(
            chat,
            message["text"],
            entities=entities,
            reply_markup=keyboard,
            link_preview_options=preview,
            disable_notification=False,
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self.bot.shutdown()


class Ours:
    """The whole bot on one database; each round is the next day's lesson."""

    def __init__(self, database: Database, server: FastServer, folder: Path, learners: int) -> None:
        self._server, self._learners = server, learners
        self._clock = MovableClock(MIDNIGHT)
        self._wuxue = bot_on(database, server.api, folder, clock=self._clock)
        self._day = TEN

    async def open(self) -> None:
        """Ask the server who we are."""
        await self._wuxue.application.initialize()
        self._wuxue.renderer.bot_username = self._wuxue.bot.username

    async def round(self) -> Speed:
        """From the first claim to the last mark; every message was sent once."""
        await plan_at(self._wuxue, self._clock, self._day)
        self._day += timedelta(days=1)
        self._server.forget()
        speed = await timed(self._wuxue.postman.tick(), self._learners)
        assert self._server.stats()["sent"] == self._learners
        assert await self._wuxue.database.read(deliveries.next_due, bot=self._wuxue.bot.id) is None
        return speed

    async def close(self) -> None:
        """Let go of the connections."""
        await self._wuxue.application.shutdown()


async def measure(dialect: str, database: Database, server: FastServer, given: Any) -> None:
    """Rounds in turns, one line a peer."""
    chats = range(FIRST_CHAT + 1, FIRST_CHAT + 1 + given.learners)
    speeds: dict[str, list[Speed]] = {"ours": [], "aiogram": [], "ptb_default": []}
    with TemporaryDirectory() as folder:
        ours = Ours(database, server, Path(folder), given.learners)
        await ours.open()
        await ours.round()  # warms up
        message = json.loads(server.stats()["last_body"])
        peers = {"aiogram": Aiogram(server.api), "ptb_default": PtbDefault(server.api)}
        numbers = {"aiogram": given.learners, "ptb_default": TRIED_WITH}
        at_once = {
            name: await best_at_once(peer.sender(message), chats[:TRIED_WITH])
            for name, peer in peers.items()
        }
        for _ in range(given.rounds):
            speeds["ours"].append(await ours.round())
            message = json.loads(server.stats()["last_body"])
            for name, peer in peers.items():
                send, to = peer.sender(message), chats[: numbers[name]]
                speeds[name].append(await in_turn(send, to, at_once[name]))
        for one in (ours, *peers.values()):
            await one.close()
    for name in peers:
        tell(dialect, name, speeds, at_once[name])


def tell(dialect: str, name: str, speeds: dict[str, list[Speed]], at_once: int) -> None:
    """One line: medians of both."""
    both = ("ours", name)
    rates = {who: [round(speed.rate) for speed in speeds[who]] for who in both}
    cpu = [round(median(speed.cpu for speed in speeds[who])) for who in both]
    report(
        f"broadcast_{dialect}_vs_{name}",
        median(rates["ours"]),
        median(rates[name]),
        "messages a second",
        peer_at_once=at_once,
        cpu_microseconds=cpu,
        cpu_ratio=round(cpu[1] / cpu[0], 3),
        rounds=list(rates.values()),
    )


def main() -> None:
    """Both databases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learners", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    given = parser.parse_args()
    one_message_each()
    with databases() as made, FastServer() as server:
        for dialect in ("sqlite", "postgresql"):
            if given.only in (None, dialect):
                database = filled(made.url(dialect), learners=given.learners)
                asyncio.run(measure(dialect, database, server, given))
                database.close()


if __name__ == "__main__":
    main()
