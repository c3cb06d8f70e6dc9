"""The stand-in Telegram server with its web page, started on a port of this machine."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from bot.rehearsal.bot_api import BotApi
from bot.rehearsal.clock_control import ClockControl, FollowedClock
from bot.rehearsal.delivery import Delivery
from bot.rehearsal.files import MAX_UPLOAD
from bot.rehearsal.misbehaviour import Misbehaviour
from bot.rehearsal.page_api import PageApi
from bot.rehearsal.phones import Phones
from bot.rehearsal.world import World

PAGE_FOLDER = Path(__file__).parent / "page"


class RehearsalServer:
    """Serves one world: the Bot API to the bot, and the page to people.

    Use it as `async with RehearsalServer(world) as server:` on a free port, or start and stop it
    (once). `misbehaviour` orders faults, `page.announce_clock` tells open pages of a moved clock.
    The world belongs to the event loop that started the server; act in it from there.
    """

    def __init__(
        self,
        world: World,
        *,
        phones: Phones | None = None,
        clock: ClockControl | None = None,
        page_folder: Path = PAGE_FOLDER,
    ) -> None:
        self.world = world
        self.phones = phones if phones is not None else Phones(world)
        self.clock: ClockControl = clock if clock is not None else FollowedClock(world.now)
        self.misbehaviour = Misbehaviour(lambda: asyncio.get_running_loop().time())
        self.delivery = Delivery(world)
        self.bot_api = BotApi(world, self.misbehaviour, self.delivery)
        self.page = PageApi(world, self.phones, self.clock, self.misbehaviour, page_folder)
        self._runner: web.AppRunner | None = None
        self._host = ""
        self._port = 0

    def use_clock(self, clock: ClockControl) -> None:
        """Hand the page a clock it can move, made after the server it has to wait for."""
        self.clock = self.page.clock = clock

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=MAX_UPLOAD + 2_000_000)
        app.add_routes([*self.bot_api.routes(), *self.page.routes()])
        # A client that hangs up ends its handler, so held connections do not pile up.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=2.0
        )
        await self._runner.setup()
        try:
            site = web.TCPSite(self._runner, host, port)
            await site.start()
        except OSError:
            await self.stop()
            raise
        self._host, self._port = host, int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Answer waiting polls, end the pages' streams, let held connections go, and close."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        self.bot_api.stopping.set()
        self.page.stream.stop()
        await self.delivery.stop()
        await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def token(self) -> str:
        """The bot's token, good only here."""
        return self.world.token

    @property
    def page_url(self) -> str:
        """The page's address, ending in a slash."""
        name = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{name}:{self._port}/"

    @property
    def base_url(self) -> str:
        """python-telegram-bot's base_url."""
        return f"{self.page_url}bot"

    @property
    def base_file_url(self) -> str:
        """python-telegram-bot's base_file_url."""
        return f"{self.page_url}file/bot"
