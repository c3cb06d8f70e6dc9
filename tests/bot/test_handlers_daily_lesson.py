"""每日一学 in chat: every answer to 今天, both ways to learn, what Telegram's quiz cannot hold."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.handlers.lesson_messages import fits_quiz
from bot.rehearsal.rehearse import enrol_phones
from curriculum.lesson_pack import read_pack
from tests.county import write_pack
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    NEWCOMER,
    SUPERVISOR,
    Play,
    county,
    folder,
    morning,
    play,
    playing,
)

EVIDENCE = "SELECT evidence FROM learning_record ORDER BY id"
QUESTION = {"text": "问", "options": ["甲", "乙"], "answer": 0, "explanation": "因为"}


@pytest.mark.asyncio
async def test_an_answer_after_learned_strengthens_the_evidence(morning: Play) -> None:
    """Both ways lead to one record in force: a correcting row, and the same minutes."""
    await morning.press(LEARNER, "学完了")
    await morning.vote(LEARNER, 0)
    first, second = await morning.rows(
        "SELECT id, evidence, minutes, corrects FROM learning_record ORDER BY id"
    )
    assert (first[1], second[1]) == ("self_stated", "answered")
    assert (second[2], second[3]) == (first[2], first[0])
    assert f"每日一学：1次，{first[2]}分钟" in await morning.say(LEARNER, "我的")


@pytest.mark.asyncio
async def test_learned_after_an_answer_changes_nothing(morning: Play) -> None:
    """Weaker evidence never replaces stronger."""
    lesson = morning.lesson(LEARNER)
    data = lesson.button("学完了")["callback_data"]
    await morning.vote(LEARNER, 0)
    morning.world.forge_callback(LEARNER, LEARNER, lesson.message_id, data)
    await morning.settle()
    assert await morning.rows(EVIDENCE) == [("answered",)]
    assert morning.toast(LEARNER) == "之前已经记录过了，不会重复"


@pytest.mark.asyncio
async def test_a_tap_too_old_for_telegram_still_counts(morning: Play) -> None:
    """When the toast can no longer be shown, the record is written and the message says it."""
    lesson = morning.lesson(LEARNER)
    morning.world.forge_callback(
        LEARNER, LEARNER, lesson.message_id, lesson.button("学完了")["callback_data"]
    )
    morning.world.age_queries()
    await morning.settle()
    assert await morning.rows(EVIDENCE) == [("self_stated",)]
    assert "✅ 已记录" in morning.lesson(LEARNER).text


@pytest.mark.asyncio
async def test_the_groups_button_leads_to_todays_lesson(morning: Play) -> None:
    """去私聊答题 opens the private chat on the lesson of the day."""
    (key,) = morning.said(GROUP)[-1].buttons
    _, _, payload = key["url"].partition("?start=")
    assert (await morning.open(LEARNER, payload)).startswith("每日一学 · 第1课")
    assert morning.labels(LEARNER) == ["学完了", "答题", "提问"]


@pytest.mark.asyncio
async def test_today_before_the_hour_says_when(play: Play) -> None:
    """On a working day before ten, 今天 names the moment with its weekday."""
    await play.through(FIRST_LESSON - timedelta(hours=1))
    assert await play.say(LEARNER, "今天") == (
        "今天的课还没到\n\n11月25日(周三)10:00 会发给您，不用守着。"
    )


@pytest.mark.asyncio
async def test_today_on_a_weekend_says_when_it_goes_on(play: Play) -> None:
    """An ordinary day off has no name."""
    await play.through(datetime(2026, 11, 28, 4, 0, tzinfo=UTC))
    said = await play.say(LEARNER, "今天")
    assert said.startswith("今天休息\n")
    assert said.endswith("下一课 11月30日(周一)10:00 到。")


@pytest.mark.asyncio
async def test_today_on_a_holiday_names_it_and_the_make_up_day_brings_a_lesson(
    tmp_path: Path,
) -> None:
    """National Day is called by its name; the Saturday worked for it is a working day."""
    async with playing(tmp_path, start=datetime(2026, 9, 29, 4, 0, tzinfo=UTC)) as play:
        await enrol_phones(play.running)
        await play.through(datetime(2026, 10, 7, 4, 0, tzinfo=UTC))
        said = await play.say(LEARNER, "今天")
        assert said.startswith("今天休息（国庆节）")
        assert "下一课 10月8日(周四)10:00 到。" in said
        await play.through(datetime(2026, 10, 10, 2, 0, tzinfo=UTC))
        assert play.lesson(LEARNER).at == datetime(2026, 10, 10, 2, 0, tzinfo=UTC)


@pytest.mark.asyncio
async def test_today_after_the_lesson_shows_what_is_still_open(morning: Play) -> None:
    """The same lesson with the buttons that still mean something, and the question on demand."""
    await morning.press(LEARNER, "学完了")
    assert (await morning.say(LEARNER, "今天")).startswith("每日一学 · 第1课")
    assert morning.labels(LEARNER) == ["答题", "提问"]
    assert (await morning.press(LEARNER, "答题")).startswith("今天的一道题")
    answered = await morning.press(LEARNER, "A")
    assert "（您选的）" in answered or "答对了" in answered
    assert await morning.rows(EVIDENCE) == [("self_stated",), ("answered",)]
    await morning.say(LEARNER, "今天")
    assert morning.labels(LEARNER) == ["提问"]


@pytest.mark.asyncio
async def test_a_late_joiner_gets_todays_lesson_by_asking(morning: Play) -> None:
    """Whoever joins after ten presses 今天 and has the lesson, quiz included."""
    late = FIRST_LESSON + timedelta(hours=3)
    await morning.through(late)
    await morning.open(NEWCOMER, morning.running.links.tokens["learner-1"])
    for label in ("中文", "同意"):
        await morning.press(NEWCOMER, label)
    await morning.say(NEWCOMER, "卓玛")
    await morning.press(NEWCOMER, "是")
    await morning.say(NEWCOMER, "今天")
    await morning.through(late + timedelta(minutes=1))
    assert morning.quiz(NEWCOMER)
    await morning.press(NEWCOMER, "学完了")
    assert "✅ 已记录" in morning.lesson(NEWCOMER).text
    assert await morning.rows(EVIDENCE) == [("self_stated",)]


@pytest.mark.asyncio
async def test_whoever_has_no_course_is_told_whom_to_ask(morning: Play) -> None:
    """今天 without a course is answered, not refused."""
    for user in (SUPERVISOR, COORDINATOR):
        assert (await morning.say(user, "今天")).startswith("您现在没有课")


@pytest.mark.asyncio
@pytest.mark.parametrize("word", ["today", "TODAY", " 今日 ", "དེ་རིང་", "དེ་རིང", "/today"])
async def test_today_is_understood_in_three_languages(morning: Play, word: str) -> None:
    """The usual words work typed, in Chinese, English and Tibetan, beside the command."""
    assert (await morning.say(LEARNER, word)).startswith("每日一学 · 第1课")


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("word", "begins"),
    [
        ("我的提问", "我的提问"),
        ("我的", "我的学习"),
        ("/me", "我的学习"),
        ("更多", "还可以做这些"),
        ("/help", "您在这里能做的事"),
        ("/privacy", "隐私说明"),
        ("དྲི་བ་", "您想问什么"),
    ],
)
async def test_the_usual_words_lead_where_they_say(play: Play, word: str, begins: str) -> None:
    """Words, keyboard and commands lead to the same places."""
    assert (await play.say(LEARNER, word)).startswith(begins)


@pytest.mark.asyncio
async def test_a_question_too_long_for_a_quiz_is_asked_with_buttons(
    folder: Path, tmp_path: Path
) -> None:
    """Beyond Telegram's limits the question is a silent message with a letter per option."""
    write_pack(tmp_path / "pack", 1)
    written = tmp_path / "pack" / "001.zh.md"
    long = "这一项写得特别长，" * 14
    text = written.read_text(encoding="utf-8").replace("[甲, 乙, 丙]", f"[甲, {long}, 丙]")
    written.write_text(text, encoding="utf-8")
    packed = read_pack(tmp_path / "pack")
    start = FIRST_LESSON - timedelta(hours=12)
    (tmp_path / "fresh").mkdir()
    async with playing(tmp_path / "fresh", start=start, pack=packed) as play:
        await enrol_phones(play.running)
        await play.through(FIRST_LESSON)
        asked = play.said(LEARNER)[-1]
        assert asked.poll is None
        assert asked.silent
        assert asked.text.startswith("今天的一道题")
        assert play.labels(LEARNER) == ["A", "B", "C"]
        await play.press(LEARNER, "A")
        await play.settle()
        answered = play.said(LEARNER)[-1].text
        assert "（您选的）" in answered
        assert "正确的是 B。因为是乙" in answered
        assert play.labels(LEARNER) == []
        assert await play.rows(EVIDENCE) == [("answered",)]
        assert "✅ 已记录：每日一学 5分钟" in play.lesson(LEARNER).text


