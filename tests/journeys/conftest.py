"""The whole bot before the stand-in server, on a county enrolled once and copied for each test."""

import shutil
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import text as sql
from structlog.testing import capture_logs

from bot.config import Config
from bot.rehearsal.county import GROUP_CHAT, PHONES
from bot.rehearsal.rehearse import STARTER_PACK, Rehearsal, enrol_phones, rehearsal
from bot.rehearsal.stored import Event, Json, StoredMessage
from bot.rehearsal.world import World
from curriculum.lesson_pack import LessonPack
from tests.county import read_once
from tests.postgresql_server import Server, name_of

NEWCOMER, LEARNER, SUPERVISOR, COORDINATOR = (role.user_id for role in PHONES)
GROUP = GROUP_CHAT
STRANGER = 5_009_999
# A Tuesday evening in Shanghai; the next working day begins with its lesson at ten.
START = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
FIRST_LESSON = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
# EXPERIENCE section 2: six buttons, and one row to move with.
BUTTONS = 6


class Play:
    """A running rehearsal with what a test reads and does most."""

    def __init__(self, running: Rehearsal, logged: list[Any]) -> None:
        self.running = running
        self.world = running.world
        self.logged = logged

    @property
    def bugs(self) -> list[Any]:
        """Log entries that no refusal and no network explains."""
        return [e for e in self.logged if e["log_level"] in ("error", "critical")]

    async def settle(self) -> None:
        """Wait for the bot."""
        await self.running.settle()

    async def through(self, moment: datetime) -> None:
        """Let business time pass."""
        await self.running.hand_clock.through(moment)

    async def rest_lessons(self) -> None:
        """Turn the cohorts' rhythms off, so that time brings only what the journey is about.

        Most of what a walked day costs is everybody's lesson.
        """
        await self.running.wuxue.database.write(
            lambda session: session.connection().execute(sql("UPDATE rhythm SET is_on = false"))
        )

    async def say(self, user: int, text: str) -> str:
        """Type something to the bot; returns what it said last."""
        self.world.say(user, text)
        await self.settle()
        return self.last(user)

    async def open(self, user: int, token: str = "") -> str:
        """Open the bot's link; returns what it said last."""
        self.world.open_link(user, token)
        await self.settle()
        return self.last(user)

    async def press(self, user: int, label: str, *, chat: int | None = None) -> str:
        """Press the newest button of this label; returns the chat's last words."""
        message = self.with_button(user if chat is None else chat, label)
        button = message.button(label)
        self.world.press(user, message.chat_id, message.message_id, data=button["callback_data"])
        await self.settle()
        return self.last(message.chat_id)

    async def vote(self, user: int, option: int) -> None:
        """Answer the newest quiz."""
        self.world.vote(user, self.quiz(user).json["poll"]["id"], [option])
        await self.settle()

    def said(self, chat: int) -> list[StoredMessage]:
        """What the bot said in a chat, oldest first."""
        return [message for message in self.world.messages(chat) if message.from_bot]

    def last(self, chat: int) -> str:
        """The bot's last words in a chat, "" before it said any."""
        said = self.said(chat)
        return said[-1].text if said else ""

    def labels(self, chat: int) -> list[str]:
        """The buttons under the bot's last message."""
        return [button["text"] for button in self.said(chat)[-1].buttons]

    def with_button(self, chat: int, label: str) -> StoredMessage:
        """The newest message with a button of this label."""
        for message in reversed(self.said(chat)):
            if any(button["text"] == label for button in message.buttons):
                return message
        raise LookupError(label)

    def with_text(self, chat: int, words: str) -> StoredMessage:
        """The newest message that says this."""
        return next(m for m in reversed(self.said(chat)) if words in m.text)

    def quiz(self, user: int) -> StoredMessage:
        """The newest quiz."""
        return next(m for m in reversed(self.said(user)) if m.poll is not None)

    def lesson(self, chat: int) -> StoredMessage:
        """The newest lesson."""
        heads = ("每日一学", "Daily lesson")
        return next(m for m in reversed(self.said(chat)) if m.text.startswith(heads))

    def toast(self, user: int) -> str:
        """The words of the last answered tap."""
        return self.world.toasts(user)[-1].text

    async def rows(self, query: str, **values: Any) -> list[Any]:
        """Rows of the bot's database."""
        return await self.running.wuxue.database.read(
            lambda session: [tuple(r) for r in session.connection().execute(sql(query), values)]
        )

    async def count(self, table: str) -> int:
        """How many rows a table has."""
        return int((await self.rows(f"SELECT count(*) FROM {table}"))[0][0])  # noqa: S608


