"""The composition root: starting, stopping, and that everything that can be pressed is handled."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import re
from datetime import timedelta
from pathlib import Path

import pytest
from telegram.ext import CallbackQueryHandler, CommandHandler

from bot.app import COMMANDS
from tests.journeys.conftest import (  # noqa: F401  pytest finds fixtures by their names here
    COORDINATOR,
    FIRST_LESSON,
    LEARNER,
    Play,
    county,
    folder,
    morning,
    play,
    playing,
)

SOURCES = Path(__file__).parents[2] / "bot"
# press(label, "verb", ...) in every way it is written.
PRESSED = re.compile(r"press\((?:[^()]|\([^()]*\))*?,\s*\"(\w+)\"")


def _verbs(play: Play) -> set[str]:
    return {
        handler.pattern.pattern.strip("^:")
        for handler in play.running.wuxue.application.handlers[0]
        if isinstance(handler, CallbackQueryHandler) and isinstance(handler.pattern, re.Pattern)
    }


@pytest.mark.asyncio
async def test_every_verb_a_button_carries_has_its_handler(play: Play) -> None:
    """No button the code can make falls through to the one for buttons nobody knows."""
    written = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.py"))]
    made = {verb for source in written for verb in PRESSED.findall(source)}
    assert {"learned", "option", "form", "open", "records"} <= made
    assert made <= _verbs(play)


@pytest.mark.asyncio
async def test_the_menu_beside_the_text_field_is_offered_in_both_languages(play: Play) -> None:
    """Every entry is a command that works, described in the person's language."""
    world = play.world
    known = {
        name
        for handler in play.running.wuxue.application.handlers[0]
        if isinstance(handler, CommandHandler)
        for name in handler.commands
    }
    chinese = world.commands_for(LEARNER, LEARNER)
    world.add_user(77, "Visitor", "en")
    english = world.commands_for(77, 77)
    assert [c["command"] for c in chinese] == [c["command"] for c in english] == list(COMMANDS)
    assert set(COMMANDS) <= known
    assert [c["description"] for c in chinese] != [c["description"] for c in english]


@pytest.mark.asyncio
async def test_what_became_due_while_the_bot_was_stopped_goes_out_at_the_start(
    folder: Path,
) -> None:
    """Stopped on Tuesday, started on Wednesday at noon: the morning's lesson is sent, once."""
    async with playing(folder) as before:
        before.running.clock.move_to(FIRST_LESSON + timedelta(hours=2))
        before.running.wuxue.postman.stop()  # the machine went down before the hour
    async with playing(folder) as after:
        await after.running.wuxue.ticker.tick()
        await after.running.wuxue.postman.drain()
        lessons = [m for m in after.said(LEARNER) if m.text.startswith("每日一学 · ")]
        assert len(lessons) == 1
    async with playing(folder) as again:
        await again.running.wuxue.ticker.tick()
        await again.running.wuxue.postman.drain()
        lessons = [m for m in again.said(LEARNER) if m.text.startswith("每日一学 · ")]
        assert len(lessons) == 1


@pytest.mark.asyncio
async def test_the_permanent_keyboard_says_words_the_bot_understands(morning: Play) -> None:
    """Each of the four keys, in both languages, leads somewhere and is never a question."""
    for user in (LEARNER, COORDINATOR):
        for key in ("今天", "提问", "我的", "更多", "Today", "Ask", "Mine", "More"):
            assert not (await morning.say(user, key)).startswith("您是想提问吗")
    assert await morning.count("question") == 0
