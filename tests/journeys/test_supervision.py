"""Supervision from chat: a pair is made, meets, moves and misses sessions, and goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rehearsal.county import colleague_id
from tests.journeys.conftest import COORDINATOR, LEARNER, START, SUPERVISOR, Play

MINUTE = timedelta(minutes=1)
WORKER, COLLEAGUE = LEARNER, colleague_id(5)
WEDNESDAY = START + timedelta(hours=12)


async def _pair(play: Play) -> None:
    """The coordinator pairs 扎西 with 德吉, quarterly."""
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "结对")
    assert "请谁来陪伴" in await play.say(COORDINATOR, "扎西")
    for label in ("德吉", "每季度", "线上当面都行"):
        await play.press(COORDINATOR, label)
    assert "扎西由德吉陪伴，每季度一次" in await play.press(COORDINATOR, "不定结束")
    assert "10分钟内可以撤销" in await play.press(COORDINATOR, "确认")


@pytest.mark.asyncio
async def test_a_pair_is_made_in_chat(play: Play) -> None:
    """From the coordinator's first word to both knowing; a wish for another stays with her."""
    assert "还没有督导者" in await play.say(WORKER, "督导")
    await _pair(play)
    await play.through(START + timedelta(hours=12))
    assert "陪伴您的是德吉，每季度一次" in play.with_text(WORKER, "督导结对").text
    assert "您陪伴扎西" in play.with_text(SUPERVISOR, "督导结对").text
    assert play.with_text(WORKER, "督导结对").json["has_protected_content"]
    assert "督导者：德吉" in await play.say(WORKER, "督导")
    said = len(play.said(SUPERVISOR))
    assert "只有协调员知道" in await play.press(WORKER, "换督导")
    assert len(play.said(SUPERVISOR)) == said
    assert "想换督导" in await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "1")
    assert "已结束" in await play.press(COORDINATOR, "结束督导")
    assert "已结束" not in await play.press(COORDINATOR, "撤销")
    assert play.bugs == []


@pytest.mark.asyncio
async def test_a_pair_over_three_months(play: Play) -> None:
    """Booked from buttons, moved by the supervisor, missed, proposed anew, and due again."""
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "我的时间")
    await play.press(SUPERVISOR, "加时间")
    assert "每周三 14:00-17:00" in await play.say(SUPERVISOR, "周三下午2点到5点\n12-9 不约")
    assert "12月9日(周三) 不约" in await play.press(SUPERVISOR, "确认")
    await play.press(SUPERVISOR, "改约定")
    for label in ("60分钟", "15分钟", "24小时", "8小时"):
        await play.press(SUPERVISOR, label)
    assert "一个月最多8小时" in await play.say(SUPERVISOR, "https://meeting.example/deji")
    await _pair(play)
    await play.through(WEDNESDAY)

    # Booked for 2 December at two.
    await play.say(WORKER, "督导")
    await play.press(WORKER, "约时间")
    assert play.labels(WORKER)[:2] == ["12月2日(周三)", "12月16日(周三)"]
    await play.press(WORKER, "12月2日(周三)")
    assert play.labels(WORKER)[:2] == ["14:00", "15:15"]
    booked = await play.press(WORKER, "14:00")
    assert "已约：12月2日(周三)14:00，60分钟，线上：https://meeting.example/deji" in booked
    assert "10分钟内可以撤销" in booked
    await play.press(WORKER, "日历")
    assert play.said(WORKER)[-1].json["document"]["file_name"].endswith(".ics")
    await play.through(WEDNESDAY + 2 * MINUTE)
    assert "和扎西 12月2日(周三)14:00" in play.with_text(SUPERVISOR, "督导约好了").text

    # The supervisor moves it a day on; one word, and reminders at the new time.
    await play.press(SUPERVISOR, "打开")
    await play.press(SUPERVISOR, "改时间")
    assert "12月3日(周四)15:00" in await play.say(SUPERVISOR, "12月3日下午3点")
    await play.press(SUPERVISOR, "确认")
    await play.through(WEDNESDAY + 5 * MINUTE)
    moved = play.with_text(WORKER, "督导改了时间").text
    assert "原来12月2日(周三)14:00，改到 12月3日(周四)15:00" in moved
    await play.through(datetime(2026, 12, 2, 3, 0, tzinfo=UTC))
    assert "12月3日(周四)15:00 一对一督导" in play.lesson(WORKER).text
    await play.rest_lessons()
    await play.through(datetime(2026, 12, 3, 6, 5, tzinfo=UTC))
    cards = [m.text for m in play.said(WORKER) if m.text.startswith("15:00 一对一督导")]
    assert len(cards) == 1

    # Nobody was there: noted, the other hears of it and both arrange anew.
    await play.through(datetime(2026, 12, 3, 8, 0, tzinfo=UTC))
    await play.press(WORKER, "打开")
    await play.press(WORKER, "没见成")
    await play.through(datetime(2026, 12, 3, 8, 5, tzinfo=UTC))
    assert "没有见成" in play.with_text(SUPERVISOR, "督导没有见成").text
    await play.press(SUPERVISOR, "打开")
    await play.press(SUPERVISOR, "提时间")
    await play.say(SUPERVISOR, "12-10 16:00\n下周五上午10点")
    await play.press(SUPERVISOR, "线上")
    await play.press(SUPERVISOR, "确认")
    await play.through(datetime(2026, 12, 4, 2, 5, tzinfo=UTC))
    assert "请选一个" in play.with_text(WORKER, "请选督导时间").text
    await play.press(WORKER, "12月11日(周五)10:00")
    await play.through(datetime(2026, 12, 11, 4, 0, tzinfo=UTC))

    # A quarter on it is due again, and late where nobody arranges anything.
    assert not [m for m in play.said(WORKER) if m.text.startswith("督导可以约了")]
    await play.through(datetime(2027, 2, 25, 3, 0, tzinfo=UTC))
    assert "3月11日(周四)以前" in play.with_text(WORKER, "督导可以约了").text
    assert "督导到时间了还没约" not in await play.say(COORDINATOR, "待办")
    await play.through(datetime(2027, 3, 12, 3, 0, tzinfo=UTC))
    assert "督导到时间了还没约：1对" in await play.say(COORDINATOR, "待办")
    assert play.bugs == []


