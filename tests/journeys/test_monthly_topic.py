"""A month's topic, played: from questions to the answers, by learners and coordinators."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import Session

from bot.rehearsal.county import colleague_id
from bot.rehearsal.rehearse import enrol_phones
from curriculum import cohorts
from storage.cohorts import Cohort, Rhythm
from tests.county import write_pack
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play, playing

pytestmark = pytest.mark.asyncio
DAY = timedelta(days=1)
# Tuesday 2026-11-10, ten in the morning in Shanghai; the pool closes a week later at midnight.
START = datetime(2026, 11, 10, 2, 0, tzinfo=UTC)
CLOSED = datetime(2026, 11, 17, 16, 5, tzinfo=UTC)
SESSION = datetime(2026, 11, 26, 7, 0, tzinfo=UTC)
ANSWERED = SESSION + timedelta(minutes=95)
SETTINGS = {
    "weekday": "thursday",
    "minutes": 90,
    "pool_closes_working_days": 7,
    "approval_working_days": 3,
}


def switch_on(session: Session) -> None:
    """The cohort has its monthly topic."""
    cohort = session.get_one(Cohort, 1)
    rhythm = cohorts.stored_cohorts.rhythm_of(session, cohort_id=1, kind="monthly_topic")
    rhythm = rhythm or Rhythm(cohort_id=1, kind="monthly_topic")
    rhythm.is_on, rhythm.settings = True, SETTINGS
    session.add(rhythm)
    assert cohort.name


@pytest_asyncio.fixture
async def month(tmp_path: Path) -> AsyncIterator[Play]:
    """The county with four short lessons, on the tenth, the topic switched on."""
    pack = write_pack(tmp_path / "pack")
    async with playing(tmp_path / "county", pack=pack, start=START) as play:
        await enrol_phones(play.running)
        await play.running.wuxue.database.write(switch_on)
        yield play


async def ask(play: Play, user: int, text: str) -> None:
    await play.say(user, f"/ask {text}")


async def test_from_questions_to_answers(month: Play) -> None:
    """What learners asked is drafted, edited, approved, held, answered, and told to each once."""
    await ask(month, LEARNER, "挖虫草挣的钱算不算低保的家庭收入？")
    await ask(month, colleague_id(0), "挖虫草挣的钱算不算低保家庭的收入")
    await ask(month, colleague_id(1), "入户的时候狗很凶怎么办")
    await ask(month, colleague_id(2), "服务对象送我一只羊，能不能收")
    await month.through(CLOSED)
    assert await month.rows("SELECT state, version FROM topic") == [("draft", 1)]
    # 今日待办 leads to the draft; nobody else sees it.
    assert "专题请定稿：2026年第一期，11月23日(周一)前" in await month.say(COORDINATOR, "/todo")
    assert "还没有专题" in await month.say(LEARNER, "专题")
    topic = await month.press(COORDINATOR, "1")
    assert topic.startswith("11月专题")
    assert "1. 低保、虫草、家庭，几位" in topic
    stale = month.with_button(COORDINATOR, "安排")
    # 改名, 上移, 不讲, each on the version it was shown in.
    await month.press(COORDINATOR, "2")
    await month.press(COORDINATOR, "改名")
    assert "入户遇到狗" in await month.say(COORDINATOR, "入户遇到狗")
    old_key = month.with_button(COORDINATOR, "不讲").button("不讲")["callback_data"]
    assert "已改好" in (await month.press(COORDINATOR, "上移"), month.toast(COORDINATOR))[1]
    month.world.forge_callback(COORDINATOR, COORDINATOR, stale.message_id, old_key)
    await month.settle()
    assert "刚才有同事改过" in month.toast(COORDINATOR)
    assert "1. 入户遇到狗" in month.last(COORDINATOR)
    # 并入, taken back with 撤销; then 不讲 for the third.
    await month.press(COORDINATOR, "3")
    await month.press(COORDINATOR, "并入")
    await month.say(COORDINATOR, "1")
    assert await month.rows("SELECT count(*) FROM topic_theme WHERE is_gone") == [(1,)]
    await month.press(COORDINATOR, "回到专题")
    await month.press(COORDINATOR, "安排")
    await month.press(COORDINATOR, "撤销")
    assert await month.rows("SELECT count(*) FROM topic_theme WHERE is_gone") == [(0,)]
    await month.press(COORDINATOR, "3")
    await month.press(COORDINATOR, "不讲")
    await reply_to_the_case(month)
    await approve(month)
    await hold_and_answer(month)


async def reply_to_the_case(month: Play) -> None:
    """A reply to a paragraph changes it; the guard stands before it."""
    await month.press(COORDINATOR, "回到专题")
    await month.press(COORDINATOR, "2")
    await month.press(COORDINATOR, "看全文")
    case = next(m for m in reversed(month.said(COORDINATOR)) if m.text.startswith("案例"))
    month.world.say(COORDINATOR, "一户人家的电话是13800000000，挖虫草。", reply_to=case.message_id)
    await month.settle()
    assert "〔电话〕" in month.last(COORDINATOR)
    await month.press(COORDINATOR, "用隐去后的")
    assert month.last(COORDINATOR).startswith("这一段已改好")
    ((texts,),) = await month.rows("SELECT texts FROM topic")
    assert "13800000000" not in texts
    assert await month.count("draft") == 0


async def approve(month: Play) -> None:
    """A trainer, then 定稿, asked twice; the hidden theme's question is back in the pool."""
    await month.say(COORDINATOR, "专题")
    await month.press(COORDINATOR, "1")
    await month.press(COORDINATOR, "安排")
    await month.press(COORDINATOR, "定讲师")
    plan = await month.press(COORDINATOR, "德吉")
    assert "讲师：德吉" in plan
    asked = await month.press(COORDINATOR, "定稿")
    assert "讲2个主题" in asked
    assert await month.count("gathering") == 0
    await month.press(COORDINATOR, "定稿并通知")
    assert await month.rows("SELECT kind, state FROM gathering") == [("monthly_topic", "planned")]
    states = await month.rows("SELECT state, count(*) FROM question GROUP BY state ORDER BY state")
    assert states == [("grouped", 3), ("new", 1)]
    # Now everybody of the cohort can read it, and nobody can change it.
    assert "已定稿" in await month.say(LEARNER, "专题")
    await month.press(LEARNER, "1")
    assert month.labels(LEARNER) == ["1", "2", "文档"]
    await month.press(LEARNER, "2")
    assert month.labels(LEARNER) == ["看全文", "回到专题"]


