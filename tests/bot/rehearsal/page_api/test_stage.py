"""The clock, the faults and the stream of events of the rehearsal page."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from bot.rehearsal.page_stream import MAX_BEHIND
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, Hands, Raw
from tests.bot.rehearsal.page_api.conftest import PHONE_KEYS, Page


@pytest.mark.asyncio
async def test_the_clock(page: Page, hands: Hands) -> None:
    """The clock is moved and played through its control, and the new clock comes back."""
    before = hands.now
    moved = await page.post("clock", move="day")
    assert (hands.now - before).days == 1
    assert moved["now"] == hands.now.isoformat()
    assert (await page.post("clock", speed=3600))["speed"] == 3600
    assert (await page.post("clock", playing=False))["playing"] is False
    refused: list[dict[str, Any]] = [{"move": "year"}, {"speed": -1}, {"speed": True}, {}]
    for body in refused:
        assert (await page.post("clock", **body))["ok"] is False


@pytest.mark.asyncio
async def test_a_clock_that_cannot_be_moved(world: World, session: aiohttp.ClientSession) -> None:
    """Without a control the page still shows the time, and says that it cannot be moved."""
    async with RehearsalServer(world) as plain:
        page = Page(session, plain)
        assert (await page.state())["clock"]["now"] == world.now().isoformat()
        assert (await page.post("clock", move="day"))["error"][
            "en"
        ] == "This clock cannot be moved."
        assert (await page.post("clock", playing=True))["ok"] is False


@pytest.mark.asyncio
async def test_ordering_faults(page: Page, raw: Raw) -> None:
    """The page orders faults and calls them off."""
    await page.post("misbehave", kind="429", calls=2, retry_after=3)
    assert (await raw("getMe"))["parameters"] == {"retry_after": 3}
    await page.post("misbehave", kind="none")
    assert (await raw("getMe"))["ok"]
    assert (await page.post("misbehave", kind="418"))["ok"] is False


async def next_event(stream: aiohttp.StreamReader) -> dict[str, Any]:
    while True:
        line = (await asyncio.wait_for(stream.readline(), 5)).decode()
        if line.startswith("data: "):
            found: dict[str, Any] = json.loads(line[6:])
            return found


@pytest.mark.asyncio
async def test_events(page: Page, raw: Raw, world: World) -> None:
    """What happens on a phone reaches the page at once, in order, and only that phone's toasts."""
    async with page.session.get(f"{page.root}rehearsal/events") as answer:
        assert answer.content_type == "text/event-stream"
        assert await answer.content.readline() == b": open\n"
        await raw("sendChatAction", chat_id=DOLMA, action="typing")
        keyboard = '{"keyboard":[[{"text":"今天"}]]}'
        await raw("sendMessage", chat_id=DOLMA, text="您好", reply_markup=keyboard)
        sent = await raw("sendMessage", chat_id=DOLMA, text="一")
        place = {"chat_id": DOLMA, "message_id": sent["result"]["message_id"]}
        await raw("editMessageText", **place, text="二")
        query = world.forge_callback(DOLMA, DOLMA, 1, "x")
        await raw("answerCallbackQuery", callback_query_id=query, text="已记录")
        await raw("deleteMessage", **place)
        await page.post("clock", move="hour")
        events = [await next_event(answer.content) for _ in range(8)]
    assert [event["type"] for event in events] == [
        "typing",
        "message",
        "phone",
        "message",
        "edited",
        "toast",
        "deleted",
        "clock",
    ]
    assert {event["phone"] for event in events if event["type"] == "message"} == {"learner-1"}
    phone = events[2]["phone"]
    assert set(phone) == PHONE_KEYS - {"messages"}
    assert phone["reply_keyboard"] == {"rows": [["今天"]], "placeholder": None}
    assert events[4]["message"]["text"] == "二"
    assert (events[5]["text"], events[5]["alert"]) == ("已记录", False)
    assert events[6]["id"] == place["message_id"]


@pytest.mark.asyncio
async def test_a_page_that_falls_behind(page: Page, server: RehearsalServer) -> None:
    """A page that does not read is cut off and the bot never waits for it."""
    async with page.session.get(f"{page.root}rehearsal/events") as answer:
        await answer.content.readline()
        for number in range(MAX_BEHIND + 1):
            server.page.stream.send({"type": "typing", "phone": str(number)})
        rest = await asyncio.wait_for(answer.content.read(), 5)
    assert rest.count(b"data:") < MAX_BEHIND
