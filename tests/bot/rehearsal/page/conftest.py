"""A table of five phones before the real stand-in server, and a Chromium to look at it."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import ConsoleMessage, Error, Locator, Page, async_playwright

from bot.rehearsal.clock_control import Move
from bot.rehearsal.phones import Invite, Phones
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World

DOLMA, TSERING, TEACHER, PEMA, GROUP = 11, 12, 13, 14, -50
STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


class HandClock:
    """A clock moved from the page; its next event is always at three on Friday."""

    friday = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
        self.playing = False
        self.speed = 0.0

    def __call__(self) -> datetime:
        return self.now

    async def move(self, what: Move) -> None:
        """Move ahead."""
        self.now = self.friday if what == "next" else self.now + STEPS[what]

    async def play(self, speed: float | None = None, *, playing: bool | None = None) -> None:
        """Play or hold."""
        self.speed = self.speed if speed is None else speed
        self.playing = self.playing if playing is None else playing

    async def describe(self) -> dict[str, Any]:
        """The clock as the page shows it."""
        at = self.friday.isoformat() if self.now < self.friday else None
        return {
            "now": self.now.isoformat(),
            "zone": "Asia/Shanghai",
            "speed": self.speed,
            "playing": self.playing,
            "next": {"at": at, "what": {"zh": "每周共学", "en": "Weekly group study"}},
            "today": {"kind": "work", "name": None},
        }


class Table:
    """The phones, the server behind them, the bot's side of it, and pages looking at them."""

    def __init__(
        self,
        world: World,
        clock: HandClock,
        server: RehearsalServer,
        session: aiohttp.ClientSession,
        window: Page,
    ) -> None:
        self.world = world
        self.clock = clock
        self.server = server
        self.session = session
        self.window = window
        self.troubles: list[str] = []
        self.confirmed = 0

    async def bot(self, method: str, **params: Any) -> Any:
        """Call the Bot API as the bot would; returns the result."""
        url = f"{self.server.base_url}{self.server.token}/{method}"
        async with self.session.post(url, json=params) as answer:
            body = await answer.json()
            assert body["ok"], body
            return body["result"]

    async def update(self, kind: str) -> dict[str, Any]:
        """The next update of this kind that the bot receives; earlier ones are confirmed."""
        while True:
            for update in await self.bot("getUpdates", offset=self.confirmed, timeout=5):
                self.confirmed = update["update_id"] + 1
                if kind in update:
                    return dict(update[kind])

    async def open(self, width: int = 1600, height: int = 950) -> Page:
        """The page at this size, ready. Each table has its own port, so nothing is remembered."""
        await self.window.set_viewport_size({"width": width, "height": height})
        await self.window.goto(self.server.page_url)
        await self.window.locator("body.ready").wait_for()
        return self.window

    def listen(self) -> None:
        """Note what goes wrong inside the page."""
        self.window.on("pageerror", self._broke)
        self.window.on("console", self._heard)

    async def clear(self) -> None:
        """Leave the page, so that the server can stop, and forget what it kept."""
        await self.window.unroute_all()
        await self.window.evaluate("localStorage.clear()")
        await self.window.goto("about:blank")
        self.window.remove_listener("pageerror", self._broke)
        self.window.remove_listener("console", self._heard)

    def _broke(self, error: Error) -> None:
        self.troubles.append(str(error))

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused request is news for the person, not a fault of the page.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.troubles.append(message.text)


def phone(page: Page, name: str) -> Locator:
    """One phone on the table."""
    return page.locator(f"#phone-{name}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def window() -> AsyncIterator[Page]:
    """One window of Debian's Chromium for all these tests, without animations."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("Chromium is not installed, so nobody can look at the rehearsal page.")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    quiet += ["--disable-component-update", "--disable-sync", "--no-first-run"]
    async with async_playwright() as player:
        browser = await player.chromium.launch(executable_path=found, args=quiet)
        page = await browser.new_page(reduced_motion="reduce", accept_downloads=True)
        page.set_default_timeout(5_000)
        yield page
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def table(window: Page) -> AsyncIterator[Table]:
    """Two workers (the second holds an unused invitation), a supervisor, a coordinator, a group."""
    clock = HandClock()
    world = World(clock)
    for user_id, name in {DOLMA: "卓玛", TSERING: "次仁", TEACHER: "李老师", PEMA: "白玛"}.items():
        world.add_user(user_id, name)
        if user_id != TSERING:
            world.open_link(user_id)
    world.add_group(GROUP, "林芝社工站", [DOLMA, TSERING, PEMA])
    async with (
        RehearsalServer(world, phones=phones_of(world), clock=clock) as server,
        aiohttp.ClientSession() as session,
    ):
        laid = Table(world, clock, server, session, window)
        laid.listen()
        yield laid
        await laid.clear()
    assert laid.troubles == []


def phones_of(world: World) -> Phones:
    """The five phones."""
    phones = Phones(world)
    invitation = Invite("j_abc", {"zh": "鲁朗镇社工站邀请您", "en": "Lulang station invites you"})
    phones.add("learner-1", {"zh": "社工", "en": "Worker"}, DOLMA)
    phones.add("learner-2", {"zh": "社工", "en": "Worker"}, TSERING, invite=invitation)
    phones.add("supervisor-1", {"zh": "督导", "en": "Supervisor"}, TEACHER)
    phones.add("coordinator-1", {"zh": "协调员", "en": "Coordinator"}, PEMA)
    phones.add("group-1", {"zh": "林芝社工站", "en": "Work group"}, DOLMA, chat_id=GROUP)
    return phones
