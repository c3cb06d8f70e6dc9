"""By webhook: only Telegram may call, and 200 means that the update is stored."""

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlmodel import Session
from structlog.testing import capture_logs
from telegram import Update
from telegram.ext import ExtBot

from bot.config_tables import Webhook as Settings
from bot.inbox import Inbox
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from bot.rehearsal.world_state import BOT_ID
from bot.telegram_request import TelegramRequest
from bot.webhook import SECRET_HEADER, PortTaken, Webhook, WebhookRefused
from scheduler.clock import SystemClock
from storage.engine import Database
from storage.inbox import DONE, InboxUpdate
from storage.sealed import NoteKey

pytestmark = pytest.mark.asyncio
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SECRET = "a-secret-of-the-webhook"
PERSON = 11
MOST_BYTES = 4096


class Full(Database):
    """A database that cannot be written to for as long as `is_full`."""

    is_full = False

    async def write(self, fn: Any, *args: Any, **kwargs: Any) -> Any:
        """Fail or write."""
        if self.is_full:
            raise OSError(28, "No space left on device")
        return await super().write(fn, *args, **kwargs)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_for(port: int) -> Settings:
    given = {"path": "/hook", "max_body": MOST_BYTES, "secret": SECRET, "port": port}
    return Settings.model_validate(given | {"url": f"http://127.0.0.1:{port}/hook"})


class Door:
    """A bot that is called by the stand-in, and by whoever knows its port."""

    def __init__(self, server: RehearsalServer, database: Full, settings: Settings) -> None:
        self.server = server
        self.world = server.world
        self.database = database
        self.settings = settings
        self.seen: list[str] = []

    async def note(self, update: Update) -> None:
        """Remember what was said."""
        if update.message is not None:
            self.seen.append(update.message.text or "")

    @asynccontextmanager
    async def bot(self, settings: Settings | None = None) -> AsyncIterator[tuple[Webhook, Inbox]]:
        """A webhook and its inbox, neither begun."""
        async with TelegramRequest() as request:
            bot: ExtBot[None] = ExtBot(
                self.world.token, base_url=self.server.base_url, request=request
            )
            key = NoteKey(os.urandom(32))
            inbox = Inbox(
                bot, self.database, SystemClock(), key, self.note, bot_id=BOT_ID, request=None
            )
            webhook = Webhook(settings or self.settings, bot, inbox)
            try:
                yield webhook, inbox
            finally:
                await webhook.stop()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Inbox]:
        """The bot at work."""
        async with self.bot() as (webhook, inbox):
            await webhook.start()
            running = asyncio.create_task(inbox.run())
            try:
                yield inbox
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)
                await inbox.drain(1)

    async def call(self, body: bytes, secret: str | None = SECRET, method: str = "POST") -> int:
        """Call as anybody may; the status."""
        headers = {} if secret is None else {SECRET_HEADER: secret}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.request(method, self.settings.url, data=body) as answer,
        ):
            return answer.status

    async def rows(self) -> list[Any]:
        """(update_id, status) of what is stored."""
        query = text("SELECT update_id, status FROM inbox_update WHERE update_id > 4 ORDER BY 1")
        found: list[Any] = await self.database.read(
            lambda session: [tuple(row) for row in session.connection().execute(query)]
        )
        return found

    async def heard(self, *words: str) -> None:
        """Until exactly these were said, in this order."""
        async with asyncio.timeout(10):
            while self.seen != list(words):
                await self.rows()


def message(update_id: int, words: str) -> bytes:
    """An update as Telegram sends it."""
    person = {"id": PERSON, "is_bot": False, "first_name": "卓玛"}
    chat = {"id": PERSON, "type": "private"}
    said = {"message_id": update_id, "date": 1_795_000_000, "chat": chat, "from": person}
    return json.dumps({"update_id": update_id, "message": said | {"text": words}}).encode()


def add_processed(session: Session, *, bot: int, update_id: int) -> None:
    session.add(
        InboxUpdate(
            bot=bot, update_id=update_id, sender=PERSON, status=DONE, received_at=NOW, done_at=NOW
        )
    )


@pytest_asyncio.fixture
async def door(sqlite_database: Database) -> AsyncIterator[Door]:
    """One person who may write; her update 4 was processed long ago."""
    world = World(lambda: NOW)
    world.add_user(PERSON, "卓玛")
    database = Full(sqlite_database.url)
    await database.write(add_processed, bot=BOT_ID, update_id=4)
    async with RehearsalServer(world) as server:
        yield Door(server, database, settings_for(free_port()))
    database.close()


