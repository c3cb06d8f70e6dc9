"""The one error handler: refusals are answered, bugs are logged by their ids and admitted."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

from typing import Any

import pytest
from telegram import Update
from telegram.ext import TypeHandler

from bot.context import WuxueContext
from curriculum.errors import NotThere
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    GROUP,
    LEARNER,
    NEWCOMER,
    STRANGER,
    Play,
    county,
    folder,
    play,
)

pytestmark = pytest.mark.asyncio
ADMITTED = "出了点问题\n\n是我们这边的错，已经记下。请过一会儿再试一次。"
ROW = "SELECT status, error, payload FROM inbox_update ORDER BY id DESC LIMIT 1"


class Broken(Exception):
    """A bug; its message quotes what somebody wrote, as bugs do."""


def _raise(play: Play, error: Exception) -> None:
    """From now on every update meets this error."""

    async def act(update: Update, context: WuxueContext) -> None:
        raise error

    application = play.running.wuxue.application
    application.handlers[0].insert(0, TypeHandler(Update, act))


def _bugs(play: Play) -> list[Any]:
    """The bugs logged so far, taken off the list so that the fixture does not fail over them."""
    found = play.bugs
    play.logged[:] = [entry for entry in play.logged if entry not in found]
    return found


async def test_a_refusal_of_words_is_a_sentence(play: Play) -> None:
    """Something expected is no error: no line in the log, a friendly answer in the chat."""
    _raise(play, NotThere())
    assert (await play.say(LEARNER, "今天")).startswith("没有找到，或者您看不到它。")
    assert play.bugs == []


async def test_a_refusal_of_a_tap_is_an_alert(play: Play) -> None:
    """Under a button the same sentence comes as an alert, and the chat stays as it was."""
    _raise(play, NotThere())
    message = play.said(LEARNER)[-1]
    said = len(play.said(LEARNER))
    play.world.forge_callback(LEARNER, LEARNER, message.message_id, "open:help")
    await play.settle()
    assert play.world.toasts(LEARNER)[-1].alert
    assert play.toast(LEARNER).startswith("没有找到")
    assert len(play.said(LEARNER)) == said


async def test_a_bug_is_logged_by_its_ids_and_admitted(play: Play) -> None:
    """The log names the update, she hears that it is our fault, the words are blanked."""
    _raise(play, Broken("她写的话"))
    assert await play.say(LEARNER, "她写的话") == ADMITTED
    (logged,) = _bugs(play)
    assert logged["event"] == "bug"
    assert set(logged) == {"event", "log_level", "update", "exc_info"}
    assert isinstance(logged["update"], int)
    assert await play.rows(ROW) == [("failed", "Broken", None)]


async def test_a_bug_under_a_button_is_admitted_by_an_alert(play: Play) -> None:
    """A tap is never left turning."""
    _raise(play, Broken())
    message = play.said(LEARNER)[-1]
    play.world.forge_callback(LEARNER, LEARNER, message.message_id, "open:help")
    await play.settle()
    assert play.toast(LEARNER) == "出了点问题，已经记下，我们会查。您可以再按一次"
    assert len(_bugs(play)) == 1


async def test_the_bot_goes_on_after_a_bug(play: Play) -> None:
    """Each update meets the error by itself; nobody's queue is stuck."""
    _raise(play, Broken())
    for _ in range(3):
        assert await play.say(LEARNER, "今天") == ADMITTED
    assert len(_bugs(play)) == 3
    play.running.wuxue.application.handlers[0].pop(0)
    assert (await play.say(LEARNER, "帮助")).startswith("您在这里能做的事")


@pytest.mark.parametrize("kind", ["403", "502", "429", "act_then_drop"])
async def test_admitting_a_bug_never_fails_over_telegram(play: Play, kind: Any) -> None:
    """When even the apology cannot be sent, one line says so and the next update is taken."""
    _raise(play, Broken())
    play.running.server.misbehaviour.order(kind, 4, method="sendMessage", retry_after=0)
    play.world.say(LEARNER, "今天")
    await play.settle()
    play.running.server.misbehaviour.clear()
    assert [entry["event"] for entry in _bugs(play)] == ["bug"]
    assert "bug_not_admitted" in {entry["event"] for entry in play.logged}
    assert await play.rows(ROW) == [("failed", "Broken", None)]
    assert await play.say(LEARNER, "今天") == ADMITTED
    assert len(_bugs(play)) == 1


async def test_a_refusal_that_cannot_be_said_ends_quietly(play: Play) -> None:
    """A stranger who blocks the bot before its answer arrives leaves no stuck row."""
    play.running.server.misbehaviour.order("403", 1, method="sendMessage")
    play.world.say(STRANGER, "你好")
    await play.settle()
    play.running.server.misbehaviour.clear()
    assert [row[0] for row in await play.rows(ROW)] == ["done"]
    assert (await play.say(STRANGER, "你好")).startswith("您好，这里是社工学习的地方")


async def test_an_error_about_a_group_says_nothing_in_it(play: Play) -> None:
    """Neither a refusal nor a bug is ever spoken in front of colleagues."""
    _raise(play, Broken())
    play.world.say(LEARNER, "/today", chat_id=GROUP)
    await play.settle()
    assert play.said(GROUP) == []
    assert len(_bugs(play)) == 1


async def test_whoever_blocks_the_bot_while_it_answers_is_no_bug(play: Play) -> None:
    """A 403 on an answer is what happens in life: noted, not reported."""
    play.running.server.misbehaviour.order("403", 1, method="sendMessage")
    play.world.say(LEARNER, "今天")
    await play.settle()
    assert play.bugs == []
    assert "answer_not_wanted" in {entry["event"] for entry in play.logged}


@pytest.mark.parametrize("kind", ["502", "429", "act_then_drop"])
async def test_a_tap_counts_though_its_flash_is_lost(play: Play, kind: Any) -> None:
    """On a poor network the answer to a tap may fail; the step it meant is taken all the same."""
    await play.open(NEWCOMER, play.running.links.tokens["learner-1"])
    play.running.server.misbehaviour.order(kind, 1, method="answerCallbackQuery", retry_after=0)
    assert (await play.press(NEWCOMER, "中文")).startswith("先看隐私说明")


async def test_a_network_that_fails_is_no_bug_of_ours(play: Play) -> None:
    """Words lost on the way are a warning for the operator, and what was done stays done."""
    play.running.server.misbehaviour.order("502", 1, method="sendMessage")
    play.world.say(LEARNER, "/ask 怎么办")
    await play.settle()
    assert play.bugs == []
    assert "answer_not_sent" in {entry["event"] for entry in play.logged}
    assert await play.count("question") == 1
