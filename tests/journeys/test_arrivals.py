"""送达情况 in chat: who got it, whom to call, once more to those who missed it, and 撤回."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text as sql
from sqlmodel import Session

from bot.rehearsal.county import COLLEAGUES, TOWN, colleague_id
from curriculum import joining, people
from storage.cohorts import Cohort
from storage.people import unit_by_name
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    SUPERVISOR,
    Play,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ROWS = "SELECT id, status, error, due_at, not_after, attempts FROM delivery ORDER BY id"
NOT_THERE = "没有找到，或者您看不到它"


def lessons(play: Play, chat: int) -> list[str]:
    """The first lines of the lessons a chat has received."""
    heads = [message.text.split("\n")[0] for message in play.said(chat)]
    return [head for head in heads if head.startswith("每日一学 · ")]


async def fail_all(play: Play) -> None:
    """Let every row still waiting end as failed on the network's side."""

    def run(session: Session) -> None:
        session.connection().execute(
            sql("UPDATE delivery SET status = 'failed', error = 'gateway' WHERE status = 'waiting'")
        )

    await play.running.wuxue.database.write(run)


async def add_learners(play: Play, number: int) -> list[int]:
    """More learners of the cohort, each with an account of her own; their chats."""
    chats = [5_100_000 + place for place in range(number)]

    def run(session: Session, now: datetime) -> None:
        (unit,), cohort = unit_by_name(session, TOWN), session.get_one(Cohort, 1)
        for chat in chats:
            token = joining.make_invite(
                session, role="learner", unit=unit, cohort=cohort, uses=1, created_by=None, now=now
            ).token
            joining.enrol(
                session,
                token=token,
                bot=cohort.bot,
                chat_id=chat,
                name=f"学员{chat}",
                language="zh",
                privacy_version=people.PRIVACY_VERSION,
                now=now,
            )

    await play.running.wuxue.database.write(run, play.running.clock.now())
    for chat in chats:
        play.world.add_user(chat, str(chat))
        play.world.open_link(chat)
    await play.settle()
    return chats


@pytest.mark.asyncio
async def test_a_morning_is_read_with_reasons_and_whom_to_call(play: Play) -> None:
    """One blocked the bot: the day, the cohort's numbers, her name and how long."""
    play.world.block(colleague_id(0))
    await play.settle()
    await play.through(FIRST_LESSON)
    await play.say(COORDINATOR, "更多")
    await play.press(COORDINATOR, "人和单位")
    said = await play.press(COORDINATOR, "送达情况")
    line = "• 1　10:00 2026年第一期：应发7人，已发6人，不用发1人"
    assert said == f"送达情况\n\n11月25日(周三)\n\n{line}"
    assert play.labels(COORDINATOR) == ["1", "联系不上", "前一天"]
    called = await play.press(COORDINATOR, "联系不上")
    assert f"• {COLLEAGUES[0]}（" in called
    assert "没有电话，11月24日(周二)22:00起，停用了机器人" in called
    await play.press(COORDINATOR, "上一步")
    detail = await play.press(COORDINATOR, "1")
    assert "应发 7人，已发 6人" in detail
    assert "工作群 1个，已发 1个" in detail
    assert "原因：联系不上 1。" in detail
    assert play.labels(COORDINATOR) == ["上一步"]
    for words in ("送达", "送达情况", "/delivery", "Delivery"):
        assert (await play.say(COORDINATOR, words)).startswith("送达情况")


@pytest.mark.asyncio
async def test_whoever_missed_wednesday_gets_it_on_thursday_once(play: Play) -> None:
    """She blocked the bot for a day; 再发一次 shows the lesson, and brings it to her alone."""
    play.running.server.misbehaviour.order("403", method="sendMessage", chat_id=LEARNER)
    await play.through(FIRST_LESSON + DAY - HOUR)
    assert lessons(play, LEARNER) == []
    play.world.block(LEARNER)
    await play.settle()
    play.world.unblock(LEARNER)
    await play.settle()
    await play.through(FIRST_LESSON + DAY)
    assert [head[-3:] for head in lessons(play, LEARNER)] == ["第2课"]
    await play.say(COORDINATOR, "送达")
    assert "没发到1人" in await play.press(COORDINATOR, "前一天")
    assert "停用了机器人 1" in await play.press(COORDINATOR, "1")
    before = {chat: len(lessons(play, chat)) for chat in (GROUP, colleague_id(1))}
    asked = await play.press(COORDINATOR, "再发一次")
    assert "发给没收到的 1人。发的内容在上面。" in asked
    shown = play.said(COORDINATOR)[-3]
    assert "第1课" in shown.text
    assert "正在发给 1 个" in await play.press(COORDINATOR, "发送")
    await play.through(FIRST_LESSON + DAY + timedelta(minutes=1))
    assert [head[-3:] for head in lessons(play, LEARNER)] == ["第2课", "第1课"]
    assert play.lesson(LEARNER).text == shown.text
    assert {chat: len(lessons(play, chat)) for chat in before} == before
    await play.vote(LEARNER, 0)
    assert "已记录" in play.lesson(LEARNER).text


