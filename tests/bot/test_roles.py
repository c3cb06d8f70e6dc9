"""wuxue run --role: who receives sends nothing that is due, who delivers takes no updates."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import Wuxue
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from scheduler.clock import MovableClock
from storage.engine import Database
from storage.sealed import NoteKey
from tests.county import BOT, County, build, write_pack

LESSON_HOUR = timedelta(hours=12)


class Office:
    """A county with a lesson due tomorrow at ten, and processes with a part of the work each."""

    def __init__(self, server: RehearsalServer, database: Database, county: County) -> None:
        self.server = server
        self.world = server.world
        self.database = database
        self.learner = county.learners[0].chat_id

    @asynccontextmanager
    async def bot(
        self, clock: MovableClock, note_key: NoteKey, folder: Path, *, receives: bool
    ) -> AsyncIterator[Wuxue]:
        """A process that only receives, or only delivers."""
        wuxue = Wuxue(
            token=self.server.token,
            api_base_url=self.server.base_url,
            database=self.database,
            clock=clock,
            note_key=note_key,
            zone="Asia/Shanghai",
            messages_per_second=1000,
            temporary_folder=folder,
            receives=receives,
            delivers=not receives,
        )
        await wuxue.start()
        try:
            yield wuxue
        finally:
            await wuxue.stop()

    def said(self, words: str) -> list[str]:
        """What the learner was told that begins so."""
        messages = self.world.messages(self.learner)
        return [m.text for m in messages if m.from_bot and m.text.startswith(words)]


@pytest_asyncio.fixture
async def office(
    postgresql_database: Database, tmp_path: Path, start: datetime
) -> AsyncIterator[Office]:
    """Three learners on PostgreSQL."""
    county = await postgresql_database.write(
        build, write_pack(tmp_path / "pack"), now=start, start_on=date(2026, 11, 25)
    )
    world = World(lambda: start)
    world.token = f"{BOT}:" + "A" * 35
    world.bot["id"] = BOT
    for learner in [*county.learners, county.coordinator]:
        assert learner is not None
        world.add_user(learner.chat_id, "学员").started = True
    async with RehearsalServer(world) as server:
        yield Office(server, postgresql_database, county)


@pytest.mark.asyncio
async def test_who_delivers_sends_what_is_due_and_takes_no_updates(
    office: Office, note_key: NoteKey, tmp_path: Path, start: datetime
) -> None:
    """What people say stays at Telegram for a process that receives."""
    clock = MovableClock(start)
    async with office.bot(clock, note_key, tmp_path, receives=False) as wuxue:
        office.world.say(office.learner, "我的")
        clock.advance(LESSON_HOUR)
        await wuxue.ticker.tick()
        assert len(office.said("每日一学")) == 1
        waiting = asyncio.create_task(wuxue.wait())
        await asyncio.wait({waiting}, timeout=0.05)
        assert not waiting.done()
        waiting.cancel()
    assert len(office.world.updates.waiting) == 1


@pytest.mark.asyncio
async def test_who_receives_answers_and_leaves_what_is_due_to_others(
    office: Office, note_key: NoteKey, tmp_path: Path, start: datetime
) -> None:
    """今天 while the lesson is on its way says so; a process that delivers brings it."""
    clock = MovableClock(start)
    async with office.bot(clock, note_key, tmp_path, receives=False) as wuxue:
        clock.advance(LESSON_HOUR - timedelta(minutes=1))
        await wuxue.ticker.tick()
    clock.advance(timedelta(minutes=2))
    async with office.bot(clock, note_key, tmp_path, receives=True) as wuxue:
        office.world.say(office.learner, "今天")
        async with asyncio.timeout(10):
            while office.world.updates.waiting or not office.server.delivery.polled.is_set():
                await wuxue.idle()
                await office.database.read(lambda session: session.connection())
        await wuxue.idle()
        assert office.said("今天的课")
        assert office.said("每日一学") == []
    async with office.bot(clock, note_key, tmp_path, receives=False) as wuxue:
        await wuxue.ticker.tick()
        assert len(office.said("每日一学")) == 1
