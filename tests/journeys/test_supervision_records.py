"""Records of supervision from chat: a pair over three months, papers for the two, figures above."""

import io
from datetime import UTC, datetime, timedelta

import docx
import pytest

from bot.rehearsal.county import colleague_id
from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play
from tests.journeys.test_supervision import _pair

WORKER = LEARNER
FORM = (
    "日期：今天\n时长：90分钟\n方式：线下\n功能：教育、支持\n困难：入户时开不了口\n"
    "建议：先写提纲再去\n行动：\n扎西 12月9日 写三句开场白\n督导 12月8日 发范例"
)


def _at(month: int, day: int, hour: int, minute: int = 0, *, year: int = 2026) -> datetime:
    """A local moment."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC) - timedelta(hours=8)


async def _due(play: Play) -> str:
    """By when the pair should meet next."""
    ((day,),) = await play.rows("SELECT due_on FROM supervision_pair")
    return str(day)


async def _booked(play: Play) -> None:
    """A supervisor's hours, and the first session booked for 2 December at two."""
    await play.rest_lessons()
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "我的时间")
    await play.press(SUPERVISOR, "加时间")
    await play.say(SUPERVISOR, "周三下午2点到5点\n周四下午2点到5点")
    await play.press(SUPERVISOR, "确认")
    await _pair(play)
    await play.say(WORKER, "督导")
    await play.press(WORKER, "约时间")
    assert await _due(play) == "2026-12-24", "the first within a month"
    await play.press(WORKER, "12月2日(周三)")
    await play.press(WORKER, "14:00")
    assert await _due(play) == "2027-03-02", "a quarter after what is booked"


