"""The composition root: starting, stopping, and that everything that can be pressed is handled."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import re
from datetime import timedelta
from pathlib import Path

import pytest
from telegram.ext import CommandHandler

from bot import menus, reactions
from curriculum.people import ROLES
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
    playing,
)

SOURCES = Path(__file__).parents[2] / "bot"
# press(label, "verb", ...) in every way it is written.
PRESSED = re.compile(r"press\((?:[^()]|\([^()]*\))*?,\s*\"(\w+)\"")


def test_every_verb_a_button_carries_has_its_handler() -> None:
    """No button the code can make falls through to the one for buttons nobody knows."""
    written = [path.read_text(encoding="utf-8") for path in sorted(SOURCES.rglob("*.py"))]
    made = {verb for source in written for verb in PRESSED.findall(source)}
    assert {"learned", "option", "form", "open", "records"} <= made
    assert made <= reactions.verbs()


def test_no_module_has_a_table_that_nobody_reads() -> None:
    """Each handler module with forms or buttons is named, and no verb has two meanings."""
    named = {module.__name__.rsplit(".", 1)[1] for module in reactions.MODULES}
    table = re.compile(r"^(?:FORMS|BUTTONS|FORM_BUTTONS)\b", re.MULTILINE)
    paths = sorted((SOURCES / "handlers").glob("*.py"))
    assert not reactions.BUTTONS.keys() & reactions.FORM_BUTTONS.keys()
    assert {path.stem for path in paths if table.search(path.read_text(encoding="utf-8"))} == named


def _commands(play: Play) -> set[str]:
    return {
        name
        for handler in play.running.wuxue.application.handlers[0]
        if isinstance(handler, CommandHandler)
        for name in handler.commands
    }


@pytest.mark.asyncio
async def test_a_strangers_menu_is_offered_in_both_languages(play: Play) -> None:
    """Every entry is a command that works, described in the person's language."""
    world = play.world
    world.add_user(76, "访客", "zh-hans")
    world.add_user(77, "Visitor", "en")
    chinese, english = world.commands_for(76, 76), world.commands_for(77, 77)
    names = [command["command"] for command in chinese]
    assert names == [command["command"] for command in english] == list(menus.EVERYBODY)
    assert [c["description"] for c in chinese] != [c["description"] for c in english]


@pytest.mark.asyncio
async def test_each_role_has_its_own_menu_of_commands_that_work(play: Play) -> None:
    """A learner sees learning, a coordinator her work; nothing is offered that nobody handles."""
    known = _commands(play)
    for role in ROLES:
        assert set(menus.commands_of([role])) <= known
    shown = {
        user: [c["command"] for c in play.world.commands_for(user, user)]
        for user in (LEARNER, SUPERVISOR, COORDINATOR)
    }
    assert shown[LEARNER] == list(menus.commands_of(["learner"]))
    assert "today" in shown[LEARNER]
    assert "records" in shown[COORDINATOR]
    assert "records" not in shown[LEARNER] + shown[SUPERVISOR]


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
