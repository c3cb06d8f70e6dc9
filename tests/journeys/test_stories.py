"""季度分享 from the call to the library: author, two reviewers, coordinator, a colleague."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.journeys.conftest import COORDINATOR, LEARNER, START, SUPERVISOR, Play, playing
from tests.media_files import opus, picture
from tests.proving import on_both_in_the_long_run

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
    # She may stop and go on; a picture sent too early is kept with the story.
    assert "写好的都在" in await play.press(LEARNER, "先停")
    await play.press(LEARNER, "接着写")
    await play.press(LEARNER, "接着写")
    play.world.send_file(LEARNER, "p.png", picture(), kind="photo")
    await play.settle()
    assert play.last(LEARNER).startswith("写“题目”")
    assert "附件收下了，一共1个" in play.last(LEARNER)
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
    await play.say(COORDINATOR, "季度分享")
    for which, written, shown in (
        ("截止日", "12-11", "征集到 12月11日(周五)"),
        ("分享会", "12-24 16:00", "分享会 12月24日(周四)16:00"),
    ):
        await play.press(COORDINATOR, "改时间")
        await play.press(COORDINATOR, which)
        assert shown in await play.say(COORDINATOR, written)
    await play.press(COORDINATOR, "改时间")
    await play.press(COORDINATOR, "评审日")
    assert "日子排不开" in await play.say(COORDINATOR, "12-30")
    await play.press(COORDINATOR, "取消")
    assert play.with_button(COORDINATOR, "季度分享").text.startswith("已取消")
    await play.say(COORDINATOR, "季度分享")
    assert "每季自动征集" in await play.press(COORDINATOR, "每季自动")
    await _write(play)
    assert PHONE not in str(await play.rows("SELECT sealed, parts FROM story"))
    assert "评审中" in await _hand_in(play)

    shown = await play.say(SUPERVISOR, "经验库")
    assert "有1篇等您评审" in shown
    await play.press(SUPERVISOR, "评审经验")
    shown = await play.press(SUPERVISOR, "1")
    assert "〔电话〕" in shown
    await play.press(SUPERVISOR, "提建议")
    words = "第三次为什么没开，再写一句"
    assert "已交回作者" in await play.say(SUPERVISOR, words)
    assert words in await play.press(SUPERVISOR, "撤销")
    await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "提建议")
    await play.say(SUPERVISOR, words)
    await play.through(play.running.clock.now() + timedelta(minutes=11))
    assert "同事看过您的经验" in [m.text.split("\n")[0] for m in play.said(LEARNER)]
    await play.press(LEARNER, "看一看")
    assert [m for m in play.said(LEARNER) if "第三次为什么没开" in m.text]
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
    assert "通知1位讲者" in await play.press(COORDINATOR, "通知讲者")
    assert "1 个没有发" in await play.press(COORDINATOR, "撤回")
    await play.press(COORDINATOR, "安排次序")
    await play.press(COORDINATOR, "通知讲者")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert play.last(LEARNER).startswith("请您在分享会上讲")
    assert "这次您不讲" in await play.press(LEARNER, "这次不行")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert play.last(COORDINATOR).startswith("有位讲者这次不行")
    assert "您排第1位，20分钟" in await play.press(LEARNER, "撤销")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert play.last(COORDINATOR).startswith("讲者还是来讲")

    await play.say(SUPERVISOR, "经验库")
    await play.press(SUPERVISOR, "看经验")
    await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "加标签")
    assert (await play.say(SUPERVISOR, "独居 138 8904 1234")).startswith("请看看要不要隐去")
    assert "独居" in await play.press(SUPERVISOR, "用隐去后的")
    assert await play.rows("SELECT tag FROM story_tag ORDER BY id") == [("独居",), ("〔电话〕",)]

    await play.say(COLLEAGUE, "经验库")
    await play.press(COLLEAGUE, "看经验")
    await play.press(COLLEAGUE, "找经验")
    assert "1. 先听后说 · 扎西" in await play.say(COLLEAGUE, "开门")
    assert "同村的熟人" in await play.press(COLLEAGUE, "1")
    await play.press(COLLEAGUE, "评一评")
    await play.press(COLLEAGUE, "5分")
    assert "只有作者看得到" in await play.say(COLLEAGUE, "下次我也请同村的人")
    assert play.labels(COLLEAGUE) == ["回到这篇"]
    assert "同村的熟人" in await play.press(COLLEAGUE, "回到这篇")
    await play.say(COLLEAGUE, "/ask 老人不愿开门，怎么找同村的人一起入户？")
    assert play.last(COLLEAGUE).startswith("同事有过这样的做法")
    assert "同村的熟人" in await play.press(COLLEAGUE, "1")
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
    await play.say(COORDINATOR, "今日待办")
    assert "请发分享会摘要" in play.last(COORDINATOR)
    await play.press(COORDINATOR, "1")
    looked = await play.press(COORDINATOR, "发摘要")
    assert looked.startswith("摘要，发出前看看")
    assert not await play.rows("SELECT id FROM story_call WHERE digest_at IS NOT NULL")
    await play.press(COORDINATOR, "发送")
    *_, page, word, markdown = play.said(COORDINATOR)
    assert "来了1人，讲了1篇" in page.text
    assert [m.json["document"]["file_name"][-4:] for m in (word, markdown)] == ["docx", "4.md"]

    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "我的经验")
    await play.press(LEARNER, "1")
    assert "已撤回" in await play.press(LEARNER, "撤回经验")
    await play.say(COLLEAGUE, "经验库")
    assert "还没有经验" in await play.press(COLLEAGUE, "看经验")
    assert "已入库" in await play.press(LEARNER, "撤销")


async def test_what_was_told_at_once_is_sorted_and_agreed_to(morning: Play) -> None:
    """A supervisor proposes it; the author adds a voice and agrees; a reviewer sorts it first."""
    play = morning
    await play.say(SUPERVISOR, "经验库")
    await play.press(SUPERVISOR, "推荐经验")
    assert "没有找到叫“多吉才让”的学员" in await play.say(SUPERVISOR, "多吉才让")
    await play.say(SUPERVISOR, "扎")
    await play.press(SUPERVISOR, "扎西 · 鲁朗镇社工站")
    said = await play.say(SUPERVISOR, f"他请同村的人一起入户，电话{PHONE}")
    assert said.startswith("请看看要不要隐去")
    assert "扎西会收到这份草稿" in await play.press(SUPERVISOR, "用隐去后的")
    assert play.last(LEARNER).startswith("有人推荐了您的经验")
    shown = await play.press(LEARNER, "看一看")
    assert "他请同村的人一起入户" in shown
    assert play.labels(LEARNER)[:3] == ["同意", "改一改", "不用了"]

    await play.press(LEARNER, "改一改")
    await play.press(LEARNER, "题目")
    await play.say(LEARNER, "同村人一起去")
    await play.press(LEARNER, "加附件")
    assert "清空附件" not in play.labels(LEARNER), "there is nothing to clear"
    play.world.send_voice(LEARNER, opus())
    await play.settle()
    assert "已有1个" in play.last(LEARNER)
    assert "清空附件" in play.labels(LEARNER)
    play.world.send_file(LEARNER, "p.png", picture(), kind="photo")
    await play.settle()
    await play.press(LEARNER, "加好了")
    assert "附件：2个" in play.last(LEARNER)
    await play.press(LEARNER, "提交评审")
    await play.press(LEARNER, "本班组")

    await play.say(COORDINATOR, "经验库")
    await play.press(COORDINATOR, "评审经验")
    await play.press(COORDINATOR, "1")
    before = len(play.said(COORDINATOR))
    await play.press(COORDINATOR, "看附件")
    assert len(play.said(COORDINATOR)) == before + 2
    for part in ("背景", "做法", "成效", "反思", "可推广点"):
        await play.press(COORDINATOR, "帮忙整理")
        await play.press(COORDINATOR, part)
        await play.say(COORDINATOR, f"整理好的{part}")
    assert "通过" not in play.labels(COORDINATOR)
    assert "一分钟后请作者看" in await play.press(COORDINATOR, "请作者看")
    assert "没有告诉作者" in await play.press(COORDINATOR, "撤销")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "请作者看")
    assert not play.last(LEARNER).startswith("您的经验分好段了")
    await play.through(play.running.clock.now() + timedelta(minutes=2))
    assert play.last(LEARNER).startswith("您的经验分好段了")
    assert "整理好的做法" in await play.press(LEARNER, "看一看")
    await play.press(LEARNER, "同意")
    assert "评审中" in await play.press(LEARNER, "本班组")
    assert "已撤回" in await play.press(LEARNER, "撤回经验")
    await play.press(LEARNER, "改一改")
    await play.press(LEARNER, "删掉草稿")
    assert (await play.press(LEARNER, "删掉草稿")).startswith("好的，已经删掉")
    assert await play.count("story_file") == 0
    assert await play.rows("SELECT state, sealed FROM story") == [("declined", None)]


async def test_a_draft_outlives_a_restart_and_is_nobody_elses(folder: Path) -> None:
    """What was written stays sealed in its row; forged buttons of others lead nowhere."""
    async with playing(folder) as play:
        await play.say(LEARNER, "经验库")
        await play.press(LEARNER, "讲经验")
        await play.press(LEARNER, "一步一步写")
        await play.say(LEARNER, "先听后说")
        assert "先听后说" not in str(await play.rows("SELECT sealed FROM story"))
    async with playing(folder) as play:
        await play.through(START + timedelta(days=9))
        await play.say(LEARNER, "经验库")
        assert "先听后说" in await play.press(LEARNER, "讲经验")
        assert (await play.press(LEARNER, "接着写")).startswith("写“背景”")
        for user, data in (
            (SUPERVISOR, "my_story:1"),
            (SUPERVISOR, "story_review:1"),
            (SUPERVISOR, "story:1"),
            (SUPERVISOR, "story_withdraw:1"),
            (LEARNER, "story_reviews:0"),
            (LEARNER, "share_of:1"),
            (LEARNER, "share_open:1"),
            (LEARNER, "programme:1"),
            (LEARNER, "nominate_story:"),
            (COORDINATOR, "share_of:999999"),
            (COORDINATOR, "slot:1:1"),
            (COORDINATOR, "digest:1"),
            (LEARNER, "story_part:1:1:nothing"),
        ):
            await play.say(user, "经验库")
            play.world.forge_callback(user, user, play.said(user)[-1].message_id, data)
            await play.settle()
            assert play.toast(user) == NOT_THERE, data


@on_both_in_the_long_run
async def test_a_story_is_told_and_approved_on_postgresql(on_postgresql: Play) -> None:
    """The longest one that may be written fits its pages; two approve it; a colleague reads it."""
    play = on_postgresql
    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "讲经验")
    await play.press(LEARNER, "一次说完")
    assert "1 到 3000 个字" in await play.say(LEARNER, "长" * 3001)
    await play.say(LEARNER, "长" * 3000)
    assert await play.count("story") == 1
    await play.press(LEARNER, "改一改")
    await play.press(LEARNER, "题目")
    await play.say(LEARNER, "很长的一篇")
    await play.press(LEARNER, "提交评审")
    await play.press(LEARNER, "本地市")
    await play.press(LEARNER, "可以")
    await play.say(SUPERVISOR, "经验库")
    await play.press(SUPERVISOR, "评审经验")
    await play.press(SUPERVISOR, "1")
    for part in ("背景", "做法", "成效", "反思", "可推广点"):
        await play.press(SUPERVISOR, "帮忙整理")
        await play.press(SUPERVISOR, part)
        assert (await play.say(SUPERVISOR, part[0] * 600)).startswith("请您看这一篇")
    await play.press(SUPERVISOR, "请作者看")
    # It is night, so she is not told before the morning; it stands among her own.
    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "我的经验")
    await play.press(LEARNER, "1")
    await play.press(LEARNER, "同意")
    await play.press(LEARNER, "本地市")
    await play.press(LEARNER, "可以")
    for reviewer in (SUPERVISOR, COORDINATOR):
        await play.say(reviewer, "经验库")
        await play.press(reviewer, "评审经验")
        await play.press(reviewer, "1")
        await play.press(reviewer, "通过")
    await play.say(COORDINATOR, "经验库")
    await play.press(COORDINATOR, "看经验")
    assert (await play.press(COORDINATOR, "1")).startswith("一篇经验")
    await play.press(COORDINATOR, "加标签")
    assert "#探访 #独居" in await play.say(COORDINATOR, "探访、独居")
    assert "已经问过作者" in await play.press(COORDINATOR, "做成课稿")
    # It is night still; she finds it among her own before the word of it comes.
    await play.say(LEARNER, "经验库")
    await play.press(LEARNER, "我的经验")
    assert "想把这篇做成本地经验课" in await play.press(LEARNER, "1")
    assert "可以做成课" in await play.press(LEARNER, "同意")
    await play.through(play.running.clock.now() + timedelta(days=1))
    assert "课稿可以取了" in play.with_text(COORDINATOR, "作者同意做成课").text
    await play.press(COORDINATOR, "做成课稿")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"] == "L001.zh.md"
