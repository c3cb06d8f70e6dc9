"""再来一题 in chat: the ways to a question, its answer in place, what is said when none comes."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from datetime import timedelta

import pytest
import pytest_asyncio

from bot.rehearsal.stored import StoredMessage
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    FIRST_LESSON,
    LEARNER,
    SUPERVISOR,
    Play,
    county,
    folder,
    morning,
    play,
)

pytestmark = pytest.mark.asyncio
DAY = timedelta(days=1)
ASKS = "SELECT chosen, correct FROM recall_ask ORDER BY id"
CARDS = "SELECT count(*) FROM recall_card"


@pytest_asyncio.fixture
async def friday(morning: Play) -> Play:
    """The third morning: two lessons behind her, neither answered, the third just sent."""
    await morning.through(FIRST_LESSON + 2 * DAY)
    return morning


def question(play: Play) -> StoredMessage:
    """The newest recall question."""
    return next(m for m in reversed(play.said(LEARNER)) if m.text.startswith("复习一题"))


def forge(play: Play, user: int, data: str) -> None:
    """Press something nobody was offered."""
    play.world.forge_callback(user, user, play.said(user)[-1].message_id, data)


async def test_the_button_comes_with_the_answered_quiz(friday: Play) -> None:
    """Not under a lesson that was only learned; under the answered one it asks, silently."""
    await friday.press(LEARNER, "学完了")
    assert [b["text"] for b in friday.lesson(LEARNER).buttons] == ["提问", "用上了"]
    await friday.vote(LEARNER, 0)
    assert [b["text"] for b in friday.lesson(LEARNER).buttons] == ["提问", "再来一题", "用上了"]
    await friday.press(LEARNER, "再来一题")
    asked = friday.said(LEARNER)[-1]
    assert asked.text.splitlines()[0] == "复习一题"
    assert asked.silent
    assert [b["text"] for b in asked.buttons] == ["A", "B", "C", "D"][: len(asked.buttons)]


async def test_an_answer_is_said_in_its_own_message(friday: Play) -> None:
    """Right or wrong, why, which lesson it was, and whether another may follow."""
    await friday.say(LEARNER, "复习")
    before = len(friday.said(LEARNER))
    first = await friday.press(LEARNER, "A")
    assert len(friday.said(LEARNER)) == before
    assert "（您选的）" in first or "答对了，您还记得。" in first
    assert "出自第1课《" in first
    assert "今天够了" not in first
    assert friday.labels(LEARNER) == ["再来一题"]
    await friday.press(LEARNER, "再来一题")
    second = await friday.press(LEARNER, "A")
    assert "出自第2课《" in second
    assert second.endswith("今天够了，明天再来。")
    assert friday.labels(LEARNER) == []
    assert len(await friday.rows(ASKS)) == 2
    assert await friday.rows(CARDS) == [(2,)]


async def test_the_verdict_is_kind(friday: Play) -> None:
    """Of all options one is right; any other is answered with the right one and no reproach."""
    await friday.say(LEARNER, "复习")
    said = await friday.press(LEARNER, "A")
    ((chosen, correct),) = await friday.rows(ASKS)
    assert chosen == 0
    assert ("答对了，您还记得。" in said) is bool(correct)
    assert ("忘了很平常，以后会再问到。" in said) is not bool(correct)
    assert ("正确的是" in said) is not bool(correct)


async def test_a_second_tap_shows_no_second_question(friday: Play) -> None:
    """Right after the first it points to the question; later the same one is shown again."""
    await friday.vote(LEARNER, 0)
    await friday.press(LEARNER, "再来一题")
    before = len(friday.said(LEARNER))
    await friday.press(LEARNER, "再来一题")
    assert friday.toast(LEARNER) == "题在最下面，选一个就行"
    assert len(friday.said(LEARNER)) == before
    await friday.through(FIRST_LESSON + 2 * DAY + timedelta(minutes=5))
    await friday.press(LEARNER, "再来一题")
    assert len(friday.said(LEARNER)) == before + 1
    assert len(await friday.rows(ASKS)) == 1
    one, two = [m for m in friday.said(LEARNER) if m.text.startswith("复习一题")]
    assert (one.text, one.buttons) == (two.text, two.buttons)


async def test_an_option_pressed_again_changes_nothing(friday: Play) -> None:
    """The first answer stands, also from the other copy of the question."""
    await friday.say(LEARNER, "复习")
    await friday.say(LEARNER, "复习")
    one, two = [m for m in friday.said(LEARNER) if m.text.startswith("复习一题")]
    for message, letter in ((one, "B"), (two, "A")):
        friday.world.press(
            LEARNER, LEARNER, message.message_id, data=message.button(letter)["callback_data"]
        )
        await friday.settle()
    assert [chosen for chosen, _ in await friday.rows(ASKS)] == [1]
    assert friday.toast(LEARNER) == "之前已经记录过了，不会重复"
    texts = {m.text for m in friday.said(LEARNER) if m.text.startswith("复习一题")}
    assert len(texts) == 1


async def test_a_tap_too_old_for_telegram_still_counts(friday: Play) -> None:
    """The toast is lost, the answer and its words are not."""
    await friday.say(LEARNER, "复习")
    data = question(friday).button("A")["callback_data"]
    friday.world.forge_callback(LEARNER, LEARNER, question(friday).message_id, data)
    friday.world.age_queries()
    await friday.settle()
    assert len([c for c, _ in await friday.rows(ASKS) if c == 0]) == 1
    assert "出自第1课《" in question(friday).text


@pytest.mark.parametrize("word", ["复习", "再来一题", "recall", "/recall", "One more", "བསྐྱར་སྦྱོང་"])
async def test_the_usual_words_lead_to_a_question(friday: Play, word: str) -> None:
    """Typed, in three languages, and as a command."""
    assert (await friday.say(LEARNER, word)).startswith("复习一题")


async def test_it_is_among_what_else_there_is(friday: Play) -> None:
    """更多 has the button for who learns, and for nobody else."""
    await friday.say(LEARNER, "更多")
    assert (await friday.press(LEARNER, "再来一题")).startswith("复习一题")
    for user in (SUPERVISOR, COORDINATOR):
        await friday.say(user, "更多")
        assert "再来一题" not in friday.labels(user)


async def test_when_no_question_comes_it_says_why(morning: Play) -> None:
    """On the first day there is nothing yet; after two a day it is enough; who learns not, none."""
    assert (await morning.say(LEARNER, "复习")).startswith("现在没有可以复习的课")
    assert (await morning.say(COORDINATOR, "复习")).startswith("现在没有可以复习的课")
    forge(morning, LEARNER, "recall:another")
    await morning.settle()
    assert morning.toast(LEARNER) == "现在没有可以复习的课"
    await morning.through(FIRST_LESSON + 2 * DAY)
    for _ in range(2):
        await morning.say(LEARNER, "复习")
        await morning.press(LEARNER, "A")
    assert (await morning.say(LEARNER, "复习")).startswith("今天够了，明天再来")
    forge(morning, LEARNER, "recall:another")
    await morning.settle()
    assert morning.toast(LEARNER) == "今天够了，明天再来"


@pytest.mark.parametrize(
    "data",
    [
        "recall:",
        "recall:0:0",
        "recall:1:9",
        "recall:1:-1",
        "recall:1",
        "recall:x:0",
        "recall:1:0:0",
        "recall:²:0",
        f"recall:{'9' * 30}:0",
        "recall:999999999999:0",
    ],
)
async def test_a_forged_button_finds_nothing(friday: Play, data: str) -> None:
    """Somebody else's question, an option it has not, a number no database holds."""
    await friday.say(LEARNER, "复习")
    for user in (LEARNER, COORDINATOR):
        forge(friday, user, data)
        await friday.settle()
        assert friday.last(user).startswith("没有找到") or "没有找到" in friday.toast(user)
    assert await friday.rows(ASKS) == [(None, None)]
    assert friday.bugs == []


async def test_in_english_it_reads_english(friday: Play) -> None:
    """The words around the question follow her language; the lesson keeps its own."""
    await friday.running.wuxue.database.write(
        lambda session: session.connection().exec_driver_sql("UPDATE person SET language = 'en'")
    )
    assert (await friday.say(LEARNER, "recall")).startswith("One to recall")
    said = await friday.press(LEARNER, "A")
    assert "From lesson 1, " in said
    assert friday.labels(LEARNER) == ["One more"]
