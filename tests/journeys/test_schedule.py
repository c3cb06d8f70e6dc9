"""日程 in chat: seeing what lies ahead, holding a day, moving it, taking it back."""

from datetime import date, timedelta

import pytest

from bot.handlers.schedule import ON_A_PAGE, pages
from curriculum.schedule import DayOff, Entry
from tests.journeys.conftest import (
    COORDINATOR,
    FIRST_LESSON,
    GROUP,
    LEARNER,
    STRANGER,
    SUPERVISOR,
    Play,
)

DAY = timedelta(days=1)
CHANGED = "SELECT local_date FROM occasion WHERE state IN ('held', 'moved')"


@pytest.mark.asyncio
async def test_the_next_two_weeks_are_reached_from_more_and_by_words(play: Play) -> None:
    """更多, 日程: dates with weekday and hour, whom they are for, days off; two pages."""
    await play.say(COORDINATOR, "更多")
    said = await play.press(COORDINATOR, "日程")
    assert said.startswith("两周内的日程\n\n• 1　11月25日(周三)10:00 每日一学，2026年第一期：")
    assert "7人，1个群" in said
    assert "11月28日(周六) 休息" in said
    assert play.labels(COORDINATOR) == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "下一页",
        "节假日",
        "紧急值班",
    ]
    later = await play.press(COORDINATOR, "下一页")
    assert "12月8日(周二)10:00" in later
    assert play.labels(COORDINATOR) == ["1", "2", "3", "4", "上一页", "节假日", "紧急值班"]
    for words in ("日程", "/schedule", "Schedule"):
        assert (await play.say(COORDINATOR, words)).startswith("两周内的日程")


@pytest.mark.asyncio
async def test_one_date_is_shown_exactly_as_it_then_arrives(play: Play) -> None:
    """The lesson's text under a number is word for word what the learner receives."""
    await play.say(COORDINATOR, "日程")
    control = await play.press(COORDINATOR, "1")
    assert control.startswith("11月25日(周三)10:00\n\n每日一学，2026年第一期：7人，1个群。")
    shown, question, _ = play.said(COORDINATOR)[-3:]
    assert (shown.silent, question.silent) == (True, True)
    await play.through(FIRST_LESSON)
    assert play.lesson(LEARNER).text == shown.text
    assert play.quiz(LEARNER).json["poll"]["question"] in question.text


@pytest.mark.asyncio
async def test_a_held_day_is_silent_and_the_lesson_comes_the_day_after(play: Play) -> None:
    """暂不发 on Tuesday evening: nothing on Wednesday, the first lesson on Thursday."""
    await play.say(COORDINATOR, "日程")
    await play.press(COORDINATOR, "1")
    said = await play.press(COORDINATOR, "暂不发")
    assert "这一天暂不发" in said
    assert play.toast(COORDINATOR) == "已改好"
    assert play.labels(COORDINATOR) == ["改时间", "照常发", "日程"]
    await play.through(FIRST_LESSON + timedelta(hours=6))
    assert not any(m.text.startswith("每日一学") for m in play.said(LEARNER))
    assert "今天没有课" in await play.say(LEARNER, "今天")
    assert "11月26日(周四)10:00" in play.last(LEARNER)
    await play.through(FIRST_LESSON + DAY)
    assert "第1课" in play.lesson(LEARNER).text
    assert "第1课" in play.lesson(GROUP).text


@pytest.mark.asyncio
async def test_a_hold_of_the_same_morning_is_taken_back(play: Play) -> None:
    """Held at nine when the day is planned, let go at half past: it arrives at ten."""
    await play.through(FIRST_LESSON - timedelta(hours=1))
    await play.say(COORDINATOR, "日程")
    await play.press(COORDINATOR, "1")
    await play.press(COORDINATOR, "暂不发")
    await play.through(FIRST_LESSON - timedelta(minutes=30))
    said = await play.press(COORDINATOR, "照常发")
    assert "暂不发" not in said
    assert play.labels(COORDINATOR) == ["暂不发", "改时间", "日程"]
    await play.through(FIRST_LESSON)
    assert play.lesson(LEARNER).at == FIRST_LESSON


