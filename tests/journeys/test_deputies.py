"""外出, played: the coordinator goes away, the supervisor stands in, approves, and hands back."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, colleague_id
from bot.rehearsal.rehearse import enrol_phones
from curriculum import joining
from storage.people import unit_by_name
from tests.county import write_pack
from tests.journeys.conftest import COORDINATOR, LEARNER, STRANGER, SUPERVISOR, Play, playing
from tests.journeys.test_monthly_topic import CLOSED, MORNING, START, ask, switch_on

pytestmark = pytest.mark.asyncio
DATES = ("11月18日", "11月20日")
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"
# Monday afternoon in Shanghai, before the pool closes.
MONDAY = datetime(2026, 11, 16, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def month(tmp_path: Path) -> AsyncIterator[Play]:
    """The county with four short lessons, on the tenth."""
    pack = write_pack(tmp_path / "pack")
    async with playing(tmp_path / "county", pack=pack, start=START) as play:
        await enrol_phones(play.running)
        yield play


async def test_a_coordinator_goes_away_and_a_supervisor_approves_in_her_place(month: Play) -> None:
    """From the dates to the list on her return; the old button leads nowhere afterwards."""
    await switch_on(month)
    await ask(month, LEARNER, "挖虫草挣的钱算不算低保的家庭收入？")
    await ask(month, colleague_id(1), "入户的时候狗很凶怎么办")
    await month.through(MONDAY)
    await go_away(month)
    await month.through(CLOSED)
    await month.through(MORNING)
    begins = month.with_text(SUPERVISOR, "您今天起代班")
    assert begins.silent
    assert "专题请定稿：2026年第一期" in begins.text
    assert "代 央金：专题请定稿：2026年第一期" in await month.say(SUPERVISOR, "今日待办")
    assert not [m for m in month.said(COORDINATOR) if m.text.startswith("今日待办")]
    topic = await month.press(SUPERVISOR, "1")
    assert topic.startswith("11月专题")
    await month.press(SUPERVISOR, "安排")
    stale = month.with_button(SUPERVISOR, "定稿").button("定稿")["callback_data"]
    await month.press(SUPERVISOR, "定稿")
    await month.press(SUPERVISOR, "定稿并通知")
    ((actor, facts),) = await month.rows(
        "SELECT p.name, a.facts FROM audit_entry a JOIN person p ON p.id = a.actor_id"
        " WHERE a.action = 'approve_topic'"
    )
    ((absent,),) = await month.rows("SELECT id FROM person WHERE name = '央金'")
    assert (actor, json.loads(facts)["for"]) == ("德吉", absent)
    # Back a day early: the list of what was done comes at once, and the rights are gone.
    await month.through(MORNING + 25 * HOUR)
    assert "本人答应了" in await month.say(COORDINATOR, "外出")
    before = len(month.said(COORDINATOR))
    await month.press(COORDINATOR, "我回来了")
    (ends,) = [m for m in month.said(COORDINATOR)[before:] if m.text.startswith("欢迎回来")]
    assert "专题1件" in ends.text
    assert month.last(SUPERVISOR).startswith("不用代班了")
    message = month.said(SUPERVISOR)[-1]
    month.world.forge_callback(SUPERVISOR, SUPERVISOR, message.message_id, stale)
    await month.settle()
    assert month.toast(SUPERVISOR) == NOT_THERE
    assert await month.count("draft") == 0


async def test_a_coordinator_sets_a_supervisor_as_away(month: Play) -> None:
    """From her page: dates, nobody stands in, saved, told, taken back; the page says how it is."""
    await month.say(COORDINATOR, "/people 德吉")
    await month.press(COORDINATOR, "1 德吉")
    assert "由代班的人接着办，会告诉本人" in await month.press(COORDINATOR, "外出")
    await month.press(COORDINATOR, "明天起")
    await month.say(COORDINATOR, "11月20日")
    await month.press(COORDINATOR, "没有人代")
    assert "给谁设：德吉，存下就告诉本人" in month.last(COORDINATOR)
    assert "没有人代，会告诉本人" in await month.press(COORDINATOR, "存下")
    assert month.labels(COORDINATOR) == ["撤销", "回到这个人"]
    assert month.last(SUPERVISOR).startswith("给您设了外出\n\n央金 给您设了")
    assert month.labels(SUPERVISOR) == ["换人", "取消外出"]
    await month.press(COORDINATOR, "撤销")
    assert month.last(SUPERVISOR).startswith("外出已结束\n\n这次外出取消了")
    await month.say(COORDINATOR, "/people 德吉")
    await month.press(COORDINATOR, "1 德吉")
    assert "外出" in month.labels(COORDINATOR)


async def go_away(month: Play) -> None:
    """/away: dates typed, somebody named who does not fit by her role, read back, saved."""
    assert (await month.say(COORDINATOR, "/away")).startswith("从哪天起外出")
    assert "没看懂这个日期" in await month.say(COORDINATOR, "哪天呢")
    assert (await month.say(COORDINATOR, "11月18日")).startswith("哪天回来")
    assert "回来的那天要在后面" in await month.say(COORDINATOR, "11月18日")
    await month.say(COORDINATOR, "11月20日")
    assert month.last(COORDINATOR).startswith("请谁代班")
    assert month.labels(COORDINATOR)[0] == "没有人代"
    assert "0 位" in await month.say(COORDINATOR, "卓玛")
    check = await month.say(COORDINATOR, "德吉")
    assert "外出：11月18日(周三)到 11月19日(周四)，11月20日(周五)回来" in check
    assert "代班：德吉，存下就告诉本人" in check
    assert not [m for m in month.said(SUPERVISOR) if "代班" in m.text]
    assert "德吉，已经告诉本人" in await month.press(COORDINATOR, "存下")
    assert month.labels(COORDINATOR) == ["换人", "取消外出", "撤销"]
    asked = month.last(SUPERVISOR)
    assert asked.startswith("请您代班")
    assert "协调员（巴宜区社工指导中心）" in asked
    # 不方便 by a slip of the thumb, taken back; then 好的.
    assert (await month.press(SUPERVISOR, "不方便")).startswith("这次不代了")
    assert "代班要换人" in month.last(COORDINATOR)
    assert (await month.press(SUPERVISOR, "撤销")).startswith("请您代班")
    assert (await month.press(SUPERVISOR, "好的")).startswith("您代班")
    assert month.last(COORDINATOR).startswith("代班说好了")


async def test_one_who_does_not_fit_is_refused_and_another_named(month: Play) -> None:
    """The other coordinator says 不同意, the one who goes presses 换人 and names her instead."""
    now = month.running.clock.now()
    token = await month.running.wuxue.database.write(invite, now=now)
    await month.open(STRANGER, token)
    for label in ("中文", "同意"):
        await month.press(STRANGER, label)
    await month.say(STRANGER, "次珍")
    await month.press(STRANGER, "是")
    await month.say(COORDINATOR, "外出")
    for words in (*DATES, "德吉"):
        await month.say(COORDINATOR, words)
    assert "先请次珍同意" in month.last(COORDINATOR)
    assert "等协调员同意" in await month.press(COORDINATOR, "存下")
    asked = month.last(STRANGER)
    assert asked.startswith("代班请您看看")
    assert "想请 德吉 代：协调员" in asked
    assert "没有同意请 德吉 代" in await month.press(STRANGER, "不同意")
    assert month.last(COORDINATOR).startswith("代班要换人")
    await month.press(COORDINATOR, "换人")
    assert "代班：次珍" in await month.press(COORDINATOR, "次珍")
    await month.press(COORDINATOR, "存下")
    assert month.last(STRANGER).startswith("请您代班")
    assert not [m for m in month.said(SUPERVISOR) if "代班" in m.text]
    page = await month.say(STRANGER, "/away")
    assert "您代 央金：11月18日(周三)到 11月19日(周四)" in page
    assert month.labels(STRANGER) == ["我要外出", "不方便 央金"]
    assert (await month.press(STRANGER, "我要外出")).startswith("从哪天起外出")
    for words in DATES:
        await month.say(STRANGER, words)
    await month.press(STRANGER, "没有人代")
    check = month.last(STRANGER)
    assert "要定稿的交给" in check
    assert "这些天您还在代 央金" in check
    # Nothing is kept of what was not saved.
    await month.press(STRANGER, "取消")
    assert await month.count("draft") == 0
    assert await month.rows("SELECT count(*) FROM deputy") == [(2,)]


def invite(session: Session, *, now: datetime) -> str:
    """A link into the coordinator's role of the county."""
    (unit,) = unit_by_name(session, COUNTY)
    return joining.make_invite(
        session, role="coordinator", unit=unit, cohort=None, uses=1, created_by=None, now=now
    ).token
