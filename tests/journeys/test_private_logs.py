"""Logs carry ids: no token, no name, no words of anybody, at any level."""

import io
import json
from pathlib import Path

import pytest

from bot.config import Config
from bot.logs import configure_logging
from bot.rehearsal.county import PHONES
from bot.rehearsal.rehearse import rehearsal
from bot.rehearsal.world import World
from tests.journeys.conftest import FIRST_LESSON, NEWCOMER, START

NAME, QUESTION = "金丝雀卓玛", "金丝雀的问题怎么办"


@pytest.mark.asyncio
async def test_a_whole_journey_at_debug_tells_nothing_about_anybody(
    tmp_path: Path,
) -> None:
    """Joining, asking, answering, a refusal and a bug: neither token nor words are in the log."""
    lines = io.StringIO()
    async with rehearsal(tmp_path, Config(), start=START, speed=0.0) as running:
        token = running.world.token
        configure_logging("DEBUG", secrets=(token,), stream=lines)
        world, settle = running.world, running.settle
        world.open_link(NEWCOMER, running.links.tokens[PHONES[0].phone_id])
        await settle()
        for label in ("中文", "同意"):
            _press(world, label)
            await settle()
        world.say(NEWCOMER, NAME)
        await settle()
        _press(world, "是")
        await settle()
        await running.hand_clock.through(FIRST_LESSON)
        world.say(NEWCOMER, QUESTION)
        await settle()
        _press(world, "存为提问")
        await settle()
        world.say(NEWCOMER, f"/records {NAME}")
        await settle()
        world.updates.add_raw(
            {"message": {"text": QUESTION, "chat": "broken"}}, running.clock.now()
        )
        await settle()
        running.wuxue.renderer.text = _broken  # type: ignore[method-assign,assignment]
        world.say(NEWCOMER, "帮助")
        await settle()
        running.server.misbehaviour.order("403", 1, method="sendMessage")
        world.say(NEWCOMER, QUESTION)
        await settle()
    written = lines.getvalue()
    assert [json.loads(line) for line in written.splitlines()], "something was logged"
    assert '"event": "bug"' in written
    for secret in (token, token.split(":")[1], NAME, QUESTION, "金丝雀"):
        assert secret not in written


def _press(world: World, label: str) -> None:
    for message in reversed(world.messages(NEWCOMER)):
        if message.from_bot and any(key["text"] == label for key in message.buttons):
            data = message.button(label)["callback_data"]
            world.press(NEWCOMER, NEWCOMER, message.message_id, data=data)
            return
    raise LookupError(label)


def _broken(*_: object, **facts: object) -> object:
    raise RuntimeError(f"{NAME} {facts}")