@pytest.mark.asyncio
async def test_more_than_twenty_wait_a_minute_and_are_taken_back(play: Play) -> None:
    """撤回 within the minute leaves every row as it was; pressed again and left alone, all go."""
    chats = await add_learners(play, 20)
    await play.through(FIRST_LESSON - HOUR)
    await fail_all(play)
    await play.through(FIRST_LESSON)
    before = await play.rows(ROWS)
    await play.say(COORDINATOR, "送达")
    await play.press(COORDINATOR, "1")
    asked = await play.press(COORDINATOR, "再发一次")
    assert "发给没收到的 27人和 1个群。" in asked
    assert "按“发送”后等60秒，可以撤回。" in asked
    assert "60秒后发给 28 个" in await play.press(COORDINATOR, "发送")
    await play.through(FIRST_LESSON + timedelta(seconds=59))
    assert lessons(play, chats[0]) == []
    assert "已撤回\n\n28 个没有发" in await play.press(COORDINATOR, "撤回")
    await play.through(FIRST_LESSON + timedelta(minutes=5))
    assert lessons(play, chats[0]) == []
    assert await play.rows(ROWS) == before
    await play.press(COORDINATOR, "送达情况")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "再发一次")
    await play.press(COORDINATOR, "发送")
    await play.through(FIRST_LESSON + timedelta(minutes=6))
    assert all(len(lessons(play, chat)) == 1 for chat in (*chats, LEARNER, GROUP))
    assert "已经发出，撤不回了" in await play.press(COORDINATOR, "撤回")


@pytest.mark.asyncio
async def test_asked_for_at_night_it_goes_in_the_morning(play: Play) -> None:
    """In quiet hours nothing sounds; it is due at their end."""
    await play.through(FIRST_LESSON - HOUR)
    await fail_all(play)
    await play.through(FIRST_LESSON + 13 * HOUR)
    await play.say(COORDINATOR, "送达")
    await play.press(COORDINATOR, "1")
    assert "现在是安静时段，11月26日(周四)09:00 发。" in await play.press(COORDINATOR, "再发一次")
    await play.press(COORDINATOR, "发送")
    await play.through(FIRST_LESSON + 22 * HOUR)
    assert lessons(play, LEARNER) == []
    await play.through(FIRST_LESSON + 23 * HOUR)
    assert [message.at for message in play.said(LEARNER) if "第1课" in message.text][:1] == [
        FIRST_LESSON + 23 * HOUR
    ]


@pytest.mark.asyncio
async def test_nobody_else_finds_it_and_forged_buttons_change_nothing(play: Play) -> None:
    """A learner and a supervisor are answered as if nothing were there; so are made-up numbers."""
    await play.through(FIRST_LESSON - HOUR)
    await fail_all(play)
    before = await play.rows(ROWS)
    forged = (
        "arrivals:today:0",
        "arrival:1:2026-11-25",
        "unreachable:0",
        "again:1:2026-11-25",
        "send_again:1:2026-11-25",
        "take_back:1",
    )
    for user in (LEARNER, SUPERVISOR):
        assert NOT_THERE in await play.say(user, "送达情况")
        for data in forged:
            await _forge(play, user, data)
    for data in (
        "arrivals:x:0",
        "arrivals:today:x",
        "arrivals:2026-11-26:0",
        "arrival:7:2026-11-25",
        "unreachable:-1",
        "send_again:1:2026-11-28",
        "take_back:x",
        "take_back:9999999999999999999",
        "again:9999999999999999999:2026-11-25",
        "take_back:1",
    ):
        await _forge(play, COORDINATOR, data)
    assert await play.rows(ROWS) == before


async def _forge(play: Play, user: int, data: str) -> Any:
    message = play.said(user)[-1]
    play.world.forge_callback(user, user, message.message_id, data)
    await play.settle()
    assert NOT_THERE in play.toast(user), data