@pytest.mark.parametrize(
    "change",
    [
        {"text": "问" * 301},
        {"options": ["甲", "乙" * 101]},
        {"options": ["甲", "😀" * 51]},
        {"options": ["甲"]},
        {"options": list("甲乙丙丁戊己庚辛壬癸子")},
        {"explanation": "因" * 201},
        {"explanation": "一\n二\n三\n四"},
    ],
)
def test_telegrams_limits_for_a_quiz_are_kept(change: dict[str, object]) -> None:
    """Question 300, option 100, explanation 200 units with two line feeds, 2 to 10 options."""
    assert fits_quiz(QUESTION)
    assert not fits_quiz(QUESTION | change)


@pytest.mark.asyncio
async def test_an_answer_before_we_know_its_quiz_waits_and_then_counts(morning: Play) -> None:
    """A crash between sending and noting hides the poll; the answer is put off, not lost."""
    poll_id = morning.quiz(LEARNER).json["poll"]["id"]
    await morning.running.wuxue.database.write(_rename_poll, poll_id, "hidden")
    await morning.vote(LEARNER, 0)
    assert await morning.rows(EVIDENCE) == []
    waiting = "SELECT status, attempts, not_before IS NOT NULL FROM inbox_update ORDER BY id DESC"
    assert (await morning.rows(waiting))[0] == ("waiting", 1, 1)
    await morning.running.wuxue.database.write(_rename_poll, "hidden", poll_id)
    await _look_again(morning)
    assert await morning.rows(EVIDENCE) == [("answered",)]
    assert "✅ 已记录" in morning.lesson(LEARNER).text


