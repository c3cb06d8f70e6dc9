"""The weekly group study, lived through from the planned week to the ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rehearsal.county import colleague_id
from tests.journeys.conftest import COORDINATOR, LEARNER, START, Play
from tests.proving import on_both_in_the_long_run

# Whoever has the oldest place in the cohort has the first turn.
FIRST, SECOND = colleague_id(0), colleague_id(1)
ASKED = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MINUTE = timedelta(minutes=1)


async def _begin(play: Play) -> None:
    """The coordinator begins the series from chat."""
    await play.say(COORDINATOR, "共学")
    for label in ("开始共学", "周五", "15:00", "60分钟", "在工作群里", "换一天", "确认"):
        await play.press(COORDINATOR, label)


@pytest.mark.asyncio
async def test_a_session_from_its_plan_to_the_ledger(play: Play) -> None:
    """Begun, taken on, reminded of, signed in to, called, written up, read up: each in its row."""
    await _begin(play)
    series = play.last(COORDINATOR)
    assert "每周五15:00，60分钟，在工作群里" in series
    assert "11月27日(周五)15:00：次仁（待确认）" in series
    assert await play.count("gathering") == 3

    await play.through(ASKED)
    assert "轮到您主持共学" in play.with_button(FIRST, "我来主持").text
    await play.press(FIRST, "我来主持")
    await play.through(NOON)
    kit = play.with_button(FIRST, "换班").text
    assert "主持共学的准备" in kit
    assert "回顾本周的课　10分钟" in kit
    assert "第1课" in kit
    lesson = play.lesson(LEARNER)
    assert "11月27日(周五)15:00 每周共学" in lesson.text

    await play.through(FRIDAY - HOUR)
    reminder = play.with_button(LEARNER, "我来了")
    assert reminder.text.startswith("15:00 每周共学")
    assert not reminder.silent
    assert reminder.at == FRIDAY - HOUR
    await play.press(LEARNER, "我来了")
    assert "14:50起可以按" in play.toast(LEARNER)
    await play.press(SECOND, "请假")
    assert "已请假" in await play.press(SECOND, "下乡走访")

    await play.through(FRIDAY + 5 * MINUTE)
    said = len(play.said(LEARNER))
    assert "已记录：每周共学 60分钟" in await play.press(LEARNER, "我来了")
    assert len(play.said(LEARNER)) == said
    await play.through(FRIDAY + 20 * MINUTE)
    late = colleague_id(2)
    assert "等主持人核实" in await play.press(late, "我来了")

    assert "在1人，待核实1人，共7人（1/2页）" in await play.press(FIRST, "点名")
    await play.press(FIRST, "1 次仁")
    assert "格桑 鲁朗镇社工站：在（点名）" in await play.press(FIRST, "3 格桑")
    assert "已记录：每周共学 60分钟" in play.with_text(late, "15:00 每周共学").text
    await play.press(FIRST, "贴接龙")
    pasted = "#接龙\n1. 达娃 晚到一会\n2、尼码\n3 没有的人\n4. 白玛 请假"
    assert "认出 1 人，1 人不确定" in await play.say(FIRST, pasted)
    checked = await play.press(FIRST, "尼玛 八一镇社工站")
    assert "名单里没有：没有的人" in checked
    assert "写着不来的，不记：白玛" in checked
    assert "新记 2 人" in await play.press(FIRST, "记到场")
    assert await _evidence(play) == {
        "扎西": "signed_in",
        # She led it, and nobody but herself says that she was there.
        "次仁": "signed_in",
        "格桑": "roll_call",
        "达娃": "imported",
        "尼玛": "imported",
    }

    await play.through(FRIDAY + HOUR)
    before = len(play.said(LEARNER))
    await play.press(FIRST, "写纪要")
    await play.say(FIRST, "先听，再问开放的问题\n走访两人一起去")
    await play.press(FIRST, "没有")
    await play.say(FIRST, "老人不愿搬家，电话13812345678，怎么劝")
    assert "老人不愿搬家，电话〔电话〕，怎么劝" in play.last(FIRST)
    await play.press(FIRST, "用隐去后的")
    assert "发给 7 人，1 个问题已放进提问" in await play.press(FIRST, "发给大家")
    asked = "老人不愿搬家，电话〔电话〕，怎么劝"
    assert await play.rows("SELECT text, state FROM question") == [(asked, "new")]
    await play.press(FIRST, "撤回")
    assert "走访两人一起去" in play.with_text(FIRST, "纪要已撤回").text
    assert "走访两人一起去" not in play.with_text(LEARNER, "15:00 每周共学").text
    await play.press(FIRST, "写纪要")
    await play.say(FIRST, "先听，再问开放的问题\n走访两人一起去")
    await play.press(FIRST, "没有")
    await play.say(FIRST, asked)
    assert "1 个问题已放进提问" in await play.press(FIRST, "发给大家")
    assert "先听，再问开放的问题" in play.with_text(LEARNER, "15:00 每周共学").text
    assert len(play.said(LEARNER)) == before, "the one message is edited, no other is sent"

    await play.press(SECOND, "读过了")
    assert "已记录：补学 10分钟" in await play.press(SECOND, "2")
    assert (await _evidence(play))["白玛"] == "made_up"
    await play.press(FIRST, "3 格桑")
    assert "格桑" not in await _evidence(play)
    await _proposed_from_minutes(play)
    assert play.bugs == []


async def _proposed_from_minutes(play: Play) -> None:
    """A line of the minutes is proposed to whoever did it; taken back, it stays proposed."""
    await play.say(COORDINATOR, "共学")
    await play.press(COORDINATOR, "1")
    assert "2. 走访两人一起去" in await play.press(COORDINATOR, "推荐经验")

    async def propose() -> str:
        message_id = play.with_text(COORDINATOR, "纪要里的好做法").message_id
        play.world.forge_callback(COORDINATOR, COORDINATOR, message_id, "nominate_from:minutes:2")
        await play.settle()
        await play.say(COORDINATOR, "扎西")
        shown = await play.press(COORDINATOR, "扎西 · 鲁朗镇社工站")
        assert "走访两人一起去" in shown
        return await play.press(COORDINATOR, "就用这段")

    assert (await propose()).startswith("已推荐给本人")
    assert play.last(LEARNER).startswith("有人推荐了您的经验")
    assert "走访两人一起去" in await play.press(LEARNER, "看一看")
    assert play.labels(LEARNER)[:3] == ["同意", "改一改", "不用了"]
    await play.press(LEARNER, "不用了")
    assert (await play.press(COORDINATOR, "撤销")).startswith("撤回了")
    await propose()
    assert play.toast(COORDINATOR).startswith("这一条已经推荐过给本人了")


@pytest.mark.asyncio
async def test_a_coordinator_changes_what_is_planned_and_facilitators_swap(play: Play) -> None:
    """Cancelled and taken back, moved with its reason, given to another; each told once."""
    await _begin(play)
    await play.press(COORDINATOR, "2")
    assert "会告诉 7 人" in await play.press(COORDINATOR, "取消共学")
    assert "已取消：天气路况" in await play.press(COORDINATOR, "天气路况")
    assert "主持：白玛（待确认）" in await play.press(COORDINATOR, "撤销")
    told = len(play.said(LEARNER))
    await play.through(START + 5 * MINUTE)
    assert len(play.said(LEARNER)) == told

    await play.press(COORDINATOR, "改时间")
    assert "没看懂这个日期" in await play.say(COORDINATOR, "随便哪天")
    await play.say(COORDINATOR, "12-3")
    await play.press(COORDINATOR, "16:00")
    await play.press(COORDINATOR, "只改这次")
    await play.press(COORDINATOR, "紧急任务")
    assert "改到 12月3日(周四)16:00" in play.last(COORDINATOR)
    assert play.last(COORDINATOR).startswith("请核对一下")
    assert (await play.press(COORDINATOR, "确认")).startswith("12月3日(周四)16:00")
    await play.through(ASKED)
    assert "每周共学改到 12月3日(周四)16:00" in play.lesson(LEARNER).text

    await play.press(COORDINATOR, "换主持")
    await play.press(COORDINATOR, "尼玛")
    assert "主持：尼玛（待确认）" in play.with_text(COORDINATOR, "12月3日(周四)16:00").text
    # Friday's turn is still open: a line of 今日待办.
    assert "主持待确认：2026年第一期，11月27日(周五)" in play.last(COORDINATOR)
    await play.press(FIRST, "我来主持")
    assert "和谁换一次" in await play.press(FIRST, "换班")
    await play.press(FIRST, "格桑 12月11日(周五)15:00")
    third = colleague_id(2)
    assert "次仁想把 11月27日(周五)15:00 的共学和您 12月11日(周五)15:00 的换一下" in play.last(
        third
    )
    assert "换好了" in await play.press(third, "可以换")
    assert "您主持 12月11日(周五)15:00" in play.with_text(FIRST, "换好了主持").text
    assert "11月27日(周五)15:00：格桑" in await play.say(COORDINATOR, "共学")

    # A learner sees her own next session, and finds nothing to arrange.
    assert "11月27日(周五)15:00，60分钟" in await play.say(LEARNER, "共学")
    assert play.labels(LEARNER) == ["请假"]
    data = play.with_button(COORDINATOR, "停办共学").button("停办共学")["callback_data"]
    forged = play.said(LEARNER)[-1].message_id
    for carried in (data, "session:1", "roll:1", "called_off:1:1:weather", "leaders:1"):
        play.world.forge_callback(LEARNER, LEARNER, forged, carried)
        await play.settle()
        assert "没有找到" in play.toast(LEARNER), carried

    await play.press(COORDINATOR, "停办共学")
    assert "还没有开" in await play.press(COORDINATOR, "停办共学")


@on_both_in_the_long_run
@pytest.mark.asyncio
async def test_a_session_on_postgresql(on_postgresql: Play) -> None:
    """Begun, reminded of, signed in to, called from a list, written up."""
    play = on_postgresql
    await _begin(play)
    await play.through(ASKED)
    await play.press(FIRST, "我来主持")
    await play.through(FRIDAY - HOUR)
    await play.through(FRIDAY)
    assert "已记录：每周共学 60分钟" in await play.press(LEARNER, "我来了")
    assert "在1人，共7人" in await play.say(COORDINATOR, "/roll")
    await play.press(COORDINATOR, "贴接龙")
    await play.say(COORDINATOR, "1. 次仁\n2. 扎西")
    assert "新记 1 人" in await play.press(COORDINATOR, "记到场")
    await play.press(FIRST, "写纪要")
    await play.say(FIRST, "先听")
    await play.press(FIRST, "没有")
    await play.press(FIRST, "没有")
    await play.press(FIRST, "发给大家")
    assert "先听" in play.with_text(LEARNER, "15:00 每周共学").text
    assert await _evidence(play) == {"扎西": "signed_in", "次仁": "imported"}


@pytest.mark.asyncio
async def test_each_part_of_the_minutes_is_read_for_danger(play: Play) -> None:
    """The contacts come to whoever writes, alone; afterwards the minutes can be finished."""
    await _begin(play)
    await play.through(ASKED)
    await play.press(FIRST, "我来主持")
    await play.through(FRIDAY + HOUR)
    await play.press(FIRST, "写纪要")
    before = len(play.said(LEARNER))
    for part in ("隔壁的孩子昨晚又被他爸爸打了", "今天就去看她，她说她不想活了"):
        assert (await play.say(FIRST, part)).startswith("先保证人的安全")
        await play.press(FIRST, "只是学习问题")
    danger = "隔壁的孩子现在正在被他爸爸打，怎么办？"
    assert (await play.say(FIRST, danger)).startswith("先保证人的安全")
    await play.press(FIRST, "正在发生")
    assert danger in await play.press(FIRST, "接着保存")
    assert len(play.said(LEARNER)) == before
    assert "1 个问题已放进提问" in await play.press(FIRST, "发给大家")
    assert await play.count("danger_alert") == 1


@pytest.mark.asyncio
async def test_the_weeks_last_lesson_asks_which_one_was_of_use(play: Play) -> None:
    """Friday only; hers alone until she shares it, then without her name in the next kit."""
    await _begin(play)
    await play.through(ASKED)
    await play.press(LEARNER, "学完了")
    assert "用上了" not in _labels(play, LEARNER)
    await play.through(FRIDAY - 5 * HOUR)
    await play.press(LEARNER, "学完了")
    assert "用上了" in _labels(play, LEARNER)
    assert "这周哪一课用上了" in await play.press(LEARNER, "用上了")
    assert len(play.labels(LEARNER)) == 4, "three lessons so far, and that there was no chance"
    await play.press(LEARNER, play.labels(LEARNER)[0])
    said = "他昨晚又被打了。先问了老人自己想怎么办，电话13812345678"
    assert (await play.say(LEARNER, said)).startswith("先保证人的安全")
    await play.press(LEARNER, "只是学习问题")
    assert "只有您自己看得到" in await play.press(LEARNER, "用隐去后的")
    await play.say(LEARNER, "进度")
    assert "用过1课" in play.said(LEARNER)[-1].json["caption"]
    await play.press(LEARNER, "放进共学")
    await play.through(FRIDAY + 6 * DAY - 3 * HOUR)
    missing = play.with_text(COORDINATOR, "共学还没人主持").text
    assert "先问了老人自己想怎么办，电话〔电话〕" in missing
    assert "扎西" not in missing
    await play.press(LEARNER, "撤销")
    assert await play.rows("SELECT is_shared FROM used_lesson") == [(0,)]
    shown = await play.press(LEARNER, "讲成经验")
    assert "先问了老人自己想怎么办，电话〔电话〕" in shown
    assert (await play.press(LEARNER, "接着写")).startswith("写“题目”")
    assert await play.rows("SELECT state, nominated_by FROM story") == [("draft", None)]


def _labels(play: Play, user: int) -> set[str]:
    """The buttons under the newest lesson."""
    return {button["text"] for button in play.lesson(user).buttons}


async def _evidence(play: Play) -> dict[str, str]:
    """What stands in the ledger of the weekly study, by name."""
    rows = await play.rows(
        "SELECT person_name, evidence FROM learning_record r WHERE study = 'weekly_study'"
        " AND mode = 'online' AND evidence <> 'annulled'"
        " AND NOT EXISTS (SELECT 1 FROM learning_record c WHERE c.corrects = r.id)"
    )
    return dict(rows)