@pytest.mark.asyncio
async def test_the_hour_is_chosen_by_button_or_typed(play: Play) -> None:
    """改时间: 15:00 by button; then 16:30 typed, after words that are no hour and one at night."""
    await play.say(COORDINATOR, "日程")
    await play.press(COORDINATOR, "1")
    asked = await play.press(COORDINATOR, "改时间")
    assert asked.startswith("改到几点\n\n11月25日(周三)，2026年第一期。")
    assert play.labels(COORDINATOR) == ["09:00", "12:00", "15:00", "18:00", "20:00", "取消"]
    said = await play.press(COORDINATOR, "15:00")
    assert said.startswith("11月25日(周三)15:00")
    assert "已改到这个时间" in said
    await play.press(COORDINATOR, "改时间")
    assert "没看懂这个钟点" in await play.say(COORDINATOR, "下午")
    assert "安静时段 21:30 到 09:00" in await play.say(COORDINATOR, "22:00")
    assert (await play.say(COORDINATOR, "16：30")).startswith("11月25日(周三)16:30")
    assert await play.count("draft") == 0
    await play.through(FIRST_LESSON + timedelta(hours=6, minutes=30))
    assert play.lesson(LEARNER).at == FIRST_LESSON + timedelta(hours=6, minutes=30)
    assert play.lesson(GROUP).at == FIRST_LESSON + timedelta(hours=6, minutes=30)


@pytest.mark.asyncio
async def test_the_second_tap_on_an_old_view_is_told(play: Play) -> None:
    """Two views of the same day: holding in one, moving in the other is refused kindly."""
    await play.say(COORDINATOR, "日程")
    await play.press(COORDINATOR, "1")
    old = play.with_button(COORDINATOR, "暂不发")
    data = old.button("暂不发")["callback_data"]
    await play.press(COORDINATOR, "暂不发")
    play.world.forge_callback(COORDINATOR, COORDINATOR, old.message_id, data)
    await play.settle()
    assert "刚才有别人改过这一天" in play.toast(COORDINATOR)


@pytest.mark.asyncio
async def test_nobody_else_finds_the_schedule(play: Play) -> None:
    """No button under 更多, and a forged or typed one is answered like what does not exist."""
    await play.say(COORDINATOR, "日程")
    message = play.said(COORDINATOR)[-1]
    for user in (LEARNER, SUPERVISOR):
        await play.say(user, "更多")
        assert "日程" not in play.labels(user)
        assert "没有找到，或者您看不到它" in await play.say(user, "日程")
        for data in ("schedule:0", "occasion:1:2026-11-25", "arrange:hold:usual:1:2026-11-25"):
            play.world.forge_callback(user, user, message.message_id, data)
            await play.settle()
            assert "没有找到，或者您看不到它" in play.toast(user)
    assert "只对受邀请的人开放" in await play.say(STRANGER, "日程")
    assert await play.rows(CHANGED) == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "data",
    [
        "schedule:x",
        "schedule:-1",
        "occasion:",
        "occasion:1:2026-11-28",
        "arrange:drop:usual:1:2026-11-25",
        "arrange:hold:usual:99:2026-11-25",
        "arrange:change_time:usual:1:2026-02-30",
        "arrange:hold",
    ],
)
async def test_forged_buttons_change_nothing(play: Play, data: str) -> None:
    """Whatever a button is made to carry, the coordinator gets a kind answer and no change."""
    await play.say(COORDINATOR, "日程")
    message = play.said(COORDINATOR)[-1]
    play.world.forge_callback(COORDINATOR, COORDINATOR, message.message_id, data)
    await play.settle()
    assert "没有找到，或者您看不到它" in play.toast(COORDINATOR)
    assert await play.rows(CHANGED) == []


def _entry(day: int, cohort: int) -> Entry:
    at = FIRST_LESSON + DAY * day
    return Entry(
        name=f"{cohort}:{at.date()}",
        kind="daily_lesson",
        cohort_name=str(cohort),
        day=at.date(),
        due_at=at,
        mark="usual",
        people=1,
        groups=0,
        is_provisional=False,
        is_together=True,
    )


def test_pages_keep_a_day_together_and_never_hold_more_than_six() -> None:
    """Four cohorts: one day a page; seven cohorts: a day goes over two; nothing is left out."""
    for cohorts in (1, 3, 4, 7, 13):
        lines = [_entry(day, cohort) for day in range(4) for cohort in range(cohorts)]
        made = pages(lines)
        assert [line for page in made for _, line in page] == lines
        for page in made:
            assert [number for number, _ in page] == list(range(1, len(page) + 1))
            assert len(page) <= ON_A_PAGE
            if cohorts <= ON_A_PAGE:
                days = [line.day for _, line in page]
                assert all(days.count(day) == cohorts for day in days)
    assert pages([]) == [[]]
    assert pages([DayOff(date(2026, 11, 28), None)]) == [[(0, DayOff(date(2026, 11, 28), None))]]
