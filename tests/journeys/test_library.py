"""The library from end to end: in Chinese and in English, for a learner, a supervisor, staff."""

from pathlib import Path

import pytest

from tests.journeys.conftest import COORDINATOR, LEARNER, SUPERVISOR, Play, playing

pytestmark = pytest.mark.asyncio


async def test_a_learner_finds_her_way_without_a_slash(morning: Play) -> None:
    """By buttons alone: learn, see it counted, go on where she left off, look something up."""
    await morning.press(LEARNER, "学完了")
    await morning.say(LEARNER, "更多")
    assert "课程" in morning.labels(LEARNER)
    said = await morning.press(LEARNER, "课程")
    assert "您学过1课" in said
    await morning.press(LEARNER, "认识社会工作 · 已学 1/6")
    assert morning.labels(LEARNER)[0] == "助人自助 · 已学"
    said = await morning.press(LEARNER, "助人自助 · 已学")
    assert said.startswith("第1课")
    assert "已学" in said
    assert "读这一课" in morning.labels(LEARNER)
    await morning.press(LEARNER, "上一步")
    await morning.press(LEARNER, "上一步")
    assert (await morning.press(LEARNER, "继续上次")).startswith("第2课")
    await morning.say(LEARNER, "课程")
    await morning.press(LEARNER, "找课")
    assert "找到的课" in await morning.say(LEARNER, "强报制告")
    assert morning.labels(LEARNER)[0].startswith("强制报告")


async def test_staff_see_the_lessons_their_people_learn(play: Play) -> None:
    """A supervisor and a coordinator open the same pack, with nobody's progress in it."""
    for user in (SUPERVISOR, COORDINATOR):
        assert "社工入门六十课，共60课。" in await play.say(user, "课程")
        assert "找到的课" in await play.say(user, "/library དང་ལེན")
        assert play.labels(user)[0].startswith("དང་ལེན")


async def test_in_english_the_titles_are_english(play: Play) -> None:
    """The pack's, the modules' and the lessons', as far as the pack has them."""
    await play.running.wuxue.database.write(
        lambda session: session.connection().exec_driver_sql(
            "UPDATE person SET language = 'en' WHERE name = '扎西'"
        )
    )
    said = await play.say(LEARNER, "library")
    assert said.startswith("Lessons\n\nSixty first lessons for social workers, 60 lessons.")
    assert play.labels(LEARNER)[0] == "Orientation · 6"
    await play.press(LEARNER, "Find a lesson")
    assert (await play.say(LEARNER, "confidentialty")).startswith("Lessons found")
    assert play.labels(LEARNER)[0] == "Confidentiality and its limits · Values and ethics"


async def test_the_shelf_outlives_a_restart(folder: Path) -> None:
    """A button pressed after the bot was started anew leads on, and a search form waits."""
    async with playing(folder) as play:
        await play.say(LEARNER, "课程")
        await play.say(LEARNER, "找课")
    async with playing(folder) as play:
        assert "找到的课" in await play.say(LEARNER, "保密")
        await play.press(LEARNER, "下一页")
        assert any("社会救助政策" in key["text"] for m in play.said(LEARNER) for key in m.buttons)
