"""The channel over Telegram: each refusal in our own words, each kind of part as Telegram's."""

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import ChatMigrated, InvalidToken, RetryAfter, TelegramError, TimedOut

from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from bot.render import Renderer
from bot.telegram_channel import Edit, Quiz, TelegramChannel, Text
from bot.telegram_request import NotConnected, TelegramRequest
from scheduler.channel import ChannelError, Part
from scheduler.clock import MovableClock

DOLMA, STRANGER, GROUP = 11, 12, -50
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
HELLO = Part(Text("每日一学"), silent=False)


@pytest.fixture
def world() -> World:
    """One who has started the bot, one who has not, and a group."""
    world = World(lambda: NOW)
    world.add_user(DOLMA, "卓玛")
    world.add_user(STRANGER, "生人")
    world.open_link(DOLMA)
    world.add_group(GROUP, "工作群", [DOLMA])
    return world


@pytest_asyncio.fixture
async def server(world: World) -> AsyncIterator[RehearsalServer]:
    """The stand-in."""
    async with RehearsalServer(world) as running:
        yield running


def _channel(bot: Bot) -> TelegramChannel:
    return TelegramChannel(
        bot, Renderer(zone="Asia/Shanghai", wordings={}), MovableClock(NOW, speed=0.0)
    )


@pytest_asyncio.fixture
async def channel(server: RehearsalServer) -> AsyncIterator[TelegramChannel]:
    """The channel of a real bot."""
    bot = Bot(
        server.token,
        base_url=server.base_url,
        request=TelegramRequest(),
        get_updates_request=TelegramRequest(),
    )
    async with bot:
        yield _channel(bot)


async def _refused(channel: TelegramChannel, chat_id: int, part: Part = HELLO) -> dict[str, Any]:
    """What the channel says of a part that did not go: everything but the defaults."""
    with pytest.raises(ChannelError) as caught:
        await channel.send(chat_id, part)
    return _said(caught.value)


def _said(error: ChannelError) -> dict[str, Any]:
    marks = {
        name: getattr(error, name)
        for name in ("permanent", "unreachable", "in_doubt", "moved_to")
        if getattr(error, name)
    }
    return {"code": error.code, **marks}


@pytest.mark.asyncio
async def test_a_text_goes_with_entities_buttons_and_without_a_preview(
    channel: TelegramChannel, world: World
) -> None:
    """One message with everything it was worded with; the receipt names it."""
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("学完了", callback_data="learned:1")]])
    bold = MessageEntity(MessageEntity.BOLD, 0, 4)
    receipt = await channel.send(DOLMA, Part(Text("每日一学 课", (bold,), keyboard), silent=True))
    message = world.last_message(DOLMA)
    assert (receipt.chat_id, receipt.message_id) == (DOLMA, message.message_id)
    assert receipt.poll_id is None
    assert message.silent
    assert [(e["type"], e["offset"], e["length"]) for e in message.entities] == [("bold", 0, 4)]
    assert message.button("学完了")["callback_data"] == "learned:1"
    assert message.preview == {"is_disabled": True}


@pytest.mark.asyncio
async def test_a_quiz_goes_as_telegrams_own(channel: TelegramChannel, world: World) -> None:
    """Native, not anonymous, with the right answer and its explanation; the receipt has its id."""
    quiz = Quiz("先做哪一件？", ("填表", "说明来意"), 1, "先说来意。")
    receipt = await channel.send(DOLMA, Part(quiz, silent=True))
    message = world.last_message(DOLMA)
    assert message.poll is not None
    assert receipt.poll_id == message.poll.poll_id
    assert message.silent
    assert not message.json["poll"]["is_anonymous"]
    assert message.poll.correct == (1,)
    assert message.poll.explanation == "先说来意。"


@pytest.mark.asyncio
async def test_a_quiz_without_explanation_goes_too(channel: TelegramChannel, world: World) -> None:
    """An empty explanation is left out, since Telegram would refuse it."""
    await channel.send(DOLMA, Part(Quiz("问", ("甲", "乙"), 0, ""), silent=True))
    assert world.last_message(DOLMA).poll is not None


@pytest.mark.asyncio
async def test_whoever_cannot_be_reached_is_said_to_be_so(
    channel: TelegramChannel, world: World
) -> None:
    """Blocked, never started, account gone, no such chat, bot removed: for good."""
    gone = {"permanent": True, "unreachable": True}
    assert await _refused(channel, STRANGER) == gone | {"code": "unreachable"}
    assert await _refused(channel, 99) == gone | {"code": "unreachable"}
    world.block(DOLMA)
    assert await _refused(channel, DOLMA) == gone | {"code": "blocked"}
    world.unblock(DOLMA)
    world.kick_bot(DOLMA, GROUP)
    assert await _refused(channel, GROUP) == gone | {"code": "removed"}
    world.deactivate(DOLMA)
    assert await _refused(channel, DOLMA) == gone | {"code": "deactivated"}


