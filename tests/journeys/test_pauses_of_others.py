"""暂停学习 from the directory, played by the coordinator and the learner."""

from datetime import timedelta

import pytest

from tests.journeys.conftest import COORDINATOR, FIRST_LESSON, LEARNER, Play

pytestmark = pytest.mark.asyncio
DAY = timedelta(days=1)
NOT_THERE = "没有找到，或者您看不到它。请按“今天”回到现在的内容。"


async def _page(play: Play) -> str:
    await play.say(COORDINATOR, "/people 扎西")
    return await play.press(COORDINATOR, "1 扎西")


async def test_a_coordinator_pauses_a_learner_who_is_told_and_can_come_back(
    morning: Play,
) -> None:
    """The form she has herself, the page says until when, one silent message, no lesson."""
    await _page(morning)
    assert "扎西" in await morning.press(COORDINATOR, "暂停学习")
    await morning.press(COORDINATOR, "明天起")
    before = len(morning.said(LEARNER))
    page = await morning.press(COORDINATOR, "一周")
    assert "11月26日(周四)起暂停到 12月2日(周三)" in page
    assert morning.labels(COORDINATOR)[-3:] == ["恢复学习", "改时间", "回到人员"]
    (told,) = morning.said(LEARNER)[before:]
    assert told.text.startswith("学习已暂停")
    assert "11月26日(周四)起不发课" in told.text
    assert told.silent
    await morning.through(FIRST_LESSON + DAY)
    assert morning.last(LEARNER) == told.text
    assert "暂停到 12月2日(周三)" in await _page(morning)
    before = len(morning.said(LEARNER))
    await morning.press(LEARNER, "恢复学习")
    welcome, lesson, quiz = morning.said(LEARNER)[before:]
    assert welcome.text.startswith("欢迎回来")
    assert lesson.text.startswith("每日一学")
    assert quiz.poll is not None
    assert "暂停" not in await _page(morning)
    assert await morning.count("draft") == 0


async def test_a_coordinator_ends_a_pause_and_the_learner_is_welcomed(morning: Play) -> None:
    """恢复学习 on the page: she is told 欢迎回来, and the next day's lesson comes."""
    await morning.say(LEARNER, "/pause")
    await morning.press(LEARNER, "今天起")
    await morning.press(LEARNER, "还没定")
    assert "暂停，哪天回来还没定" in await _page(morning)
    stale = morning.with_button(COORDINATOR, "恢复学习")
    data = stale.button("恢复学习")["callback_data"]
    assert "暂停" not in await morning.press(COORDINATOR, "恢复学习")
    assert morning.last(LEARNER).startswith("欢迎回来")
    morning.world.forge_callback(COORDINATOR, COORDINATOR, stale.message_id, data)
    await morning.settle()
    assert "刚才有同事改过这里" in morning.toast(COORDINATOR)
    await morning.through(FIRST_LESSON + DAY)
    assert morning.lesson(LEARNER).at == FIRST_LESSON + DAY


async def test_a_forged_button_shows_nothing(morning: Play) -> None:
    """Neither a learner nor a number nobody has leads anywhere."""
    ((person_id,),) = await morning.rows("SELECT id FROM person WHERE name = '扎西'")
    for user, data in (
        (LEARNER, f"pause_of:{person_id}"),
        (LEARNER, f"resume_of:{person_id}:0"),
        (COORDINATOR, "pause_of:999999"),
        (COORDINATOR, "resume_of:x:0"),
        (COORDINATOR, f"resume_of:{person_id}"),
    ):
        message = morning.said(user)[-1]
        morning.world.forge_callback(user, user, message.message_id, data)
        await morning.settle()
        assert morning.toast(user) == NOT_THERE
    assert await morning.count("absence") == 0
