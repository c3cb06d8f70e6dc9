"""Asking in chat: the button, the command, and words that were no command."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import pytest

from curriculum.questions import QUESTION_LIMIT
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    LEARNER,
    SUPERVISOR,
    Play,
    county,
    folder,
    morning,
    play,
)

pytestmark = pytest.mark.asyncio
ASKED = "SELECT text, lesson_id IS NOT NULL, state FROM question ORDER BY id"
WORDS = "怎么跟不愿开门的老人说上第一句话？"


async def test_a_question_behind_the_command_is_stored_at_once(play: Play) -> None:
    """/ask with words needs no second step."""
    said = await play.say(LEARNER, f"/ask {WORDS}")
    assert said == ("已收到您的提问\n\n最晚12月8日(周二)有答复。\n方便的话补一句情况，答得更准。")
    assert await play.rows(ASKED) == [(WORDS, 0, "new")]


@pytest.mark.parametrize("way", ["/ask", "提问", "我要提问", "question"])
async def test_asking_without_words_asks_for_them(play: Play, way: str) -> None:
    """The next thing she writes is the question."""
    assert (await play.say(LEARNER, way)).startswith("您想问什么")
    assert (await play.say(LEARNER, WORDS)).startswith("已收到您的提问")
    assert [row[0] for row in await play.rows(ASKED)] == [WORDS]
    assert await play.count("draft") == 0


async def test_a_question_from_under_a_lesson_carries_the_lesson(morning: Play) -> None:
    """The lesson's 提问 button ties the question to what it is about."""
    assert (await morning.press(LEARNER, "提问")).startswith("您想问什么")
    await morning.say(LEARNER, WORDS)
    assert await morning.rows("SELECT text, lesson_id FROM question") == [
        (WORDS, (await morning.rows("SELECT subject_id FROM delivery LIMIT 1"))[0][0])
    ]


async def test_a_forged_lesson_behind_a_question_is_left_out(morning: Play) -> None:
    """A question under a lesson never sent to her is kept, without a lesson."""
    lesson = morning.lesson(LEARNER)
    morning.world.forge_callback(LEARNER, LEARNER, lesson.message_id, "ask:daily_lesson/9/2020")
    await morning.settle()
    await morning.say(LEARNER, WORDS)
    assert await morning.rows(ASKED) == [(WORDS, 0, "new")]


async def test_unknown_words_are_offered_to_be_stored(play: Play) -> None:
    """Words that are no command are never an error, and are kept only on 存为提问."""
    assert (await play.say(LEARNER, WORDS)).startswith("您是想提问吗？")
    assert play.labels(LEARNER)[:2] == ["存为提问", "不是"]
    assert await play.count("question") == 0
    assert (await play.press(LEARNER, "存为提问")).startswith("已收到您的提问")
    assert [row[0] for row in await play.rows(ASKED)] == [WORDS]


async def test_what_was_no_question_is_forgotten(play: Play) -> None:
    """After 不是 neither the question table nor a form nor the inbox holds the words."""
    await play.say(LEARNER, WORDS)
    assert "没有保存" in await play.press(LEARNER, "不是")
    assert await play.count("question") == await play.count("draft") == 0
    kept = await play.rows("SELECT count(*) FROM inbox_update WHERE payload IS NOT NULL")
    assert kept == [(0,)]


async def test_words_with_newer_words_behind_them_are_not_mixed_up(play: Play) -> None:
    """A second unknown text takes the place of the first; the first one's buttons fit nothing."""
    await play.say(LEARNER, "第一句")
    old = play.with_button(LEARNER, "存为提问")
    await play.say(LEARNER, "第二句")
    play.world.press(LEARNER, LEARNER, old.message_id, row=0, column=0)
    await play.settle()
    assert await play.count("question") == 0
    assert play.toast(LEARNER) == "这一步已经走过了，请看最下面一条"
    await play.press(LEARNER, "存为提问")
    assert [row[0] for row in await play.rows(ASKED)] == ["第二句"]


async def test_a_question_too_long_says_how_long_it_is(play: Play) -> None:
    """It is refused whole, with the limit, and the form still waits."""
    await play.say(LEARNER, "/ask")
    said = await play.say(LEARNER, "长" * (QUESTION_LIMIT + 1))
    assert said.startswith(f"一次最多 {QUESTION_LIMIT} 个字，您写了 {QUESTION_LIMIT + 1} 个。")
    assert (await play.say(LEARNER, "短一些")).startswith("已收到您的提问")


async def test_my_questions_show_to_the_asker_alone(play: Play) -> None:
    """我的 lists her own with their state; nobody else's screen has them."""
    await play.say(LEARNER, f"/ask {WORDS}")
    mine = await play.say(LEARNER, "我的")
    assert f"11月24日(周二) {WORDS}（已收到）" in mine
    assert mine.splitlines()[0] == "我的学习"
    for user in (SUPERVISOR, COORDINATOR):
        assert WORDS not in await play.say(user, "我的")


async def test_everybody_with_work_to_do_may_ask(play: Play) -> None:
    """Supervisors and coordinators ask as well."""
    for number, user in enumerate((SUPERVISOR, COORDINATOR), 1):
        await play.say(user, f"/ask {WORDS}")
        assert [m for m in play.said(user) if m.text.startswith("已收到您的提问")]
        assert await play.count("question") == number


async def test_markup_in_a_question_comes_back_as_typed(play: Play) -> None:
    """What looks like markup or a template in her words is shown as she wrote it."""
    typed = "**粗** _斜_ [链接](http://x.cn) {{ name }} <b>x</b>"
    await play.say(LEARNER, f"/ask {typed[:29]}")
    mine = await play.say(LEARNER, "我的")
    assert typed[:29].rstrip() in mine
    kinds = {entity["type"] for entity in play.said(LEARNER)[-1].entities}
    assert "text_link" not in kinds
    assert "italic" not in kinds