@cache
def _starter() -> LessonPack:
    """What a rehearsal begins with; comparing its files again took every journey 9 ms."""
    return read_once(STARTER_PACK)


@contextmanager
def _no_bug() -> Iterator[list[Any]]:
    """Collect what is logged; a bug fails the test that did not expect one (and empty the list)."""
    with capture_logs() as logged:
        yield logged
    assert [entry for entry in logged if entry["log_level"] in ("error", "critical")] == []


def too_full(rows: Sequence[Sequence[Json]]) -> list[list[str]]:
    """The labels of a keyboard that holds more than it may, row by row; none of any other."""
    above = rows[:-1] if sum(map(len, rows)) > BUTTONS else ()
    if sum(map(len, above)) <= BUTTONS:
        return []
    return [[button["text"] for button in row] for row in rows]


@contextmanager
def _roomy(world: World) -> Iterator[None]:
    """Look at every keyboard as a phone gets it; one too full for a thumb fails the test."""
    full: list[list[list[str]]] = []

    def seen(event: Event) -> None:
        if event.kind in ("message", "edited") and event.message and event.message.from_bot:
            crowd = too_full(event.message.inline_keyboard)
            if crowd and crowd not in full:
                full.append(crowd)

    world.listeners.append(seen)
    try:
        yield
    finally:  # the stage is kept when the play ends, and a listener cannot be
        world.listeners.remove(seen)
    assert full == []


@asynccontextmanager
async def playing(folder: Path, **wishes: Any) -> AsyncIterator[Play]:
    """The bot running on what lies in `folder`; leaving stops it."""
    wished: dict[str, Any] = {"start": START, "speed": 0.0, "pack": _starter()}
    wished |= wishes
    with _no_bug() as logged:
        async with rehearsal(folder, Config(), **wished) as running:
            if STRANGER not in running.world.people:
                running.world.add_user(STRANGER, "生人")
            with _roomy(running.world):
                yield Play(running, logged)


# A module that imports the fixture has one of its own; the county is the same for all.
_made: list[Path] = []
_lived: dict[datetime, Path] = {}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample county, everybody but the newcomer enrolled, stopped on Tuesday."""
    if not _made:
        folder = tmp_path_factory.mktemp("county")
        async with playing(folder) as play:
            await enrol_phones(play.running)
        _made.append(folder)
    return _made[0]


@pytest.fixture
def folder(county: Path, tmp_path: Path) -> Path:
    """A copy of the county for one test."""
    own = tmp_path / "county"
    shutil.copytree(county, own)
    return own


@pytest_asyncio.fixture
async def play(folder: Path) -> AsyncIterator[Play]:
    """The bot on Tuesday evening."""
    async with playing(folder) as running:
        yield running


async def _lived_until(moment: datetime, folder: Path, mktemp: Callable[[str], Path]) -> None:
    """Let the county in `folder` live until a moment, once for all tests."""
    if moment not in _lived:
        lived = mktemp("lived") / "county"
        shutil.copytree(folder, lived)
        async with playing(lived) as running:
            await running.through(moment)
        _lived[moment] = lived
    shutil.rmtree(folder)
    shutil.copytree(_lived[moment], folder)


@pytest_asyncio.fixture
async def morning(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Play]:
    """The bot on Wednesday at ten, the first lesson just sent."""
    await _lived_until(FIRST_LESSON, folder, tmp_path_factory.mktemp)
    async with playing(folder) as running:
        yield running


# The county in a server's database, which those of the tests are copied from.
_on_servers: dict[str, tuple[Path, str]] = {}


@pytest_asyncio.fixture
async def on_postgresql(
    tmp_path: Path, postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Play]:
    """The county on PostgreSQL, everybody enrolled."""
    if postgresql_server.url not in _on_servers:
        made, url = tmp_path_factory.mktemp("county_on_postgresql"), postgresql_server.create()
        async with playing(made, database_url=url) as running:
            await enrol_phones(running.running)
        _on_servers[postgresql_server.url] = made, name_of(url)
    made, template = _on_servers[postgresql_server.url]
    folder = tmp_path / "county"
    shutil.copytree(made, folder)
    own = postgresql_server.create(template=template)
    async with playing(folder, database_url=own) as running:
        yield running
    postgresql_server.drop(own)
