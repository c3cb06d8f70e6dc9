"""A coordinator's file that takes a while: announced, followed, sent, though processes end."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from bot.handlers import records
from bot.rehearsal.rehearse import enrol_phones
from curriculum import people
from storage.engine import Database
from storage.records import LearningRecord
from tests.journeys.conftest import COORDINATOR, LEARNER, START, Play, playing

pytestmark = pytest.mark.asyncio
MANY = records.ROWS_AT_ONCE + 1
PREPARING = "正在准备文件"


def learn(session: Session, *, bot: int, count: int) -> None:
    """So many records of the learner, as an import would leave them."""
    learner = people.who(session, bot=bot, chat_id=LEARNER, now=START)
    assert learner is not None
    row: dict[str, Any] = {
        "person_id": learner.person_id,
        "person_name": learner.name,
        "unit_id": learner.unit_id,
        "study": "daily_lesson",
        "occurred_on": date(2026, 11, 24),
        "title": "课",
        "minutes": 5,
        "mode": "online",
        "evidence": "imported",
        "claimable": "pending",
        "rule_version": "none",
        "recorded_at": START,
    }
    rows = [row | {"occasion": f"old:{number}"} for number in range(count)]
    session.connection().execute(insert(LearningRecord), rows)


async def with_records(play: Play, count: int) -> None:
    wuxue = play.running.wuxue
    await wuxue.database.write(learn, bot=int(wuxue.bot.id), count=count)


def documents(play: Play) -> list[str]:
    return [
        message.json["document"]["file_name"]
        for message in play.said(COORDINATOR)
        if "document" in message.json
    ]


async def test_on_postgresql_an_export_goes_through_the_queue(on_postgresql: Play) -> None:
    """The file comes, what announced it is gone, and nothing is left in the queue."""
    play = on_postgresql
    await with_records(play, 3)
    await play.say(COORDINATOR, "/records csv 2026-11")
    assert len(documents(play)) == 1
    assert "共 3 条" in play.last(COORDINATOR)
    assert not [m for m in play.said(COORDINATOR) if m.text.startswith(PREPARING)]
    assert await play.rows("SELECT * FROM wuxue_jobs.procrastinate_jobs") == []


async def test_who_may_not_read_any_more_when_the_file_is_made_gets_none(
    on_postgresql: Play,
) -> None:
    """Permission is asked again when the job is done, and the refusal is said."""
    play = on_postgresql
    top = (await play.rows("SELECT id FROM unit WHERE parent_id IS NULL"))[0][0]
    arguments: dict[str, int | str] = {
        "chat_id": LEARNER,
        "unit_id": int(top),
        "since": "2026-11-01",
        "until": "2026-11-30",
        "file_format": "csv",
    }
    await play.running.wuxue.jobs.run(records.EXPORT, arguments)
    await play.settle()
    assert "没有找到" in play.last(LEARNER)
    assert await play.rows("SELECT * FROM wuxue_jobs.procrastinate_jobs") == []


async def test_an_export_broken_off_by_a_stop_is_done_after_the_next_start_on_postgresql(
    tmp_path: Path, postgresql_database: Database
) -> None:
    """Another start takes the job up from the queue and sends the file."""
    async with playing(tmp_path, database_url=postgresql_database.url) as play:
        await enrol_phones(play.running)
        await with_records(play, 3)
        play.running.wuxue.jobs.stopping.set()
        play.world.say(COORDINATOR, "/records csv 2026-11")
        await play.running.wuxue.inbox.idle()
    async with playing(tmp_path, database_url=postgresql_database.url) as play:
        await play.settle()
        assert len(documents(play)) == 1


async def test_a_long_export_on_sqlite_is_announced_too(play: Play) -> None:
    """One silent message, which goes when the file is there."""
    await with_records(play, MANY)
    await play.say(COORDINATOR, "/records csv 2026-11")
    assert len(documents(play)) == 1
    assert f"共 {MANY} 条" in play.last(COORDINATOR)
    assert not [m for m in play.said(COORDINATOR) if m.text.startswith(PREPARING)]


async def test_an_export_broken_off_by_a_stop_is_done_after_the_next_start_on_sqlite(
    folder: Path,
) -> None:
    """The update that asked for it is kept and processed again."""
    async with playing(folder) as play:
        await with_records(play, 3)
        play.running.wuxue.jobs.stopping.set()
        await play.say(COORDINATOR, "/records csv 2026-11")
        assert documents(play) == []
    async with playing(folder) as play:
        await play.settle()
        assert len(documents(play)) == 1
