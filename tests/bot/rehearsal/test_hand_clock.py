"""The page's clock while the bot is long at something."""

# ruff: noqa: F811  a fixture is asked for by the name it is imported under

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.rehearsal.hand_clock import HandClock
from curriculum import working_days
from tests.county import BOT
from tests.journeys.conftest import Play, county, folder, play  # noqa: F401


@pytest.mark.asyncio
async def test_long_work_is_named_while_the_clock_moves(play: Play) -> None:
    """A month's questions take half a minute to become a topic: the page says that they do."""
    database, clock = play.running.wuxue.database, play.running.clock
    calendar = await database.read(
        working_days.calendar_of, unit_path="/", working_weekdays=[1, 2, 3, 4, 5]
    )
    done, told = asyncio.Event(), []

    async def nothing() -> None:
        """No tick is needed."""

    async def settle() -> None:
        await done.wait()

    hand_clock = HandClock(
        clock,
        database,
        play.running.wuxue.renderer,
        bot=BOT,
        zone="Asia/Shanghai",
        calendar=calendar,
        tick=nothing,
        settle=settle,
        at_work=lambda: "" if done.is_set() else "drafting",
    )

    async def announce() -> Any:
        told.append((await hand_clock.describe())["at_work"])
        done.set()

    hand_clock.announce = announce
    before = clock.now()
    await hand_clock.through(before + timedelta(minutes=1))
    assert told[0] == {
        "zh": "正在把提问整理成专题",
        "en": "Making a topic of the questions",
    }
    assert (await hand_clock.describe())["at_work"] is None
