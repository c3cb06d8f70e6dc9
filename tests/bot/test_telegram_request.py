"""HTTP to Telegram: what each failure is called, and that the token is in none of them."""

import asyncio
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut

from bot import telegram_request
from bot.aiohttp_transport import AiohttpTransport
from bot.pyreqwest_transport import PyreqwestTransport
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from bot.telegram_request import NotConnected, TelegramRequest
from bot.transport import Transport

DOLMA = 11
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
WAIT = 0.2
MAKE_TRANSPORT = telegram_request.make_transport


@pytest.fixture(params=[PyreqwestTransport, AiohttpTransport], autouse=True)
def transport(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Transport]:
    """What holds over one client holds over the other."""
    found: type[Transport] = request.param
    monkeypatch.setattr(telegram_request, "make_transport", found)
    return found


def test_the_faster_client_is_taken_where_it_can_be_had(transport: type[Transport]) -> None:
    """pyreqwest is a dependency, so a machine with a build of it uses it."""
    del transport
    assert isinstance(MAKE_TRANSPORT(proxy_url=None), PyreqwestTransport)


@pytest.fixture
def world() -> World:
    """One person who has started the bot."""
    world = World(lambda: NOW)
    world.add_user(DOLMA, "卓玛")
    world.open_link(DOLMA)
    world.updates.waiting.clear()
    return world


@pytest_asyncio.fixture
async def server(world: World) -> AsyncIterator[RehearsalServer]:
    """The stand-in."""
    async with RehearsalServer(world) as running:
        yield running


def _bot(token: str, base_url: str) -> Bot:
    return Bot(
        token, base_url=base_url, request=TelegramRequest(), get_updates_request=TelegramRequest()
    )


@pytest_asyncio.fixture
async def bot(server: RehearsalServer) -> AsyncIterator[Bot]:
    """python-telegram-bot over our own request."""
    async with _bot(server.token, server.base_url) as real:
        yield real


async def _caught(call: Callable[[], Awaitable[Any]]) -> TelegramError:
    with pytest.raises(TelegramError) as caught:
        await call()
    return caught.value


def _shown(error: BaseException) -> str:
    """Everything a log or a terminal could show of an error."""
    return "".join([*traceback.format_exception(error), repr(error), str(error)])


@pytest.mark.asyncio
async def test_a_call_and_its_answer_pass(bot: Bot, world: World) -> None:
    """Text, entities and non-Latin letters arrive as they were sent."""
    sent = await bot.send_message(DOLMA, "您好，卓玛 བཀྲ་ཤིས་ 👍")
    assert world.last_message(DOLMA).text == sent.text == "您好，卓玛 བཀྲ་ཤིས་ 👍"


@pytest.mark.asyncio
async def test_a_file_keeps_its_chinese_name(bot: Bot, world: World) -> None:
    """A file goes as multipart, with its name as people read it and every byte in place."""
    name, data = "学习记录_巴宜区_2026-11-01_2026-11-30.xlsx", bytes(range(256)) * 64
    await bot.send_document(DOLMA, data, filename=name, caption="十一月")
    document = world.last_message(DOLMA).json["document"]
    assert document["file_name"] == name
    assert world.files.by_id[document["file_id"]].data == data
    assert world.last_message(DOLMA).text == "十一月"


@pytest.mark.asyncio
async def test_a_name_with_quotes_and_line_ends_cannot_break_out(bot: Bot, world: World) -> None:
    """Whatever stands in a file name stays within its field, and the file arrives."""
    await bot.send_document(DOLMA, b"x", filename='甲"; name="chat_id"\r\n\r\n\\99.txt')
    document = world.last_message(DOLMA).json["document"]
    assert document["file_name"] == "甲'; name='chat_id'    _99.txt"


@pytest.mark.asyncio
async def test_many_calls_at_once_all_arrive(bot: Bot, world: World) -> None:
    """The kept connections are shared without mixing up answers."""
    texts = [f"第{number}条" for number in range(60)]
    sent = await asyncio.gather(*(bot.send_message(DOLMA, text) for text in texts))
    assert [message.text for message in sent] == texts
    assert {m.text for m in world.messages(DOLMA) if m.from_bot} == set(texts)