@pytest.mark.asyncio
async def test_after_ten_minutes_she_is_asked_to_tap_again(morning: Play) -> None:
    """An answer to a quiz nobody knows ends in a sentence that says what to press."""
    poll_id = morning.quiz(LEARNER).json["poll"]["id"]
    await morning.running.wuxue.database.write(_rename_poll, poll_id, "hidden")
    await morning.vote(LEARNER, 0)
    await morning.running.wuxue.database.write(_receive_earlier, minutes=11)
    await _look_again(morning)
    assert morning.last(LEARNER).startswith("请再答一次")
    assert (await morning.rows("SELECT status FROM inbox_update ORDER BY id DESC"))[0] == ("done",)
    # And what it says to press works.
    await morning.say(LEARNER, "今天")
    await morning.press(LEARNER, "答题")
    await morning.press(LEARNER, "A")
    assert await morning.rows(EVIDENCE) == [("answered",)]


@pytest.mark.asyncio
async def test_after_ten_minutes_an_answer_goes_to_the_one_lesson_in_doubt(morning: Play) -> None:
    """The quiz was sent, the machine died before it was noted, and it is not known from then on."""
    await morning.running.wuxue.database.write(_lose_quiz, LEARNER)
    await morning.vote(LEARNER, 0)
    assert await morning.rows(EVIDENCE) == []
    await morning.running.wuxue.database.write(_receive_earlier, minutes=11)
    await _look_again(morning)
    assert await morning.rows(EVIDENCE) == [("answered",)]
    assert "✅ 已记录" in morning.lesson(LEARNER).text
    assert not morning.last(LEARNER).startswith("请再答一次")


def _lose_quiz(session: Session, chat_id: int) -> None:
    """As if the part had gone out and nobody had been left to write that down."""
    session.connection().exec_driver_sql(
        "DELETE FROM sent_message WHERE chat_id = ? AND poll_id IS NOT NULL", (chat_id,)
    )


async def _look_again(play: Play) -> None:
    """What the inbox does every two seconds, now."""
    await play.running.wuxue.database.write(_may_be_tried)
    await play.running.wuxue.inbox._dispatch()
    await play.settle()


def _rename_poll(session: Session, old: str, new: str) -> None:
    session.connection().exec_driver_sql(
        "UPDATE sent_message SET poll_id = ? WHERE poll_id = ?", (new, old)
    )


def _may_be_tried(session: Session) -> None:
    session.connection().exec_driver_sql("UPDATE inbox_update SET not_before = NULL")


def _receive_earlier(session: Session, *, minutes: int) -> None:
    session.connection().exec_driver_sql(
        "UPDATE inbox_update SET received_at = datetime(received_at, ?)", (f"-{minutes} minutes",)
    )
