"""A day's log as it is written on the road: words, voice, pictures, an album, on the wrong day."""

import json

import pytest
from sqlalchemy import update
from sqlmodel import Session

from bot.rehearsal.county import colleague_id
from storage.inbox import InboxUpdate
from tests.journeys.conftest import COORDINATOR, LEARNER, START, Play
from tests.journeys.test_visit_logs import EVENING, _arrange
from tests.media_files import opus, picture

pytestmark = pytest.mark.asyncio


def _let_time_pass(session: Session) -> None:
    session.exec(update(InboxUpdate).values(not_before=START))


async def _photo(play: Play, user: int, caption: str = "", **more: str) -> str:
    play.world.send_file(user, "a.jpg", picture(), caption, kind="photo", **more)
    await play.settle()
    return play.last(user)


async def _album(play: Play, user: int, count: int, caption: str = "") -> str:
    """So many pictures at once, the caption under the first, as a phone sends them."""
    for number in range(count):
        data = picture(400 + number)
        words = "" if number else caption
        name = f"{number}.jpg"
        play.world.send_file(user, name, data, words, kind="photo", album="77")
    await play.settle()
    before = play.last(user)
    await play.running.wuxue.database.write(_let_time_pass)
    await play.running.wuxue.inbox.keep([])
    await play.settle()
    assert play.last(user) != before
    return play.last(user)


async def test_a_day_is_written_by_voice_and_pictures(morning: Play) -> None:
    """A recording with its length, albums as one entry, several on a day, all on the right day."""
    play = morning
    await play.rest_lessons()
    now, wuxue = play.running.clock.now(), play.running.wuxue
    await wuxue.database.write(_arrange, bot=wuxue.bot.id, now=now)
    await play.through(EVENING)
    await _speak_and_show(play)
    await _mend(play)
    await _unasked(play)
    rows = await play.rows("SELECT day, kind, text, seconds, more_files FROM visit_log ORDER BY id")
    told = [
        (str(day)[-2:], kind, text, seconds, len(json.loads(more)))
        for day, kind, text, seconds, more in rows
    ]
    assert told == [
        ("25", "voice", "站长说值班", 12, 0),
        ("24", "picture", "展板", 0, 2),
        ("24", "picture", "昨天的食堂", 0, 1),
        ("25", "picture", "没按按钮", 0, 0),
        ("25", "text", "门口贴着值班表", 0, 0),
    ]


async def _speak_and_show(play: Play) -> None:
    """What was sent waits for its words; one entry is pictures or a recording, never both."""
    assert "按“写日志”" in play.with_text(LEARNER, "今天的参观日志").text
    await play.press(LEARNER, "写日志")
    play.world.send_voice(LEARNER, opus(12))
    await play.settle()
    assert play.last(LEARNER).startswith("录音收下了（12秒）")
    assert "这一条还没写完" in await _photo(play, LEARNER)
    said = await play.say(LEARNER, "站长说值班")
    assert "扎西（录音12秒）" in said
    assert "听录音(3 KB)" in play.labels(LEARNER)
    # Another of the same day by one press; three pictures at once are one, their caption its words.
    assert "11月25日(周三)。写字" in await play.press(LEARNER, "再写一条")
    said = await _album(play, LEARNER, 3, "展板")
    assert "扎西（照片3张）" in said
    await play.press(LEARNER, "看图(6 KB)")
    shown = [m.json for m in play.said(LEARNER)[-3:]]
    assert all("photo" in one for one in shown)
    assert [one.get("caption") for one in shown] == [None, None, "展板"]


async def _mend(play: Play) -> None:
    """To another day; written for yesterday; too long a caption, and a file, lose nothing."""
    await play.press(LEARNER, "改一改")
    assert "改到哪一天" in await play.press(LEARNER, "改日期")
    said = await play.press(LEARNER, "11月24日(周二)")
    assert "11月24日(周二) 扎西（照片3张）\n\n展板" in said
    await play.press(LEARNER, "再写一条")
    await play.press(LEARNER, "写别的天")
    assert "11月24日(周二)。写字" in await play.press(LEARNER, "11月24日(周二)")
    assert "您写了 230 字" in await _photo(play, LEARNER, "字" * 230)
    assert play.with_text(LEARNER, "照片收下了")
    assert (await _photo(play, LEARNER)).startswith("2张照片收下了")
    play.world.send_file(LEARNER, "a.jpg", picture(), kind="document")
    await play.settle()
    assert "不要按“文件”发" in play.last(LEARNER)
    assert "扎西（照片2张）" in await play.say(LEARNER, "昨天的食堂")
    await play.press(LEARNER, "回到日志")
    said = await play.press(LEARNER, "看日志")
    lines = [line.partition("：")[0] for line in said.split("\n") if line[1:2] == "."]
    assert lines == [
        "1. 11月25日(周三) 扎西（录音12秒）",
        "2. 11月24日(周二) 扎西（照片2张）",
        "3. 11月24日(周二) 扎西（照片3张）",
    ]


async def _unasked(play: Play) -> None:
    """On the way a picture without a press is offered to the log; elsewhere it is not taken."""
    fellow = colleague_id(0)
    assert (await _photo(play, fellow, "没按按钮")).startswith("放进参观日志吗")
    assert await play.rows("SELECT count(*) FROM visit_log WHERE kind = 'picture'") == [(2,)]
    assert (await play.press(fellow, "放进日志")).startswith("记下了")
    assert "2张照片收到了" in await _album(play, fellow, 2)
    assert (await play.press(fellow, "放进日志")).startswith("2张照片收下了")
    await play.press(fellow, "取消")
    await play.press(fellow, "回到日志")
    # Two people on one day, each with her own.
    said = await play.press(fellow, "看日志")
    assert "11月25日(周三) 扎西（录音12秒）" in said
    assert "11月25日(周三) 次仁（照片）：没按按钮" in said
    assert (await _photo(play, COORDINATOR)).startswith("现在只收文字")
    # So are words; who is on no journey is asked about a question alone.
    assert "就按“放进日志”" in await play.say(fellow, "门口贴着值班表")
    said = await play.press(fellow, "放进日志")
    assert said.startswith("记下了")
    assert "11月25日(周三) 次仁\n\n门口贴着值班表" in said
    assert "放进日志" not in await play.say(COORDINATOR, "门口贴着值班表")
    assert "放进日志" not in play.labels(COORDINATOR)