@pytest.mark.asyncio
async def test_silence_ends_in_timed_out(bot: Bot, server: RehearsalServer) -> None:
    """A call nobody answers ends after its time; it may have arrived."""
    server.misbehaviour.order("silence", 1, method="sendMessage")
    error = await _caught(lambda: bot.send_message(DOLMA, "在吗", read_timeout=WAIT))
    assert type(error) is TimedOut


@pytest.mark.asyncio
async def test_a_connection_that_breaks_after_the_call_is_in_doubt(
    bot: Bot, server: RehearsalServer, world: World
) -> None:
    """Telegram acted and the line dropped: TimedOut, never a promise that nothing arrived."""
    server.misbehaviour.order("act_then_drop", 1, method="sendMessage")
    error = await _caught(lambda: bot.send_message(DOLMA, "到了"))
    assert type(error) is TimedOut
    assert world.last_message(DOLMA).text == "到了"


@pytest.mark.asyncio
async def test_no_connection_is_told_apart(world: World) -> None:
    """A refused connection means that nothing arrived, so it may be sent again at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        async with TelegramRequest() as request:
            url = f"http://127.0.0.1:{held.getsockname()[1]}/bot{world.token}/getMe"
            error = await _caught(lambda: request.post(url))
    assert type(error) is NotConnected
    assert world.token not in _shown(error)


@pytest.mark.asyncio
async def test_a_line_that_is_no_tls_is_no_connection(server: RehearsalServer) -> None:
    """A failed handshake carries nothing over."""
    async with TelegramRequest() as request:
        url = f"{server.base_url}{server.token}/getMe".replace("http://", "https://")
        error = await _caught(lambda: request.post(url))
    assert type(error) is NotConnected
    assert server.token not in _shown(error)


@pytest.mark.asyncio
async def test_a_proxy_that_is_not_there_is_no_connection(server: RehearsalServer) -> None:
    """The proxy is used when there is one, and its own address stays out of the error too."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        proxy = f"http://user:geheim@127.0.0.1:{held.getsockname()[1]}"
        async with TelegramRequest(proxy_url=proxy) as request:
            url = f"{server.base_url}{server.token}/getMe"
            error = await _caught(lambda: request.post(url))
    assert type(error) is NotConnected
    assert "geheim" not in _shown(error)


@pytest.mark.parametrize(
    ("kind", "expected"), [("502", NetworkError), ("500", NetworkError), ("429", RetryAfter)]
)
@pytest.mark.asyncio
async def test_other_answers_keep_telegrams_own_names(
    bot: Bot, server: RehearsalServer, kind: Any, expected: type[TelegramError]
) -> None:
    """What python-telegram-bot knows how to read is left to it."""
    server.misbehaviour.order(kind, 1, method="sendMessage")
    assert type(await _caught(lambda: bot.send_message(DOLMA, "在吗"))) is expected


@pytest.mark.parametrize("kind", ["silence", "act_then_drop", "502", "500", "429", "403"])
@pytest.mark.asyncio
async def test_the_token_is_in_no_error(bot: Bot, server: RehearsalServer, kind: Any) -> None:
    """The address of every call holds the token; no text, repr, cause or trace shows it."""
    server.misbehaviour.order(kind, 1, method="sendMessage")
    error = await _caught(lambda: bot.send_message(DOLMA, "在吗", read_timeout=WAIT))
    assert server.token not in _shown(error)
    assert server.token.split(":")[1] not in _shown(error)


@pytest.mark.asyncio
async def test_before_initialize_it_says_what_is_missing() -> None:
    """A programmer's slip is named."""
    with pytest.raises(RuntimeError, match="before initialize"):
        await TelegramRequest().do_request("http://127.0.0.1/", "POST")


@pytest.mark.asyncio
async def test_it_can_be_opened_and_closed_twice(server: RehearsalServer) -> None:
    """Starting and stopping are safe to repeat, and it works again after a stop."""
    request = TelegramRequest()
    for _ in range(2):
        await request.initialize()
        await request.initialize()
        status, _body = await request.do_request(f"{server.base_url}{server.token}/getMe", "POST")
        assert status == 200
        await request.shutdown()
        await request.shutdown()