async def hold_and_answer(month: Play) -> None:
    """After the session the trainer enters an answer; each asker gets it once, and says of it."""
    await month.through(ANSWERED)
    assert await month.rows("SELECT state FROM topic") == [("held",)]
    assert "专题请写答复：2026年第一期，还有2个主题" in await month.say(SUPERVISOR, "/todo")
    await month.press(SUPERVISOR, "1")
    await month.press(SUPERVISOR, "2")
    await month.press(SUPERVISOR, "写答复")
    await month.say(SUPERVISOR, "按家庭人均算，挖虫草的收入要算进去。")
    assert await month.rows("SELECT count(*) FROM question WHERE state = 'answered'") == [(2,)]
    before = len(month.said(LEARNER))
    await month.through(ANSWERED + timedelta(minutes=15))
    told = [m for m in month.said(LEARNER)[before:] if m.text.startswith("您等的答复")]
    assert len(told) == 1
    assert "您问过：挖虫草挣的钱" in told[0].text
    assert "挖虫草挣的钱算不算低保家庭的收入" not in told[0].text
    assert "不能再改" in (await month.press(SUPERVISOR, "写答复"), month.toast(SUPERVISOR))[1]
    assert "已记下：有帮助" in await month.press(LEARNER, "有帮助")
    assert "下个月再讲" in await month.press(LEARNER, "还没有")
    assert await month.rows("SELECT count(*) FROM question WHERE state = 'new'") == [(2,)]
    rows = await month.rows("SELECT helped FROM theme_feedback")
    assert [bool(helped) for (helped,) in rows] == [False]
    # A second look sends nothing again.
    await month.through(ANSWERED + DAY)
    assert len([m for m in month.said(LEARNER) if m.text.startswith("您等的答复")]) == 1
