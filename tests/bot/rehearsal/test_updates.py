"""How updates reach the bot: long polling, redelivery, two pollers, and the webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any, TypeVar

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from telegram import Bot
from telegram.error import Conflict

from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, Hands, Raw

T = TypeVar("T")


async def soon(awaitable: Awaitable[T]) -> T:
    """Fail instead of hanging."""
    return await asyncio.wait_for(awaitable, 5)


@pytest.mark.asyncio
async def test_unconfirmed_updates_come_again(bot: Bot, world: World) -> None:
    """An update comes until a higher offset confirms it, in order, at most `limit` at a time."""
    for word in ("一", "二", "三"):
        world.say(DOLMA, word)
    first = await bot.get_updates(limit=2)
    again = await bot.get_updates(limit=2)
    assert [update.update_id for update in first] == [update.update_id for update in again]
    assert [update.message.text for update in first if update.message] == ["一", "二"]
    rest = await bot.get_updates(offset=first[-1].update_id + 1)
    assert [update.message.text for update in rest if update.message] == ["三"]
    assert await bot.get_updates(offset=rest[-1].update_id + 1) == ()


@pytest.mark.asyncio
async def test_a_negative_offset(bot: Bot, world: World) -> None:
    """A negative offset forgets all but the last updates."""
    for word in ("一", "二", "三"):
        world.say(DOLMA, word)
    last = await bot.get_updates(offset=-1)
    assert [update.message.text for update in last if update.message] == ["三"]
    assert len(await bot.get_updates()) == 1


@pytest.mark.asyncio
async def test_a_long_poll_wakes(bot: Bot, world: World, server: RehearsalServer) -> None:
    """A waiting poll is answered as soon as something happens."""
    waiting = asyncio.create_task(bot.get_updates(timeout=40))
    await soon(server.delivery.polled.wait())
    world.say(DOLMA, "今天")
    (update,) = await soon(waiting)
    assert update.message
    assert update.message.text == "今天"


@pytest.mark.asyncio
async def test_two_pollers(
    raw: Raw, session: aiohttp.ClientSession, server: RehearsalServer, world: World
) -> None:
    """Of two polls at once the earlier one ends with 409."""
    first = asyncio.create_task(raw("getUpdates", timeout=40))
    await soon(server.delivery.polled.wait())
    second = asyncio.create_task(raw("getUpdates", timeout=40))
    refused = await soon(first)
    assert refused["error_code"] == 409
    assert refused["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance"
        " is running"
    )
    world.say(DOLMA, "今天")
    assert len((await soon(second))["result"]) == 1


@pytest.mark.asyncio
async def test_allowed_updates(raw: Raw, world: World) -> None:
    """Kinds not asked for never come; the choice holds until it is changed."""
    await raw("getUpdates", allowed_updates='["callback_query"]')
    world.say(DOLMA, "听不见")
    assert (await raw("getUpdates"))["result"] == []
    await raw("getUpdates", allowed_updates="[]")
    world.say(DOLMA, "听得见")
    assert len((await raw("getUpdates"))["result"]) == 1


@pytest.mark.asyncio
async def test_after_a_day(world: World, hands: Hands, raw: Raw) -> None:
    """What waited longer than 24 hours is gone once the world is told to forget it."""
    world.say(DOLMA, "旧")
    hands.ahead(hours=23)
    world.say(DOLMA, "新")
    hands.ahead(hours=2)
    assert world.expire_updates() == 1
    (update,) = (await raw("getUpdates"))["result"]
    assert update["message"]["text"] == "新"


@pytest.mark.asyncio
async def test_an_update_of_any_shape(raw: Raw, world: World) -> None:
    """A test can queue an update no client can read."""
    world.updates.add_raw({"message": {"nonsense": True}}, world.now())
    (update,) = (await raw("getUpdates"))["result"]
    assert update["message"] == {"nonsense": True}


class Hook:
    """A webhook endpoint that answers with the statuses it is given, then 200."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses = statuses
        self.seen: asyncio.Queue[tuple[str | None, dict[str, Any]]] = asyncio.Queue()
        self.url = ""

    async def answer(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.seen.put_nowait((secret, await request.json()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest_asyncio.fixture
async def hook() -> AsyncIterator[Hook]:
    """An endpoint that fails once."""
    endpoint = Hook([500])
    app = web.Application()
    app.router.add_post("/hook", endpoint.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    endpoint.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield endpoint
    await runner.cleanup()


@pytest.mark.asyncio
async def test_the_webhook(bot: Bot, world: World, server: RehearsalServer, hook: Hook) -> None:
    """Updates are posted with the secret, repeated until taken, and polling is then refused."""
    server.delivery.retry_seconds = 0
    await bot.set_webhook(hook.url, secret_token="s3cret")
    with pytest.raises(Conflict, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    world.say(DOLMA, "一")
    world.say(DOLMA, "二")
    seen = [await soon(hook.seen.get()) for _ in range(3)]
    assert [update["message"]["text"] for _, update in seen] == ["一", "一", "二"]
    assert {secret for secret, _ in seen} == {"s3cret"}
    info = await bot.get_webhook_info()
    assert info.url == hook.url
    assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
    await bot.delete_webhook()
    world.say(DOLMA, "三")
    updates = await bot.get_updates()
    assert [update.message.text for update in updates if update.message][-1] == "三"


@pytest.mark.asyncio
async def test_stopping_is_quick(world: World) -> None:
    """Waiting polls and held connections do not keep the server from stopping."""
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as client:
        server = RehearsalServer(world)
        await server.start()
        call = Raw(client, server)
        server.misbehaviour.order("silence", method="getMe")
        poll = asyncio.create_task(call("getUpdates", timeout=40))
        held = asyncio.create_task(call("getMe"))
        page = await client.get(f"{server.page_url}rehearsal/events")
        await soon(server.delivery.polled.wait())
        began = loop.time()
        await server.stop()
        assert loop.time() - began < 1.5
        assert (await soon(poll))["result"] == []
        with pytest.raises(aiohttp.ClientError):
            await soon(held)
        page.close()