@pytest.mark.asyncio
async def test_of_two_who_press_the_same_hour_one_is_told_what_is_left(play: Play) -> None:
    """The slower one sees at once that it has gone, and what is left; forged taps book nothing."""
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "我的时间")
    await play.press(SUPERVISOR, "加时间")
    await play.say(SUPERVISOR, "12-2 14:00-15:00\n12-8 14:00-15:00")
    await play.press(SUPERVISOR, "确认")
    await _pair(play)
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "结对")
    await play.say(COORDINATOR, "拉姆")
    for label in ("德吉", "每季度", "线上当面都行", "不定结束", "确认"):
        await play.press(COORDINATOR, label)
    for user in (WORKER, COLLEAGUE):
        await play.say(user, "督导")
        await play.press(user, "约时间")
        await play.press(user, "12月2日(周三)")
    await play.press(COLLEAGUE, "14:00")
    assert "这个时间刚被约走" in await play.press(WORKER, "14:00")
    assert "请选另一个时间" in play.toast(WORKER)
    assert play.labels(WORKER)[0] == "12月8日(周二)"
    message = play.said(WORKER)[-1].message_id
    for carried in ("sup_take:2:0:0:29756000", "own_pair:2", "sup_cancel:1:1", "pair:1"):
        play.world.forge_callback(WORKER, WORKER, message, carried)
        await play.settle()
        assert "没有找到" in play.toast(WORKER), carried
    assert await play.count("supervision_booking") == 1
    assert play.bugs == []


@pytest.mark.asyncio
async def test_pairs_come_from_a_sheet(play: Play) -> None:
    """The blank sheet is offered; one sent back is shown before it is written, and undone whole."""
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "用表格")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"] == "督导结对.xlsx"
    sheet = "社工,督导者\n扎西,德吉\n拉姆,德吉\n"
    play.world.send_file(COORDINATOR, "督导结对.csv", sheet.encode())
    await play.settle()
    assert "要新结2对" in play.last(COORDINATOR)
    assert "新结2对" in await play.press(COORDINATOR, "导入")
    assert "撤销了2对" in await play.press(COORDINATOR, "撤销")
    play.world.send_file(COORDINATOR, "督导结对.csv", "社工,督导者\n扎西,谁\n".encode())
    await play.settle()
    assert "第2行：“谁”对得上 0 位" in play.last(COORDINATOR)
    assert play.bugs == []
