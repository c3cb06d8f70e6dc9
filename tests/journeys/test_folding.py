"""A notice folded into the day's lesson: one line under it, and nothing anywhere else."""

from datetime import timedelta

import pytest

from bot.rehearsal.stored import StoredMessage
from tests.journeys.conftest import COORDINATOR, FIRST_LESSON, LEARNER, Play

pytestmark = pytest.mark.asyncio
LINE = "· 单位已替您安排暂停：11月27日(周五)起不发课，想早点学请发“恢复学习”"


async def _planned(play: Play) -> None:
    """On Tuesday evening the coordinator plans a rest for the learner, from Friday on."""
    await play.say(COORDINATOR, "/people 扎西")
    await play.press(COORDINATOR, "1 扎西")
    await play.press(COORDINATOR, "暂停学习")
    await play.say(COORDINATOR, "11月27日")
    assert "起暂停" in await play.press(COORDINATOR, "一周")


def _now(play: Play, message: StoredMessage) -> str:
    return play.world.message(LEARNER, message.message_id).text


async def test_a_notice_is_a_line_of_the_lesson_and_stays_when_it_is_edited(play: Play) -> None:
    """Nothing by night or at nine, one line at ten, word for word after 学完了 and the quiz."""
    before = len(play.said(LEARNER))
    await _planned(play)
    await play.through(FIRST_LESSON - timedelta(minutes=1))
    assert len(play.said(LEARNER)) == before
    await play.through(FIRST_LESSON)
    lesson, quiz = play.said(LEARNER)[before:]
    assert lesson.text.startswith("每日一学")
    assert lesson.text.endswith(LINE)
    assert (lesson.silent, quiz.silent) == (False, True)
    assert quiz.poll is not None
    # What it was about changes: she was told it all the same.
    await play.say(COORDINATOR, "/people 扎西")
    await play.press(COORDINATOR, "1 扎西")
    await play.press(COORDINATOR, "恢复学习")
    after = len(play.said(LEARNER))
    await play.press(LEARNER, "学完了")
    assert "✅ 已记录" in _now(play, lesson)
    assert _now(play, lesson).endswith(LINE)
    await play.vote(LEARNER, 0)
    assert _now(play, lesson).endswith(LINE)
    assert len(play.said(LEARNER)) == after


async def test_a_lesson_shown_again_does_not_repeat_old_notices(play: Play) -> None:
    """今天 brings the lesson alone; 学完了 under it is said in both, the line where it stood."""
    await _planned(play)
    await play.through(FIRST_LESSON)
    lesson = play.lesson(LEARNER)
    assert LINE not in await play.say(LEARNER, "今天")
    again = play.said(LEARNER)[-1]
    await play.press(LEARNER, "学完了")
    for message in (lesson, again):
        assert "✅ 已记录" in _now(play, message)
    assert _now(play, lesson).endswith(LINE)
    assert LINE not in _now(play, again)
