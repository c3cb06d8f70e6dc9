"""Supervision enough for everybody from chat: queue, group, journey, handover, days off."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from bot.rehearsal.county import COUNTY, colleague_id
from curriculum import joining
from storage.people import unit_by_name
from tests.journeys.conftest import COORDINATOR, LEARNER, START, STRANGER, SUPERVISOR, Play

MINUTE = timedelta(minutes=1)
WORKER, COLLEAGUE = LEARNER, colleague_id(5)
WEDNESDAY = START + timedelta(hours=12)


async def _publish(play: Play, written: str) -> None:
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "我的时间")
    await play.press(SUPERVISOR, "加时间")
    await play.say(SUPERVISOR, written)
    await play.press(SUPERVISOR, "确认")


async def _assign(play: Play, place: str) -> str:
    """From the queue in two taps."""
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "时间够吗")
    await play.press(COORDINATOR, "等督导的")
    await play.press(COORDINATOR, place)
    return await play.press(COORDINATOR, "德吉")


@pytest.mark.asyncio
async def test_from_a_wish_to_a_group_and_a_journey_that_moves_online(play: Play) -> None:
    """She asks privately, has a supervisor in two taps, meets with a colleague, then online."""
    said = len(play.said(SUPERVISOR))
    await play.say(WORKER, "督导")
    # Without a supervisor she comes back from what she wrote with her peers, too.
    await play.press(WORKER, "督导记录")
    await play.press(WORKER, "回到督导")
    assert "只有协调员知道" in await play.press(WORKER, "我想要督导")
    assert "想早一点" in await play.press(WORKER, "先不用了")
    await play.press(WORKER, "我想要督导")
    assert len(play.said(SUPERVISOR)) == said
    assert "想要督导：1人" in await play.say(COORDINATOR, "待办")
    await play.press(COORDINATOR, "1")
    assert "1. 扎西（" in play.last(COORDINATOR)
    assert "想要督导" in play.last(COORDINATOR)
    assert "没写每月小时" in await play.press(COORDINATOR, "1")
    assert "10分钟内可以撤销" in await play.press(COORDINATOR, "德吉")
    await _assign(play, "1")
    await play.through(WEDNESDAY)
    assert "陪伴您的是德吉" in play.with_text(WORKER, "督导结对").text
    assert "德吉，陪伴2人" in await _need(play)
    await play.press(COORDINATOR, "按站点")
    assert "八一" in play.with_text(COORDINATOR, "需要与可用").text
    await play.press(COORDINATOR, "按督导者")
    await play.press(COORDINATOR, "看图")
    assert play.said(COORDINATOR)[-1].json["photo"]

    # Two of hers together; one says that she cannot.
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "更多")
    await play.press(SUPERVISOR, "小组督导")
    await play.press(SUPERVISOR, "定小组")
    await play.press(SUPERVISOR, "全都请")
    await play.say(SUPERVISOR, "11月30日下午3点")
    await play.press(SUPERVISOR, "线上")
    assert "告诉大家" in await play.press(SUPERVISOR, "确认")
    await play.through(WEDNESDAY + 2 * MINUTE)
    assert "11月30日(周一)15:00" in play.with_text(WORKER, "请您和几位同事").text
    assert "时间已空出来" in await play.press(WORKER, "去不了")
    await play.through(WEDNESDAY + 4 * MINUTE)
    assert "扎西来不了" in play.last(SUPERVISOR)
    assert "来不了：扎西" in await play.press(SUPERVISOR, "打开")

    # Moved to another time, told once, and moved back.
    assert "原来11月30日(周一)15:00。请写新的时间" in await play.press(SUPERVISOR, "改时间")
    assert "不用改" in await play.say(SUPERVISOR, "11月30日下午3点")
    assert "改到12月1日(周二)10:00" in await play.say(SUPERVISOR, "12月1日上午10点")
    assert "12月1日(周二)10:00" in await play.press(SUPERVISOR, "确认")
    await play.press(SUPERVISOR, "日历")
    assert play.said(SUPERVISOR)[-1].json["document"]["file_name"] == "supervision-group-1.ics"
    await play.through(WEDNESDAY + 6 * MINUTE)
    moved = play.with_text(WORKER, "小组督导改了时间").text
    assert "原来定在11月30日(周一)15:00，改到12月1日(周二)10:00" in moved
    assert "这个时间能去，请按“能去”" in moved
    assert [m.text for m in play.said(WORKER) if "请您和几位同事" in m.text] == []
    assert "11月30日(周一)15:00，已改期，见下方" in play.with_text(WORKER, "已改期").text
    await play.press(WORKER, "日历")
    assert play.said(WORKER)[-1].json["document"]["file_name"] == "supervision-group-1.ics"
    await play.press(SUPERVISOR, "撤销")
    assert "11月30日(周一)15:00，60分钟" in play.with_button(SUPERVISOR, "取消小组").text
    await play.through(WEDNESDAY + 8 * MINUTE)
    assert "改到11月30日(周一)15:00" in play.with_text(WORKER, "小组督导改了时间").text
    await play.press(SUPERVISOR, "取消小组")
    assert "已取消" in play.with_button(SUPERVISOR, "撤销").text
    await play.press(SUPERVISOR, "撤销")
    assert "已取消" not in play.with_button(SUPERVISOR, "取消小组").text

    # The day becomes a day off: its supervisor is asked, and looks at what else is free.
    await play.say(COORDINATOR, "节假日")
    await play.press(COORDINATOR, "贴放假通知")
    checked = await play.say(COORDINATOR, "11月30日(周一)放假一天")
    assert "0个督导预约、1次小组督导" in checked
    assert "1次小组督导问督导者" in await play.press(COORDINATOR, "确认")
    await play.through(WEDNESDAY + 11 * MINUTE)
    assert "请了2位，那天放假" in play.with_text(SUPERVISOR, "照常还是改时间").text
    await _publish(play, "周二 14:00-17:00")
    assert "大家都空着" in await play.press(SUPERVISOR, "改时间")
    assert "改到12月1日(周二)14:00" in await play.press(SUPERVISOR, "12月1日(周二)14:00")
    await play.press(SUPERVISOR, "取消")
    await play.press(SUPERVISOR, "照常")
    assert "11月30日(周一)15:00那天放假" in play.with_text(SUPERVISOR, "您说小组督导照常").text
    await play.press(COORDINATOR, "撤销")
    await play.through(WEDNESDAY + 13 * MINUTE)
    assert "又不放假了，小组督导照旧" in play.with_text(SUPERVISOR, "小组督导那天上班").text

    # A session on a journey moves online with it, once told.
    await _publish(play, "11-27 10:00-12:00 去鲁朗")
    await play.say(WORKER, "督导")
    await play.press(WORKER, "约时间")
    await play.press(WORKER, "11月27日(周五)")
    assert "当面" in await play.press(WORKER, "10:00")
    await play.through(datetime(2026, 11, 26, 6, 0, tzinfo=UTC))
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "更多")
    await play.press(SUPERVISOR, "我的出行")
    assert "还没有链接" in await play.press(SUPERVISOR, "改为线上 1")
    await play.press(SUPERVISOR, "发链接")
    assert "meeting.example/1" in await play.say(SUPERVISOR, "https://meeting.example/1")
    await play.through(datetime(2026, 11, 26, 6, 3, tzinfo=UTC))
    told = play.with_text(WORKER, "督导改为线上")
    assert "https://meeting.example/1" in told.text
    await play.press(WORKER, "知道了")
    assert "知道了" in await play.press(SUPERVISOR, "刷新")

    # What was set is written down the day after, its people and date filled in.
    await play.press(WORKER, "能去")
    await play.through(datetime(2026, 12, 1, 6, 0, tzinfo=UTC))
    due = play.with_text(SUPERVISOR, "的小组督导开过了，2位")
    assert "写记录" in [button["text"] for button in due.buttons]
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "更多")
    assert "1. 11月30日(周一)15:00，2人，还没写记录" in await play.press(SUPERVISOR, "小组督导")
    assert "您能去吗" not in await play.press(SUPERVISOR, "1")
    assert "11月30日(周一)15:00的小组督导，有" in await play.press(SUPERVISOR, "记小组")
    said = await play.press(SUPERVISOR, "就这几位")
    assert "小组督导" in said
    assert "11月30日(周一)，60分钟，线上" in said
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "更多")
    assert "还没写记录" not in await play.press(SUPERVISOR, "小组督导")
    forged = ("sup_queue:0", "sup_need:0:0", "handovers:3", "sup_tundo:1", "sup_grec:1")
    for carried in (*forged, "sup_gmove:3:1", "sup_gkeep:2:1", "sup_gcalendar:9"):
        play.world.forge_callback(WORKER, WORKER, told.message_id, carried)
        await play.settle()
        assert "没有找到" in play.toast(WORKER), carried
    assert play.bugs == []


async def _need(play: Play) -> str:
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "更多")
    return await play.press(COORDINATOR, "时间够吗")


async def _supervisor(play: Play) -> None:
    """Another supervisor, 白玛."""

    def invite(session: Session, *, now: datetime) -> str:
        (unit,) = unit_by_name(session, COUNTY)
        return joining.make_invite(
            session, role="supervisor", unit=unit, cohort=None, uses=1, created_by=None, now=now
        ).token

    token = await play.running.wuxue.database.write(invite, now=play.running.clock.now())
    await play.open(STRANGER, token)
    for label in ("中文", "同意"):
        await play.press(STRANGER, label)
    await play.say(STRANGER, "白玛")
    await play.press(STRANGER, "是")


@pytest.mark.asyncio
async def test_a_day_off_is_asked_about_and_a_last_day_is_handed_over(play: Play) -> None:
    """The notice shows what it touches; both answer; the next one follows and is undone."""
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "结对")
    await play.say(COORDINATOR, "扎西")
    for label in ("德吉", "每季度", "线上"):
        await play.press(COORDINATOR, label)
    await play.say(COORDINATOR, "2026-12-31")
    await play.press(COORDINATOR, "确认")
    await _publish(play, "周三 14:00-15:00")
    await play.through(WEDNESDAY)
    await play.say(WORKER, "督导")
    await play.press(WORKER, "约时间")
    await play.press(WORKER, "12月2日(周三)")
    await play.press(WORKER, "14:00")
    await play.through(WEDNESDAY + 2 * MINUTE)

    await play.say(COORDINATOR, "节假日")
    await play.press(COORDINATOR, "贴放假通知")
    assert "没看懂" in await play.say(COORDINATOR, "大家好")
    checked = await play.say(COORDINATOR, "12月2日(周三)放假一天，12月6日(周日)上班")
    assert "1个督导预约" in checked
    assert "1个督导预约一分钟后问" in await play.press(COORDINATOR, "确认")
    await play.through(WEDNESDAY + 4 * MINUTE)
    assert "照常还是改时间" in play.with_text(WORKER, "督导那天放假").text
    assert "您说照常，等德吉说" in await play.press(WORKER, "照常")
    assert play.toast(WORKER) == "已记下"
    assert play.labels(WORKER) == ["打开", "改时间"]
    assert "两位都说照常" in await play.press(SUPERVISOR, "照常")
    await play.through(WEDNESDAY + 6 * MINUTE)
    assert "两位都说照常" in play.last(WORKER)
    assert await play.rows("SELECT state FROM supervision_booking") == [("booked",)]

    await _supervisor(play)
    assert "1位还没定" in play.with_text(SUPERVISOR, "督导要交接了").text
    assert "督导交接：德吉到12月31日(周四)，1人还没定" in await play.say(COORDINATOR, "待办")
    await play.press(COORDINATOR, "1")
    assert "陪伴0人" in await play.press(COORDINATOR, "1")
    assert "白玛接" in await play.press(COORDINATOR, "白玛")
    await play.through(WEDNESDAY + 9 * MINUTE)
    assert "白玛接着陪伴您" in play.with_text(WORKER, "督导交接").text
    assert "共同笔记给新督导看" in await play.press(WORKER, "给新督导看")
    assert "还没定" in await play.press(COORDINATOR, "撤销")
    await play.through(WEDNESDAY + 12 * MINUTE)
    assert "取消了" in play.with_text(WORKER, "督导不交接了").text
    assert play.bugs == []