async def test_telegram_is_told_the_address_and_brings_what_is_said(door: Door) -> None:
    """From setWebhook with secret and kinds to the handler, over real HTTP."""
    async with door.open():
        assert door.server.delivery.webhook_url == door.settings.url
        assert door.world.updates.allowed is not None
        assert "poll_answer" in door.world.updates.allowed
        door.world.say(PERSON, "一")
        door.world.say(PERSON, "二")
        await door.heard("一", "二")
    assert [status for _, status in await door.rows()] == ["done", "done"]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "密", SECRET[:-1]])
async def test_whoever_does_not_know_the_secret_is_turned_away(
    door: Door, secret: str | None
) -> None:
    """Nothing of such a call is stored."""
    async with door.open():
        assert await door.call(message(5, "假的"), secret) == 403
    assert await door.rows() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff\xfe", 400),
        (b"[" * 3000, 400),
        (b"[]", 400),
        (b'{"message": {}}', 400),
        (b'{"update_id": "5"}', 400),
        (b'{"update_id": true}', 400),
        (b'{"update_id": -1}', 400),
        (b'{"update_id": 99999999999999999999}', 400),
        (b'{"update_id": 5, "x": "' + b"x" * MOST_BYTES + b'"}', 413),
    ],
)
async def test_what_is_no_update_is_refused(door: Door, body: bytes, status: int) -> None:
    """Too large or without a number: nothing is stored, and the next one is taken."""
    with capture_logs() as logged:
        async with door.open():
            assert await door.call(body) == status
            assert await door.call(message(5, "一")) == 200
            await door.heard("一")
    assert {entry["log_level"] for entry in logged} <= {"info", "warning"}


async def test_no_other_path_or_method_is_there(door: Door) -> None:
    """The door has one keyhole."""
    async with door.open():
        assert await door.call(b"", method="GET") == 405
        door.settings = door.settings.model_copy(update={"url": door.settings.url + "/other"})
        assert await door.call(message(5, "一")) == 404


async def test_what_cannot_be_stored_is_brought_again(door: Door) -> None:
    """With a full disk the answer is 503, so Telegram keeps the update and nothing is lost."""
    with capture_logs() as logged:
        async with door.open():
            door.database.is_full = True
            assert await door.call(message(5, "一")) == 503
            door.database.is_full = False
            assert await door.call(message(5, "一")) == 200
            await door.heard("一")
    assert "update_not_stored" in {entry["event"] for entry in logged}


async def test_an_update_brought_twice_is_processed_once(door: Door) -> None:
    """Telegram repeats what it was not answered in time."""
    async with door.open() as inbox:
        for _ in range(3):
            assert await door.call(message(5, "一")) == 200
        await door.heard("一")
        await inbox.idle()
    assert door.seen == ["一"]


async def test_what_overtook_another_is_put_right(door: Door) -> None:
    """Several calls travel at once; each person's words are taken in the order they were said."""
    async with door.open():
        assert await door.call(message(5, "一")) == 200
        for number, words in ((8, "四"), (7, "三"), (6, "二")):
            assert await door.call(message(number, words)) == 200
        await door.heard("一", "二", "三", "四")


async def test_half_a_character_is_kept_all_the_same(door: Door) -> None:
    """A lone surrogate, which no Telegram client can type, ends nothing."""
    async with door.open() as inbox:
        body = message(5, "X").replace(b"X", b"\\ud83d")
        assert await door.call(body) == 200
        assert await door.call(message(6, "后面的")) == 200
        async with asyncio.timeout(10):
            while "后面的" not in door.seen:
                await door.rows()
        await inbox.idle()
    assert [update_id for update_id, _ in await door.rows()] == [5, 6]


async def test_a_taken_port_and_a_refused_address_are_told_apart(door: Door) -> None:
    """Each has its own error, for a sentence that says what to change."""
    async with door.open(), door.bot() as (second, _):
        with pytest.raises(PortTaken):
            await second.start()
    settings = door.settings.model_copy(update={"url": "http://example.org/hook"})
    async with door.bot(settings) as (webhook, _):
        with pytest.raises(WebhookRefused, match="https"):
            await webhook.start()
