"""First light: she joins, the lesson arrives, her answer is recorded, the sheet holds it."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from bot.rehearsal.county import PHONES
from bot.rehearsal.stored import StoredMessage
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    NEWCOMER,
    SUPERVISOR,
    Play,
)

DAY = timedelta(days=1)


def _file(play: Play, message: StoredMessage) -> bytes:
    return play.world.files.by_id[message.json["document"]["file_id"]].data


@pytest.mark.asyncio
async def test_a_newcomer_joins_step_by_step_and_sees_her_week(play: Play) -> None:
    """Language, privacy notice, name, a check; then when the first lesson comes."""
    token = play.running.links.tokens[PHONES[0].phone_id]
    assert "请选择您用的语言" in await play.open(NEWCOMER, token)
    assert "先看隐私说明" in await play.press(NEWCOMER, "中文")
    assert await play.count("consent") == len(PHONES) - 1 + 6
    assert "怎么称呼您" in await play.press(NEWCOMER, "同意")
    assert "您是 八一镇社工站 的 བསོད་ནམས། 吗" in await play.say(NEWCOMER, " བསོད་ནམས། ")
    assert "先试着答一道题" in await play.press(NEWCOMER, "是")
    week = play.said(NEWCOMER)[-2].text
    assert "您的这一周" in week
    assert "11月25日(周三)10:00" in week
    assert await play.rows("SELECT name, language FROM person ORDER BY id DESC LIMIT 1") == [
        ("བསོད་ནམས།", "zh")
    ]
    assert await play.count("draft") == 0
    assert "您已经在这里了" not in await play.open(NEWCOMER)


@pytest.mark.asyncio
async def test_whoever_declines_leaves_nothing_behind(play: Play) -> None:
    """取消 at the privacy notice: no person, no account, no half-filled form."""
    before = await play.count("person")
    await play.open(NEWCOMER, play.running.links.tokens[PHONES[0].phone_id])
    await play.press(NEWCOMER, "English")
    assert "Cancelled, nothing kept" in await play.press(NEWCOMER, "Cancel")
    assert [await play.count(table) for table in ("person", "draft")] == [before, 0]
    assert await play.rows("SELECT payload FROM inbox_update WHERE payload IS NOT NULL") == []


@pytest.mark.asyncio
async def test_the_lesson_arrives_at_ten_with_sound_and_its_question_without(morning: Play) -> None:
    """Two messages for each learner, one text for the group, nothing for those who do not learn."""
    lesson, quiz = morning.said(LEARNER)[-2:]
    assert lesson.at == quiz.at == FIRST_LESSON
    assert (lesson.silent, quiz.silent) == (False, True)
    assert [button["text"] for button in lesson.buttons] == ["学完了", "提问"]
    assert quiz.json["poll"]["type"] == "quiz"
    assert quiz.json["poll"]["is_anonymous"] is False
    (group,) = morning.said(GROUP)
    assert group.poll is None
    assert [button["text"] for button in group.buttons] == ["去私聊答题"]
    assert group.buttons[0]["url"].endswith("?start=today")
    assert not any(m.text.startswith("每日一学") for m in morning.said(SUPERVISOR))


@pytest.mark.asyncio
async def test_answering_is_recorded_once_and_said_in_the_lesson(morning: Play) -> None:
    """The quiz, 学完了 twice: one row in force, and the message says what was recorded."""
    await morning.press(LEARNER, "学完了")
    assert "已记录：每日一学 4分钟" in morning.lesson(LEARNER).text
    assert "已记录：每日一学 4分钟" in morning.toast(LEARNER)
    data = morning.lesson(LEARNER).buttons[0]["callback_data"].replace("ask", "learned")
    morning.world.forge_callback(LEARNER, LEARNER, morning.lesson(LEARNER).message_id, data)
    await morning.settle()
    assert "不会重复" in morning.toast(LEARNER)
    await morning.vote(LEARNER, 0)
    rows = await morning.rows(
        "SELECT evidence, minutes, corrects IS NULL FROM learning_record ORDER BY id"
    )
    assert [(evidence, minutes) for evidence, minutes, _ in rows] == [
        ("self_stated", 4),
        ("answered", 4),
    ]
    assert [button["text"] for button in morning.lesson(LEARNER).buttons] == ["提问"]


@pytest.mark.asyncio
async def test_the_coordinator_opens_the_sheet_and_finds_the_record(morning: Play) -> None:
    """By button as xlsx, by typing as csv; a learner who asks sees nothing of it."""
    await morning.vote(LEARNER, 1)
    await morning.say(COORDINATOR, "更多")
    await morning.press(COORDINATOR, "学习记录")
    await morning.press(COORDINATOR, "本月")
    sheet = load_workbook(BytesIO(_file(morning, morning.said(COORDINATOR)[-1]))).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][2:8] == ["扎西", None, "每日一学", "助人自助", 4, "线上"] or "扎西" in rows[1]
    assert rows[1][0] == datetime(2026, 11, 25)  # noqa: DTZ001  a cell has no zone
    await morning.say(COORDINATOR, "/records 2026-11 csv")
    text = _file(morning, morning.said(COORDINATOR)[-1]).decode("utf-8-sig")
    assert "扎西" in text
    assert "答题" in text
    assert "没看懂" in await morning.say(COORDINATOR, "/records 昨天")
    assert "没有找到" in await morning.say(LEARNER, "/records")
    assert "没有找到“拉萨市”" in await morning.say(COORDINATOR, "/records 2026-11 拉萨市")


@pytest.mark.asyncio
async def test_words_do_what_buttons_do(morning: Play) -> None:
    """Nothing needs a slash; what is no command is offered as a question, never an error."""
    for words in ("今天", "/today", "TODAY", "དེ་རིང"):
        assert "每日一学 · 第1课" in await morning.say(LEARNER, words)
    assert "我的进度" in await morning.say(LEARNER, "进度")
    assert "您是想提问吗" in await morning.say(LEARNER, "老人不愿意开门怎么办")
    assert "没有保存" in await morning.press(LEARNER, "不是")
    assert await morning.count("question") == 0
    await morning.say(LEARNER, "老人不愿意开门怎么办")
    assert "已收到您的提问" in await morning.press(LEARNER, "存为提问")
    assert "已收到您的提问" in await morning.say(LEARNER, "/ask 怎么写记录")
    assert "老人不愿意开门" in await morning.say(LEARNER, "我的")


@pytest.mark.asyncio
async def test_a_question_from_under_a_lesson_remembers_the_lesson(morning: Play) -> None:
    """提问 under the lesson asks for words, and they are kept with what was being learned."""
    assert "您想问什么" in await morning.press(LEARNER, "提问")
    assert "已收到" in await morning.say(LEARNER, "这一步怎么留给对方？")
    assert await morning.rows(
        "SELECT q.text, l.code FROM question q JOIN lesson l ON l.id = q.lesson_id"
    ) == [("这一步怎么留给对方？", "001")]


@pytest.mark.asyncio
async def test_a_day_off_is_quiet_and_today_says_why(play: Play) -> None:
    """Saturday: nothing arrives, and 今天 names the next lesson."""
    await play.through(FIRST_LESSON + 3 * DAY)
    assert play.lesson(LEARNER).at == FIRST_LESSON + 2 * DAY
    assert "今天休息" in await play.say(LEARNER, "今天")
    assert "11月30日(周一)10:00" in play.last(LEARNER)


@pytest.mark.asyncio
async def test_whoever_blocked_the_bot_is_greeted_and_gets_the_day(play: Play) -> None:
    """Blocked at ten, back at noon: staff can see it, and the day's lesson comes at once."""
    play.world.block(LEARNER)
    await play.settle()
    await play.through(FIRST_LESSON)
    assert await play.rows("SELECT reachable FROM chat_account WHERE chat_id = :c", c=LEARNER) == [
        (0,)
    ]
    await play.through(FIRST_LESSON + timedelta(hours=2))
    play.world.unblock(LEARNER)
    await play.settle()
    assert any("欢迎回来" in m.text for m in play.said(LEARNER))
    assert play.lesson(LEARNER).at == FIRST_LESSON + timedelta(hours=2)


@pytest.mark.asyncio
async def test_two_weeks_stay_within_what_attention_bears(play: Play) -> None:
    """At most 3 sounding messages a day and 12 a week for one person, whoever she is."""
    await play.through(FIRST_LESSON + 14 * DAY)
    for user in (LEARNER, SUPERVISOR, COORDINATOR):
        sounding = [m.at.date() for m in play.said(user) if not m.silent and m.at >= FIRST_LESSON]
        assert all(sounding.count(day) <= 3 for day in sounding)
        assert len([day for day in sounding if day < (FIRST_LESSON + 7 * DAY).date()]) <= 12
    assert len([m for m in play.said(LEARNER) if m.text.startswith("每日一学")]) == 11


@pytest.mark.asyncio
async def test_a_second_role_keeps_her_account(morning: Play) -> None:
    """A supervisor's invite on a learner's phone: one more role, the same person and records."""
    token = morning.running.links.tokens[PHONES[0].phone_id]
    await morning.vote(LEARNER, 1)
    before = await morning.count("person")
    assert "邀请您多一个身份" in await morning.open(LEARNER, token)
    await morning.press(LEARNER, "同意")
    assert await morning.count("person") == before
    assert "1次，4分钟" in await morning.say(LEARNER, "我的")