@pytest.mark.asyncio
async def test_a_pair_writes_down_what_it_did_over_three_months(play: Play) -> None:
    """One moved, one missed; each record confirmed but one, which is sealed as one side's."""
    await _booked(play)
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "1")
    await play.press(SUPERVISOR, "改时间")
    await play.say(SUPERVISOR, "12月3日下午3点")
    await play.press(SUPERVISOR, "确认")
    assert await _due(play) == "2027-03-03"
    await play.through(_at(12, 3, 17))

    # The first one: copied, filled in and sent back; the number of a phone goes, and so does all.
    await play.say(SUPERVISOR, "督导")
    await play.press(SUPERVISOR, "1")
    assert "还要写：建议、行动" in await play.press(SUPERVISOR, "写记录")
    assert play.said(SUPERVISOR)[-1].json["has_protected_content"]
    assert "时长：60" in await play.press(SUPERVISOR, "一次写完")
    assert "没有看到要填的项目" in await play.say(SUPERVISOR, "见面了，挺好")
    assert "隐去" in await play.say(SUPERVISOR, FORM + "\n情况：他电话13812345678")
    page = await play.press(SUPERVISOR, "用隐去后的")
    assert "个别督导，12月3日(周四)，90分钟，线下，教育、支持" in page
    assert "1. 扎西，12月9日(周三)：写三句开场白" in page
    assert "13812345678" not in "".join(m.text for m in play.world.messages(SUPERVISOR))
    assert not [m for m in play.world.messages(SUPERVISOR) if not m.from_bot and "提纲" in m.text]
    assert "等确认" in await play.press(SUPERVISOR, "提交")
    await play.through(_at(12, 3, 17, 5))
    told = play.with_text(WORKER, "督导记录请您看看")
    assert "提纲" not in told.text
    assert "先写提纲再去" in await play.press(WORKER, "打开")
    await play.press(WORKER, "写反思")
    assert "我先听再说" in await play.say(WORKER, "我先听再说")
    await play.press(WORKER, "要改")
    await play.say(WORKER, "时间是75分钟")
    await play.through(_at(12, 3, 17, 10))
    assert "扎西说要改：时间是75分钟" in await play.press(SUPERVISOR, "打开")

    # Field by field, stopped and gone on with; then handed on again and confirmed.
    assert "还缺什么" in await play.press(SUPERVISOR, "逐项写")
    assert "现在写的：先写提纲再去" in await play.say(SUPERVISOR, "没有提纲")
    assert "谁、哪天、做什么" in await play.press(SUPERVISOR, "不改")
    assert "没看懂“以后再说”" in await play.say(SUPERVISOR, "以后再说")
    await play.press(SUPERVISOR, "先停")
    assert play.with_text(SUPERVISOR, "先停在这里")
    await play.press(SUPERVISOR, "回到记录")
    await play.press(SUPERVISOR, "一次写完")
    assert "75分钟" in await play.say(SUPERVISOR, "时长：75")
    await play.press(SUPERVISOR, "提交")
    await play.through(_at(12, 3, 17, 20))
    await play.press(WORKER, "打开")
    said = await play.press(WORKER, "确认")
    assert "10分钟内可以撤销" in said
    assert "都确认了" in said
    assert "一方确认" not in said
    await play.through(_at(12, 3, 17, 40))
    await play.through(_at(12, 3, 17, 45))
    assert "督导记录存档了" in play.last(SUPERVISOR)
    assert "已存档" in await play.press(SUPERVISOR, "打开")
    await play.press(SUPERVISOR, "出PDF")
    assert play.said(SUPERVISOR)[-1].json["document"]["file_name"].endswith(".pdf")

    # Actions come back on their day; one tap closes one.
    await play.say(WORKER, "督导")
    await play.press(WORKER, "约时间")
    await play.press(WORKER, "12月9日(周三)")
    await play.press(WORKER, "14:00")
    assert await _due(play) == "2027-03-09"
    await play.through(_at(12, 9, 14, 10))
    assert "开场白" not in play.with_text(WORKER, "督导里说好的事").text
    reminder = play.with_text(WORKER, "督导里说好的事")
    opening = reminder.button("打开")["callback_data"]
    play.world.press(WORKER, WORKER, reminder.message_id, data=opening)
    await play.settle()
    assert "写三句开场白" in play.with_text(WORKER, "督导里说好的事").text
    await play.press(WORKER, "做完了")
    assert "做完了，10分钟内可以撤销" in play.with_text(WORKER, "督导里说好的事").text

    # The second is missed and has no record; the third has one that nobody confirms.
    await play.say(WORKER, "督导")
    await play.press(WORKER, "没见成")
    assert await _due(play) == "2027-03-03", "a missed one is none"
    await play.press(WORKER, "约时间")
    await play.press(WORKER, "12月10日(周四)")
    await play.press(WORKER, "15:15")
    await play.through(_at(12, 10, 14, 20))
    assert "上次说好的事还有1件" in play.with_text(WORKER, "15:15 一对一督导").text
    await play.through(_at(12, 11, 15))
    assert "督导记录还没写：1次" in await play.say(SUPERVISOR, "待办")
    play.with_text(SUPERVISOR, "督导记录还没写")
    await play.press(SUPERVISOR, "写记录")
    page = play.with_text(SUPERVISOR, "个别督导，12月10日(周四)，60分钟，线上").text
    assert "发范例" in page, "what is open stands in the next one"
    await play.press(SUPERVISOR, "用Word填")
    file = play.said(SUPERVISOR)[-1].json["document"]
    paper = docx.Document(io.BytesIO(play.world.files.by_id[file["file_id"]].data))
    headings = {p.text: p for p in paper.paragraphs}
    headings["行动"].insert_paragraph_before("两个人一起去")
    out = io.BytesIO()
    paper.save(out)
    play.world.send_file(SUPERVISOR, "督导记录表.docx", out.getvalue())
    await play.settle()
    assert "两个人一起去" in play.last(SUPERVISOR)
    assert "等确认" in await play.press(SUPERVISOR, "提交")
    await play.through(_at(12, 18, 15, 30))
    await play.through(_at(12, 18, 15, 35))
    assert "一方确认" in play.with_text(WORKER, "督导记录存档了").text
    await play.press(WORKER, "打开")
    await play.press(WORKER, "补充")
    assert "我后来试了" in await play.say(WORKER, "我后来试了")

    # Both find them again; a coordinator sees figures, and no word of what was said.
    await play.say(WORKER, "督导")
    listed = await play.press(WORKER, "督导记录")
    assert "12月10日(周四) 第2次，60分钟，一方确认" in listed
    await play.press(WORKER, "找记录")
    assert "第1次" in await play.say(WORKER, "12月3日")
    assert "第2次" in await play.press(WORKER, "督导记录")
    await play.say(COORDINATOR, "督导")
    await play.press(COORDINATOR, "更多")
    await play.press(COORDINATOR, "督导统计")
    figures = await play.press(COORDINATOR, "今年")
    assert "共" in figures
    await play.press(COORDINATOR, "出表格")
    assert play.said(COORDINATOR)[-1].json["document"]["file_name"].endswith(".xlsx")
    seen = "".join(m.text for m in play.said(COORDINATOR))
    assert not [word for word in ("提纲", "开场白", "范例", "一起去") if word in seen]
    rows = await play.rows(
        "SELECT minutes, mode, evidence FROM learning_record WHERE study = 'supervision'"
        " ORDER BY id"
    )
    assert rows == [(75, "offline", "signed_in"), (60, "online", "roll_call")]

    # Peers of a station write one record of all of them.
    await play.say(WORKER, "督导")
    await play.press(WORKER, "督导记录")
    await play.press(WORKER, "同辈督导")
    assert "次仁、格桑" in await play.say(WORKER, "次仁、格桑")
    await play.press(WORKER, "一次写完")
    peers = await play.say(WORKER, "建议：结伴去\n行动：次仁 12月20日 约时间")
    assert "同辈督导" in peers
    assert "等确认" in await play.press(WORKER, "提交")
    await play.through(_at(12, 18, 15, 40))
    told = play.with_text(colleague_id(0), "督导记录请您看看")
    opening = told.button("打开")["callback_data"]
    play.world.press(colleague_id(0), colleague_id(0), told.message_id, data=opening)
    await play.settle()
    assert "结伴去" in play.with_text(colleague_id(0), "督导记录").text
    assert "确认" in play.labels(colleague_id(0))

    # The quarter goes by; two weeks before its end both are told, once.
    assert await _due(play) == "2027-03-10"
    for day in (_at(1, 15, 10, year=2027), _at(2, 23, 18, year=2027)):
        await play.through(day)
        assert not await play.rows("SELECT id FROM delivery WHERE kind = 'supervision_due'")
    await play.through(_at(2, 24, 10, year=2027))
    word = "督导可以约了"
    assert "和德吉，3月10日(周三)以前约一次" in play.with_text(WORKER, word).text
    assert "您陪伴的扎西可以见一次了，3月10日(周三)以前" in play.with_text(SUPERVISOR, word).text
    await play.press(WORKER, "约时间")
    await play.press(WORKER, "3月3日(周三)")
    await play.press(WORKER, "14:00")
    assert await _due(play) == "2027-06-03"
    await play.through(_at(3, 2, 12, year=2027))
    told = await play.rows("SELECT status FROM delivery WHERE kind = 'supervision_due'")
    assert told == [("sent",), ("sent",)]
    assert play.bugs == []
