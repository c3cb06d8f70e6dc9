"""A thin network: what Telegram refuses or swallows for a while reaches people all the same."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.rehearsal.county import PHONES, enrol_by_chat
from storage.engine import Database
from tests.journeys.conftest import FIRST_LESSON, LEARNER, NEWCOMER, Play, playing


@pytest.mark.asyncio
async def test_a_reply_waits_when_telegram_asks_to_and_then_comes(play: Play) -> None:
    """What she pressed is done already, so the words about it must not be lost to a 429."""
    play.running.server.misbehaviour.order("429", 1, method="sendMessage", retry_after=1)
    assert "今天没有课" in await play.say(LEARNER, "今天")


@pytest.mark.asyncio
async def test_a_lesson_refused_by_a_gateway_comes_a_little_later(play: Play) -> None:
    """Two broken answers in the middle of the morning: everybody has the lesson, once."""
    play.running.server.misbehaviour.order("502", 2, method="sendMessage")
    await play.through(FIRST_LESSON)
    waiting = await play.rows("SELECT count(*) FROM delivery WHERE status = 'waiting'")
    assert waiting == [(2,)]

    # The retry is due in machine time; a minute later it has come.

    def hurry(session: Session) -> None:
        session.connection().exec_driver_sql("UPDATE delivery SET lease_until = NULL")

    await play.running.wuxue.database.write(hurry)
    await play.through(FIRST_LESSON + timedelta(minutes=1))
    states = await play.rows("SELECT DISTINCT status FROM delivery")
    assert states == [("sent",)]
    lessons = [m for m in play.said(LEARNER) if m.text.startswith("每日一学")]
    assert len(lessons) == 1


@pytest.mark.asyncio
async def test_after_a_quiet_week_update_ids_may_begin_anywhere(play: Play) -> None:
    """Telegram then counts from a random number; an old offset must not discard what comes."""
    await play.say(LEARNER, "今天")
    await play.running.server.delivery.polled.wait()
    play.world.updates.next_id = 5
    assert "我的学习" in await play.say(LEARNER, "我的")


@pytest.mark.asyncio
async def test_the_whole_way_is_the_same_on_postgresql(
    postgresql_database: Database, tmp_path: Path
) -> None:
    """Join, learn, answer, find the record: with PostgreSQL behind the same bot."""
    async with playing(tmp_path, database_url=postgresql_database.url) as play:
        newcomer = PHONES[0]
        token = play.running.links.tokens[newcomer.phone_id]
        await enrol_by_chat(play.world, play.settle, newcomer, token)
        await play.through(FIRST_LESSON)
        await play.vote(NEWCOMER, 1)
        assert "已记录：每日一学" in play.lesson(NEWCOMER).text
        assert await play.say(NEWCOMER, "入户以前要准备什么？") != ""
        await play.press(NEWCOMER, "存为提问")
        assert await play.rows("SELECT evidence FROM learning_record") == [("answered",)]
        assert await play.count("question") == 1
