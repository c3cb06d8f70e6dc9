"""Notes and briefs of supervision from chat: written, read, shared, handed on; words gone again."""

from datetime import datetime, timedelta

import pytest

from tests.journeys.conftest import COORDINATOR, LEARNER, START, SUPERVISOR, Play
from tests.media_files import opus

WORKER = LEARNER
WEDNESDAY = START + timedelta(hours=12)
FRIDAY = WEDNESDAY + timedelta(days=2, minutes=5)


async def make_pair(play: Play) -> None:
    """The coordinator pairs 扎西 with 德吉."""
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "结对")
    await play.say(COORDINATOR, "扎西")
    for label in ("德吉", "每季度", "线上当面都行", "不定结束", "确认"):
        await play.press(COORDINATOR, label)


def _texts(play: Play, user: int) -> str:
    """Everything that stands in a chat now, on either side."""
    return "\n".join(message.text for message in play.world.messages(user))


@pytest.mark.asyncio
async def test_a_note_is_written_read_shared_and_deleted(play: Play) -> None:
    """Each step from buttons; after saving her words are gone from the chat, and it says so."""
    await make_pair(play)
    await play.say(WORKER, "督导")
    await play.press(WORKER, "看笔记")
    assert "还没有笔记" in play.last(WORKER)
    await play.press(WORKER, "写笔记")
    await play.press(WORKER, "只我自己看")
    kept = await play.say(WORKER, "今天心里有点乱，想慢慢来")
    assert "只有您自己看得到" in kept
    assert "从聊天里删掉" in kept
    assert "心里有点乱" not in _texts(play, WORKER)
    assert "今天心里有点乱" in await play.press(WORKER, "打开")
    assert play.said(WORKER)[-1].json["has_protected_content"]
    await play.press(WORKER, "改笔记")
    await play.say(WORKER, "想慢慢来，先和督导说")
    await play.press(WORKER, "打开")

    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "看笔记")
    assert "还没有笔记" in play.last(SUPERVISOR)
    assert "10分钟内可以撤销" in await play.press(WORKER, "设为共同")
    await play.press(SUPERVISOR, "写笔记")
    await play.press(SUPERVISOR, "两人都看")
    await play.say(SUPERVISOR, "下次一起看记录")
    listed = await play.press(SUPERVISOR, "回到笔记")
    assert "共同：想慢慢来，先和督导说" in listed
    assert "共同：下次一起看记录" in listed
    await play.press(WORKER, "撤销")
    await play.press(SUPERVISOR, "上一步")
    assert "想慢慢来" not in await play.press(SUPERVISOR, "看笔记")
    assert "10分钟内可以撤销" in await play.press(WORKER, "删掉笔记")
    assert "想慢慢来" in await play.press(WORKER, "撤销")
    # A forged tap of anybody else finds nothing.
    message = play.said(COORDINATOR)[-1].message_id
    for carried in ("note:1", "notes:1:0", "note_share:4:1", "brief:1", "write_note:1", "agenda:1"):
        play.world.forge_callback(COORDINATOR, COORDINATOR, message, carried)
        await play.settle()
        assert "没有找到" in play.toast(COORDINATOR), carried

    # It ends: she keeps them, and says whether her next supervisor may read what was shared.
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "结束督导")
    await play.through(WEDNESDAY)
    await play.press(WORKER, "看笔记")
    assert "要给新的督导者看吗" in play.with_text(WORKER, "以前的督导笔记").text
    await play.press(WORKER, "给新督导看")
    assert "随时可以收回" in play.with_text(WORKER, "以前的督导笔记").text
    await play.press(WORKER, "不给看")
    assert "看不到这些笔记" in play.with_text(WORKER, "以前的督导笔记").text
    await play.say(WORKER, "督导")
    assert "督导者德吉" in await play.press(WORKER, "以前的笔记")
    assert play.bugs == []


@pytest.mark.asyncio
async def test_a_worker_says_what_she_wants_to_talk_about(play: Play) -> None:
    """Typed or spoken before the session; both read the same brief, the supervisor hears it."""
    await make_pair(play)
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "我的时间")
    await play.press(SUPERVISOR, "加时间")
    await play.say(SUPERVISOR, "11-27 14:00-15:00")
    await play.press(SUPERVISOR, "确认")
    await play.say(WORKER, "督导")
    for label in ("约时间", "11月27日(周五)", "14:00"):
        await play.press(WORKER, label)
    await play.through(FRIDAY)
    # A sentence on a lesson put to use is brought along, and taken back, and brought.
    await play.press(WORKER, "学完了")
    await play.press(WORKER, "用上了")
    await play.press(WORKER, play.labels(WORKER)[0])
    await play.say(WORKER, "上门前先打了电话")
    assert "写进下次督导的简报" in await play.press(WORKER, "带给督导")
    assert "只有您自己看得到" in await play.press(WORKER, "不带了")
    await play.press(WORKER, "带给督导")
    await play.say(WORKER, "督导")
    await play.press(WORKER, "看简报")
    assert "还没写" in play.last(WORKER)
    await play.press(WORKER, "想聊什么")
    kept = await play.say(WORKER, "想聊怎么和家属开口")
    assert "只有您和督导者看得到" in kept
    assert "和家属开口" not in _texts(play, WORKER)
    brief = await play.press(WORKER, "看简报")
    assert "想聊怎么和家属开口" in brief
    assert "用过：上门前先打了电话" in brief
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "1")
    assert await play.press(SUPERVISOR, "看简报") == brief
    assert "想聊什么" not in play.labels(SUPERVISOR)

    await play.press(WORKER, "想聊什么")
    play.world.send_voice(WORKER, opus(9))
    await play.settle()
    assert "写进了简报" in play.last(WORKER)
    await play.press(SUPERVISOR, "上一步")
    assert "请按“听录音”" in await play.press(SUPERVISOR, "看简报")
    await play.press(SUPERVISOR, "听录音")
    heard = play.said(SUPERVISOR)[-1]
    assert heard.json["voice"]["duration"] == 9
    assert heard.json["has_protected_content"]
    await play.press(WORKER, "看简报")
    await play.press(WORKER, "想聊什么")
    assert "已从简报里去掉" in await play.press(WORKER, "不聊了")
    # The message an hour before leads to it.
    await play.through(datetime.fromisoformat("2026-11-27T05:05:00+00:00"))
    assert "看简报" in [
        key["text"] for key in play.with_text(SUPERVISOR, "14:00 一对一督导").buttons
    ]
    assert play.bugs == []