@pytest.mark.asyncio
async def test_a_group_that_became_a_supergroup_says_its_new_id(
    channel: TelegramChannel, world: World
) -> None:
    """The postman can follow it."""
    new = world.migrate_group(GROUP)
    assert await _refused(channel, GROUP) == {"code": "migrated", "moved_to": new}
    assert (await channel.send(new, HELLO)).chat_id == new


@pytest.mark.asyncio
async def test_a_message_telegram_will_never_take_is_given_up(channel: TelegramChannel) -> None:
    """A refusal about the message itself is for good, but says nothing about the person."""
    refused = {"code": "refused", "permanent": True}
    assert await _refused(channel, DOLMA, Part(Text("长" * 4097), silent=False)) == refused
    assert await _refused(channel, DOLMA, Part(Quiz("问", ("甲",), 0, ""), silent=True)) == refused


@pytest.mark.asyncio
async def test_too_many_requests_names_the_moment_to_go_on(
    channel: TelegramChannel, server: RehearsalServer
) -> None:
    """A 429 holds everybody back until then, in machine time."""
    server.misbehaviour.order("429", 1, retry_after=7)
    before = channel._clock.real()
    with pytest.raises(ChannelError) as caught:
        await channel.send(DOLMA, HELLO)
    assert caught.value.code == "too_many_requests"
    assert not caught.value.permanent
    assert caught.value.retry_at is not None
    assert timedelta(seconds=7) <= caught.value.retry_at - before < timedelta(seconds=10)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["500", "502"])
async def test_a_broken_gateway_is_tried_again(
    channel: TelegramChannel, server: RehearsalServer, kind: Any
) -> None:
    """Neither for good nor in doubt."""
    server.misbehaviour.order(kind, 1)
    assert await _refused(channel, DOLMA) == {"code": "gateway"}
    assert (await channel.send(DOLMA, HELLO)).chat_id == DOLMA


@pytest.mark.asyncio
async def test_a_line_that_dropped_leaves_it_in_doubt(
    channel: TelegramChannel, server: RehearsalServer
) -> None:
    """It may have arrived, so only the end of the lease sends it again."""
    server.misbehaviour.order("act_then_drop", 1)
    assert await _refused(channel, DOLMA) == {"code": "no_answer", "in_doubt": True}


@pytest.mark.asyncio
async def test_no_connection_is_no_doubt(server: RehearsalServer) -> None:
    """Nothing arrived, so it may go at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        request = TelegramRequest()
        address = f"http://127.0.0.1:{held.getsockname()[1]}/bot"
        bot = Bot(server.token, base_url=address, request=request)
        async with request:
            assert await _refused(_channel(bot), DOLMA) == {"code": "not_connected"}


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RetryAfter(timedelta(seconds=3)), {"code": "too_many_requests"}),
        (ChatMigrated(-77), {"code": "migrated", "moved_to": -77}),
        (InvalidToken("no"), {"code": "token_refused"}),
        (NotConnected("x"), {"code": "not_connected"}),
        (TimedOut(), {"code": "no_answer", "in_doubt": True}),
        (TelegramError("something new"), {"code": "unknown"}),
    ],
)
def test_every_error_of_the_library_has_our_own_name(
    error: TelegramError, expected: dict[str, Any]
) -> None:
    """Whatever the library raises, the postman gets one of its own words for it."""
    channel = _channel(Bot("1:x"))
    assert _said(channel._translated(error)) == expected


@pytest.mark.asyncio
async def test_parts_sent_at_once_do_not_mix(channel: TelegramChannel, world: World) -> None:
    """Each call gets its own receipt."""
    receipts = await asyncio.gather(
        *(channel.send(DOLMA, Part(Text(f"第{n}"), silent=True)) for n in range(20))
    )
    for number, receipt in enumerate(receipts):
        found = world.message(DOLMA, receipt.message_id)
        assert found is not None
        assert found.text == f"第{number}"


@pytest.mark.asyncio
async def test_an_edit_changes_what_stands_or_is_said_anew(
    channel: TelegramChannel, world: World
) -> None:
    """Edited in place, without a second message; one that reads so already has arrived too."""
    first = await channel.send(DOLMA, HELLO)
    edit = Part(Edit(Text("改过的", protected=True), first.message_id), silent=True)
    before = len(world.messages(DOLMA))
    for _ in range(2):
        assert await channel.send(DOLMA, edit) == first
    found = world.message(DOLMA, first.message_id)
    assert found is not None
    assert (found.text, len(world.messages(DOLMA))) == ("改过的", before)
    gone = Part(Edit(Text("新的"), first.message_id + 1000), silent=True)
    assert (await channel.send(DOLMA, gone)).message_id > first.message_id
    assert world.messages(DOLMA)[-1].text == "新的"
