"""The stand-in fails on order, in the ways python-telegram-bot has to live with."""

from __future__ import annotations

import asyncio

import pytest
from telegram import Bot
from telegram.error import Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.rehearsal.misbehaviour import Misbehaviour
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, TSERING, Raw


@pytest.mark.filterwarnings("ignore:.*retry_after.*:telegram.warnings.PTBDeprecationWarning")
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("429", RetryAfter),
        ("403", Forbidden),
        ("500", TelegramError),
        ("502", NetworkError),
        ("act_then_drop", NetworkError),
    ],
)
@pytest.mark.asyncio
async def test_the_next_call_fails(
    bot: Bot, server: RehearsalServer, kind: str, expected: type[TelegramError]
) -> None:
    """One call fails in the ordered way and the one after it succeeds."""
    server.misbehaviour.order(kind, retry_after=7)  # type: ignore[arg-type]
    with pytest.raises(expected):
        await bot.send_message(DOLMA, "一")
    assert (await bot.send_message(DOLMA, "二")).text == "二"
    assert server.misbehaviour.struck == [(kind, "sendMessage")]


@pytest.mark.asyncio
async def test_silence(bot: Bot, server: RehearsalServer, world: World) -> None:
    """A silent call does nothing and holds until the client gives up."""
    before = len(world.messages(DOLMA))
    server.misbehaviour.order("silence")
    with pytest.raises(TimedOut):
        await bot.send_message(DOLMA, "一", read_timeout=0.05)
    assert len(world.messages(DOLMA)) == before


@pytest.mark.asyncio
async def test_an_answer_that_gets_lost(bot: Bot, server: RehearsalServer, world: World) -> None:
    """The message arrives although the bot hears nothing of it."""
    server.misbehaviour.order("act_then_drop")
    with pytest.raises(NetworkError):
        await bot.send_message(DOLMA, "送到了")
    assert world.last_message(DOLMA).text == "送到了"
    assert world.sent_log[-1].message is world.last_message(DOLMA)


@pytest.mark.asyncio
async def test_retry_after(raw: Raw, server: RehearsalServer) -> None:
    """A 429 names its seconds in words and in parameters."""
    server.misbehaviour.order("429", retry_after=9)
    assert await raw("sendMessage", chat_id=DOLMA, text="一") == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 9",
        "parameters": {"retry_after": 9},
    }


@pytest.mark.asyncio
async def test_only_some_calls(raw: Raw, server: RehearsalServer) -> None:
    """An order may name a method and a chat; polling is left alone unless named."""
    faults = server.misbehaviour
    faults.order("403", 2, method="sendMessage", chat_id=DOLMA)
    assert (await raw("getUpdates"))["ok"]
    assert (await raw("sendMessage", chat_id=TSERING, text="一"))["ok"]
    for _ in range(2):
        assert (await raw("sendMessage", chat_id=DOLMA, text="一"))["error_code"] == 403
    assert (await raw("sendMessage", chat_id=DOLMA, text="一"))["ok"]
    faults.order("429", method="getUpdates")
    assert (await raw("getUpdates"))["error_code"] == 429
    faults.order("429", 5)
    faults.clear()
    assert (await raw("getMe"))["ok"]


def test_for_some_seconds() -> None:
    """An order for some seconds strikes every call, polling included, until they are over."""
    at = [100.0]
    faults = Misbehaviour(lambda: at[0])
    faults.order("502", seconds=3)
    assert [bool(faults.strike(name, None)) for name in ("getUpdates", "getMe")] == [True, True]
    at[0] = 103.0
    assert faults.strike("getMe", None) is None
    assert faults.faults == []
    with pytest.raises(ValueError, match="expected one of 429"):
        faults.order("418")  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_hung_up_client_frees_its_handler(bot: Bot, server: RehearsalServer) -> None:
    """A held connection ends with its client, so many silences do not pile up."""
    server.misbehaviour.order("silence", 3)
    calls = [bot.send_message(DOLMA, "一", read_timeout=0.05) for _ in range(3)]
    results = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(result) for result in results] == [TimedOut] * 3
    held = list(server.bot_api.held)
    if held:
        await asyncio.wait(held, timeout=5)
    assert not server.bot_api.held
    assert len(server.misbehaviour.struck) == 3
    assert (await bot.send_message(DOLMA, "二")).text == "二"
