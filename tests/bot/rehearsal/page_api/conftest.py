"""A server with phones and a clock in the hand, and a page that talks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from bot.rehearsal.clock_control import Move
from bot.rehearsal.phones import Invite, Phones
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, GROUP, STRANGER, TSERING, Hands

PHONE_KEYS = {
    "id",
    "kind",
    "title",
    "person",
    "user_id",
    "chat_id",
    "blocked",
    "invite",
    "reply_keyboard",
    "commands",
    "messages",
}


class HandClock:
    """A clock control that moves the test's own clock."""

    def __init__(self, hands: Hands) -> None:
        self.hands = hands
        self.speed: float = 0
        self.playing = True

    async def move(self, what: Move) -> None:
        hours = {"next": 2, "hour": 1, "day": 24, "week": 168}[what]
        self.hands.ahead(hours=hours)

    async def play(self, speed: float | None = None, *, playing: bool | None = None) -> None:
        self.speed = self.speed if speed is None else speed
        self.playing = self.playing if playing is None else playing

    async def describe(self) -> dict[str, Any]:
        return {
            "now": self.hands.now.isoformat(),
            "zone": "Asia/Shanghai",
            "speed": self.speed,
            "playing": self.playing,
            "next": {"at": None, "what": {"zh": "没有", "en": "nothing"}},
            "today": {"kind": "work", "name": None},
        }


class Page:
    """A page: it posts, reads the state, and listens."""

    def __init__(self, session: aiohttp.ClientSession, server: RehearsalServer) -> None:
        self.session = session
        self.root = server.page_url

    async def post(self, path: str, **body: Any) -> dict[str, Any]:
        async with self.session.post(f"{self.root}rehearsal/{path}", json=body) as answer:
            found: dict[str, Any] = await answer.json()
            assert (answer.status == 200) == (found.get("ok", True) is True)
            assert answer.status == 200 or 400 <= answer.status < 500
            return found

    async def state(self) -> dict[str, Any]:
        async with self.session.get(f"{self.root}rehearsal/state") as answer:
            found: dict[str, Any] = await answer.json()
            return found

    async def phone(self, phone_id: str) -> dict[str, Any]:
        return next(item for item in (await self.state())["phones"] if item["id"] == phone_id)

    async def last(self, phone_id: str) -> dict[str, Any]:
        message: dict[str, Any] = (await self.phone(phone_id))["messages"][-1]
        return message


@pytest_asyncio.fixture
async def server(world: World, hands: Hands, tmp_path: Path) -> AsyncIterator[RehearsalServer]:
    """A server with three private phones and one group phone, and a page of one line."""
    (tmp_path / "index.html").write_text("<p>五学+</p>", encoding="utf-8")
    phones = Phones(world)
    phones.add("learner-1", {"zh": "卓玛", "en": "Dolma"}, DOLMA)
    phones.add("learner-2", {"zh": "次仁", "en": "Tsering"}, TSERING)
    invite = Invite("join-1", {"zh": "打开邀请", "en": "Open the invitation"})
    phones.add("guest", {"zh": "新人", "en": "Newcomer"}, STRANGER, invite=invite)
    phones.add("group", {"zh": "工作群", "en": "Work group"}, DOLMA, chat_id=GROUP)
    running = RehearsalServer(world, phones=phones, clock=HandClock(hands), page_folder=tmp_path)
    async with running:
        yield running


@pytest.fixture
def page(session: aiohttp.ClientSession, server: RehearsalServer) -> Page:
    """A page open at the server."""
    return Page(session, server)
