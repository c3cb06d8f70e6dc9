"""A world of two people and a group, the server in front of it, and two ways to drive it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from telegram import Bot

from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World

DOLMA, TSERING, STRANGER, GROUP = 11, 12, 13, -50


class Hands:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def ahead(self, **span: float) -> None:
        """Move ahead by a timedelta's arguments."""
        self.now += timedelta(**span)


class Raw:
    """Calls the Bot API with plain form data, as a client of another make would."""

    def __init__(self, session: aiohttp.ClientSession, server: RehearsalServer) -> None:
        self.session = session
        self.prefix = server.base_url + server.token

    async def __call__(self, method: str, **params: Any) -> dict[str, Any]:
        """The whole answer; its HTTP status is checked against error_code."""
        form = aiohttp.FormData()
        for name, value in params.items():
            if isinstance(value, bytes):
                form.add_field(name, value, filename="课件.bin")
            else:
                form.add_field(name, str(value))
        async with self.session.post(f"{self.prefix}/{method}", data=form) as answer:
            body: dict[str, Any] = await answer.json()
            assert answer.status == body.get("error_code", 200)
            return body


@pytest.fixture
def hands() -> Hands:
    """The business clock."""
    return Hands()


@pytest.fixture
def world(hands: Hands) -> World:
    """Dolma and Tsering have started the bot, a stranger has not; nothing waits."""
    world = World(hands)
    world.add_user(DOLMA, "卓玛")
    world.add_user(TSERING, "次仁", "en")
    world.add_user(STRANGER, "生人")
    world.add_group(GROUP, "林芝社工站", [DOLMA, TSERING])
    world.open_link(DOLMA)
    world.open_link(TSERING)
    world.updates.waiting.clear()
    return world


@pytest_asyncio.fixture
async def server(world: World) -> AsyncIterator[RehearsalServer]:
    """The server on a free port."""
    async with RehearsalServer(world) as running:
        yield running


@pytest_asyncio.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """A plain HTTP client."""
    async with aiohttp.ClientSession() as client:
        yield client


@pytest.fixture
def raw(session: aiohttp.ClientSession, server: RehearsalServer) -> Raw:
    """The Bot API by form data."""
    return Raw(session, server)


@pytest_asyncio.fixture
async def bot(server: RehearsalServer) -> AsyncIterator[Bot]:
    """A real telegram.Bot with its own HTTP client."""
    async with Bot(
        server.token, base_url=server.base_url, base_file_url=server.base_file_url
    ) as real:
        yield real
