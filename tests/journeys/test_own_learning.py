"""What a worker sets for herself, played in her phone: pauses, hour, language, progress."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image

from tests.journeys.conftest import FIRST_LESSON, LEARNER, SUPERVISOR, Play, playing

DAY = timedelta(days=1)


@pytest.mark.asyncio
async def test_a_pause_is_set_by_buttons_holds_and_ends_with_a_welcome(morning: Play) -> None:
    """暂停 from tomorrow for a week: no lesson, then 欢迎回来 and the lesson; catching up works."""
    await morning.press(LEARNER, "学完了")
    assert (await morning.say(LEARNER, "请假")).startswith("从哪天起暂停")
    await morning.press(LEARNER, "明天起")
    said = await morning.press(LEARNER, "一周")
    assert said.startswith("学习已暂停")
    assert "11月26日(周四)" in said
    assert "12月3日(周四)" in said
    count = len(morning.said(LEARNER))
    await morning.through(FIRST_LESSON + 7 * DAY)
    assert len(morning.said(LEARNER)) == count
    assert (await morning.say(LEARNER, "今天")).startswith("您在暂停学习")
    await morning.through(FIRST_LESSON + 8 * DAY)
    heads = [message.text.split("\n")[0] for message in morning.said(LEARNER)[-3:]]
    assert heads[0] == "欢迎回来"
    assert heads[1].startswith("每日一学 · 第7课")
    welcome = morning.said(LEARNER)[-3]
    titles = [button["text"] for button in welcome.buttons]
    assert titles[0].startswith("2 ")
    assert len(titles) == 3
    await morning.press(LEARNER, titles[0])
    lesson = next(m for m in reversed(morning.said(LEARNER)) if m.poll is None)
    assert lesson.text.startswith("第2课")
    await morning.press(LEARNER, "学完了")
    assert morning.toast(LEARNER).startswith("已记录：每日一学")


@pytest.mark.asyncio
async def test_a_pause_may_be_typed_and_taken_back(morning: Play) -> None:
    """Dates typed in the form are taken, nonsense is asked again, 恢复学习 ends it at once."""
    await morning.say(LEARNER, "/pause")
    assert "没看懂这个日期" in await morning.say(LEARNER, "等我有空")
    await morning.say(LEARNER, "12月1日")
    said = await morning.say(LEARNER, "12-8")
    assert "12月1日(周二)" in said
    assert "12月8日(周二)" in said
    assert (await morning.say(LEARNER, "暂停")).startswith("学习已暂停")
    assert (await morning.press(LEARNER, "恢复学习")).startswith("欢迎回来")
    assert await morning.rows("SELECT count(*) FROM absence WHERE until > since") == [(0,)]


@pytest.mark.asyncio
async def test_the_lesson_comes_at_her_own_hour(folder: Path) -> None:
    """Typed 13:20 means 13:20, the same day already; quiet hours are refused with their times."""
    async with playing(folder) as play:
        await play.say(LEARNER, "上课时间")
        assert "21:30到09:00是安静时间" in await play.say(LEARNER, "22:00")
        assert "13:20" in await play.say(LEARNER, "13:20")
        await play.through(FIRST_LESSON + timedelta(hours=3))
        assert not [m for m in play.said(LEARNER) if m.text.startswith("每日一学")]
        await play.through(FIRST_LESSON + timedelta(hours=3, minutes=25))
        assert play.lesson(LEARNER).at == FIRST_LESSON + timedelta(hours=3, minutes=20)


@pytest.mark.asyncio
async def test_changing_the_language_changes_words_keyboard_menu_and_lessons(
    folder: Path,
) -> None:
    """English words from the next message on; Tibetan beside Chinese in the next lesson."""
    async with playing(folder) as play:
        await play.say(LEARNER, "/language")
        assert (await play.press(LEARNER, "English")).startswith("The language is set")
        assert play.world.commands_for(LEARNER, LEARNER)[0]["description"] == "Today's lesson"
        assert (await play.say(LEARNER, "More")).startswith("What else there is")
        await play.say(LEARNER, "语言")
        await play.press(LEARNER, "中文 + བོད་ཡིག")
        await play.through(FIRST_LESSON)
        lesson = play.lesson(LEARNER).text
        assert "\u0f0b" in lesson
        assert "\u4e00" in lesson or "社" in lesson


@pytest.mark.asyncio
async def test_progress_is_a_small_picture_for_herself(morning: Play) -> None:
    """At most 100 KB, readable on a phone; who does not learn has none."""
    await morning.press(LEARNER, "学完了")
    await morning.say(LEARNER, "进度")
    message = morning.said(LEARNER)[-1]
    caption = message.json["caption"]
    assert caption.startswith("我的进度")
    assert "学过1课" in caption
    file = morning.world.files.by_id[message.json["photo"][-1]["file_id"]]
    assert len(file.data) <= 100_000
    assert Image.open(io.BytesIO(file.data)).width == 720
    assert "没有" in await morning.say(SUPERVISOR, "进度")


@pytest.mark.asyncio
async def test_more_shows_what_a_person_may_do_and_turns_its_pages(play: Play) -> None:
    """Learning first, settings behind a button, in the same message."""
    await play.say(LEARNER, "更多")
    message = play.said(LEARNER)[-1]
    assert "补学" in play.labels(LEARNER)
    await play.press(LEARNER, "设置")
    assert play.said(LEARNER)[-1].message_id == message.message_id
    assert {"暂停学习", "上课时间", "语言", "隐私说明"} <= set(play.labels(LEARNER))
    await play.press(LEARNER, "学习")
    assert "补学" in play.labels(LEARNER)
