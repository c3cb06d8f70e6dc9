"""季度分享 from the call to the library: author, two reviewers, coordinator, a colleague."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play

pytestmark = pytest.mark.asyncio
COLLEAGUE = 5_000_100
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"
PHONE = "13889041234"
PARTS = {
    "先听后说": "写“背景”",
    "老人不愿开门，去了三次。": "写“做法”",
    f"先打电话{PHONE}约时间，再带一位同村的人。": "请看看要不要隐去",
}
REST = ("第四次开了门，后来常来往。", "早点请同村的人一起去。", "入户前先找一位同村的熟人。")


async def _write(play: Play) -> None:
    """The five parts, one with a client's number that is masked."""
    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "讲经验")
    assert (await play.press(LEARNER, "一步一步写")).startswith("写“题目”")
    for text, then in PARTS.items():
        assert (await play.say(LEARNER, text)).startswith(then)
    said = await play.press(LEARNER, "用隐去后的")
    assert said.startswith("写“成效”")
    assert "已从聊天里删掉" in said
    for text in REST:
        said = await play.say(LEARNER, text)
    assert said.startswith("我的经验 · 在写")
    assert "可以提交评审了" in said


async def _hand_in(play: Play) -> str:
    await play.press(LEARNER, "提交评审")
    await play.press(LEARNER, "本县区")
    return await play.press(LEARNER, "可以")


async def test_a_story_goes_from_the_call_into_the_library(morning: Play) -> None:
    """Called, written, masked, handed in, sent back, approved by two, ordered, shared, read."""
    play = morning
    await play.say(COORDINATOR, "季度分享")
    shown = await play.press(COORDINATOR, "开始征集")
    assert "截止" in shown
    await play.press(COORDINATOR, "发出征集")
    assert "撤回" in play.labels(COORDINATOR)
    before = len(play.said(LEARNER))
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    new = [m.text for m in play.said(LEARNER)[before:]]
    assert new == [] or new[0].startswith("本季度征集经验")
    await _write(play)
    assert PHONE not in str(await play.rows("SELECT sealed, parts FROM story"))
    assert "评审中" in await _hand_in(play)

    shown = await play.say(SUPERVISOR, "经验库")
    assert "有1篇等您评审" in shown
    await play.press(SUPERVISOR, "评审经验")
    shown = await play.press(SUPERVISOR, "1")
    assert "〔电话〕" in shown
    await play.press(SUPERVISOR, "提建议")
    assert "已交回作者" in await play.say(SUPERVISOR, "第三次为什么没开，再写一句")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert "同事看过您的经验" in [m.text.split("\n")[0] for m in play.said(LEARNER)]
    shown = await play.press(LEARNER, "看一看")
    assert "第三次为什么没开" in shown
    await play.press(LEARNER, "改一改")
    await play.press(LEARNER, "背景")
    await play.say(LEARNER, "老人不愿开门，去了三次，他怕是来催钱的。")
    await _hand_in(play)

    for reviewer, done in ((SUPERVISOR, "再有一位就好"), (COORDINATOR, "已进经验库")):
        await play.say(reviewer, "经验库")
        await play.press(reviewer, "评审经验")
        await play.press(reviewer, "1")
        assert done in await play.press(reviewer, "通过")
    assert await play.rows("SELECT state, sealed FROM story") == [("approved", None)]

    await play.say(COORDINATOR, "季度分享")
    shown = await play.press(COORDINATOR, "安排次序")
    assert "先听后说 · 扎西，15分钟" in shown
    await play.press(COORDINATOR, "1")
    assert "20分钟" in await play.press(COORDINATOR, "20分钟")
    assert "已通知1位讲者" in await play.press(COORDINATOR, "通知讲者")

    await play.say(COLLEAGUE, "经验库")
    await play.press(COLLEAGUE, "看经验")
    await play.press(COLLEAGUE, "找经验")
    assert "1. 先听后说 · 扎西" in await play.say(COLLEAGUE, "开门")
    assert "同村的熟人" in await play.press(COLLEAGUE, "1")
    await play.press(COLLEAGUE, "评一评")
    await play.press(COLLEAGUE, "5分")
    assert "只有作者看得到" in await play.say(COLLEAGUE, "下次我也请同村的人")
    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "我的经验")
    await play.press(LEARNER, "1")
    shown = await play.press(LEARNER, "看反馈")
    assert "1位同事评过" in shown
    assert "下次我也请同村的人" in shown

    ((starts_at,),) = await play.rows("SELECT starts_at FROM story_call")
    starts = datetime.fromisoformat(str(starts_at)).replace(tzinfo=UTC)
    await play.through(starts - timedelta(minutes=5))
    await play.press(LEARNER, "我来了")
    await play.through(starts + timedelta(hours=3))
    assert await play.rows(
        "SELECT study, minutes FROM learning_record WHERE study = 'quarterly_share'"
    ) == [("quarterly_share", 120)]
    await play.say(COORDINATOR, "季度分享")
    await play.press(COORDINATOR, "发摘要")
    *_, page, word, markdown = play.said(COORDINATOR)
    assert "来了1人，讲了1篇" in page.text
    assert [m.json["document"]["file_name"][-4:] for m in (word, markdown)] == ["docx", "5.md"]

    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "我的经验")
    await play.press(LEARNER, "1")
    assert "已撤回" in await play.press(LEARNER, "撤回经验")
    await play.say(COLLEAGUE, "经验库")
    assert "还没有经验" in await play.press(COLLEAGUE, "看经验")
    assert "已入库" in await play.press(LEARNER, "撤销")
