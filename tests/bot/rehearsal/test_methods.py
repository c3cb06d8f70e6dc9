"""The Bot API as python-telegram-bot speaks it, over real HTTP."""

from __future__ import annotations

import json
import struct
import zlib

import aiohttp
import pytest
from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputPollOption,
    LinkPreviewOptions,
    MenuButtonCommands,
    MessageEntity,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    ReplyParameters,
)
from telegram.error import BadRequest

from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, GROUP, TSERING, Hands, Raw


def png(width: int = 40, height: int = 30) -> bytes:
    """A real one-colour picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


@pytest.mark.asyncio
async def test_a_message_with_everything(bot: Bot, world: World) -> None:
    """Every option of a text is taken and shows on the stored message and on the returned one."""
    question = world.say(TSERING, "一个问题")
    sent = await bot.send_message(
        TSERING,
        "每日一学 /today",
        entities=[MessageEntity("bold", 0, 4)],
        disable_notification=True,
        protect_content=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_parameters=ReplyParameters(question.message_id),
        reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton("学完了", callback_data="d:1")]]),
    )
    stored = world.last_message(TSERING)
    assert (sent.message_id, sent.text) == (stored.message_id, "每日一学 /today")
    assert [item.type for item in sent.entities] == ["bold", "bot_command"]
    assert sent.has_protected_content
    assert sent.reply_to_message
    assert sent.reply_to_message.text == "一个问题"
    assert (stored.silent, stored.protected, stored.preview) == (True, True, {"is_disabled": True})
    assert stored.button("学完了")["callback_data"] == "d:1"
    assert sent.date == world.now()


@pytest.mark.asyncio
async def test_ids_are_per_chat(bot: Bot) -> None:
    """Two chats number their messages independently, so an id alone names nothing."""
    first = await bot.send_message(DOLMA, "一")
    second = await bot.send_message(TSERING, "一")
    assert first.message_id == second.message_id


@pytest.mark.asyncio
async def test_reply_keyboards(bot: Bot, world: World) -> None:
    """A reply keyboard stays until it is removed; one-time keys go after use."""
    keys = ReplyKeyboardMarkup.from_row(["今天", "提问"], input_field_placeholder="请说")
    await bot.send_message(DOLMA, "您好", reply_markup=keys)
    keyboard = world.chats[DOLMA].keyboard
    assert keyboard
    assert [key["text"] for key in keyboard["keyboard"][0]] == ["今天", "提问"]
    world.press_reply_button(DOLMA, "今天")
    assert world.chats[DOLMA].keyboard is keyboard
    await bot.send_message(DOLMA, "好", reply_markup=ReplyKeyboardRemove())
    assert world.chats[DOLMA].keyboard is None
    once = ReplyKeyboardMarkup([["是"]], one_time_keyboard=True)
    await bot.send_message(DOLMA, "是吗", reply_markup=once)
    world.say(DOLMA, "是")
    assert world.chats[DOLMA].keyboard is None


@pytest.mark.asyncio
async def test_a_quiz(bot: Bot, world: World) -> None:
    """A quiz is answered once; the bot gets the answer without a chat, and the new count."""
    sent = await bot.send_poll(
        DOLMA,
        "先做什么？",
        ["打电话", InputPollOption("看现场"), "写报告"],
        type="quiz",
        correct_option_ids=[1],
        is_anonymous=False,
        explanation="先看现场",
        explanation_entities=[MessageEntity("bold", 0, 2)],
    )
    assert sent.poll
    assert sent.poll.correct_option_ids == (1,)
    world.vote(DOLMA, sent.poll.id, [2])
    updates = await bot.get_updates()
    answers = [update.poll_answer for update in updates if update.poll_answer]
    counts = [update.poll for update in updates if update.poll]
    assert [(item.poll_id, item.option_ids) for item in answers] == [(sent.poll.id, (2,))]
    assert [option.voter_count for option in counts[-1].options] == [0, 0, 1]
    assert world.last_message(DOLMA).json["poll"]["total_voter_count"] == 1
    final = await bot.stop_poll(DOLMA, sent.message_id)
    assert final.is_closed
    with pytest.raises(BadRequest, match="Poll has already been closed"):
        await bot.stop_poll(DOLMA, sent.message_id)


@pytest.mark.asyncio
async def test_a_poll_closes_itself(bot: Bot, world: World, hands: Hands) -> None:
    """A poll with an open period is closed when business time has passed it."""
    sent = await bot.send_poll(GROUP, "几点？", ["三点", "四点"], open_period=60)
    assert sent.poll
    hands.ahead(seconds=61)
    updates = await bot.get_updates()
    assert [update.poll.is_closed for update in updates if update.poll] == [True]
    assert world.polls[sent.poll.id].closed


@pytest.mark.asyncio
async def test_files_both_ways(bot: Bot, world: World, server: RehearsalServer) -> None:
    """A file is sent, found again by its id, and comes down with the same bytes."""
    sent = await bot.send_document(DOLMA, b"a,b\n1,2\n", filename="名单.csv", caption="名单")
    assert sent.document
    assert (sent.document.file_name, sent.caption) == ("名单.csv", "名单")
    again = await bot.send_document(TSERING, sent.document.file_id)
    assert again.document
    assert again.document.file_unique_id == sent.document.file_unique_id
    world.send_file(DOLMA, "接龙.txt", b"1. x", "给您")
    (update,) = await bot.get_updates()
    assert update.message
    assert update.message.document
    assert update.message.document.mime_type == "text/plain"
    file = await update.message.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"1. x"
    photo = await bot.send_photo(DOLMA, png(), caption="看图")
    assert (photo.photo[-1].width, photo.photo[-1].height) == (40, 30)
    voice = await bot.send_voice(DOLMA, b"OggS-sound", duration=4)
    assert voice.voice
    assert world.last_message(DOLMA).json["voice"]["duration"] == 4
    assert len(world.files.by_id) == 4


@pytest.mark.asyncio
async def test_editing(bot: Bot, world: World) -> None:
    """Text, caption and buttons are edited in place."""
    keys = InlineKeyboardMarkup([[InlineKeyboardButton("撤销", callback_data="u")]])
    text = await bot.send_message(DOLMA, "一")
    changed = await bot.edit_message_text("二", DOLMA, text.message_id, reply_markup=keys)
    assert not isinstance(changed, bool)
    assert (changed.text, changed.edit_date) == ("二", world.now())
    await bot.edit_message_reply_markup(DOLMA, text.message_id)
    assert world.last_message(DOLMA).buttons == []
    file = await bot.send_document(DOLMA, b"x", filename="x.txt", caption="旧")
    await bot.edit_message_caption(DOLMA, file.message_id, caption="新")
    assert world.last_message(DOLMA).text == "新"
    assert await bot.delete_messages(DOLMA, [text.message_id, file.message_id, 999])
    assert world.message(DOLMA, text.message_id) is None


@pytest.mark.asyncio
async def test_copies_and_pins(bot: Bot, world: World) -> None:
    """Messages are copied without and forwarded with their author; protected ones are not."""
    original = world.say(DOLMA, "我的做法")
    copy = await bot.copy_message(TSERING, DOLMA, original.message_id)
    assert world.last_message(TSERING).message_id == copy.message_id
    assert world.last_message(TSERING).text == "我的做法"
    forwarded = await bot.forward_message(TSERING, DOLMA, original.message_id)
    assert forwarded.forward_origin
    secret = await bot.send_message(DOLMA, "督导", protect_content=True)
    with pytest.raises(BadRequest, match="protected content"):
        await bot.forward_message(TSERING, DOLMA, secret.message_id)
    await bot.pin_chat_message(DOLMA, secret.message_id)
    pinned = (await bot.get_chat(DOLMA)).pinned_message
    assert pinned
    assert pinned.message_id == secret.message_id
    await bot.unpin_chat_message(DOLMA)
    assert (await bot.get_chat(DOLMA)).pinned_message is None


@pytest.mark.asyncio
async def test_commands(bot: Bot, world: World) -> None:
    """Commands are kept by scope and language, and a person sees the narrowest that is set."""
    await bot.set_my_commands([BotCommand("today", "今天")])
    await bot.set_my_commands(
        [BotCommand("today", "Today")],
        scope=BotCommandScopeAllPrivateChats(),
        language_code="en",
    )
    await bot.set_my_commands([BotCommand("todo", "待办")], scope=BotCommandScopeChat(DOLMA))
    assert world.commands_for(TSERING, TSERING)[0]["description"] == "Today"
    assert world.commands_for(TSERING, GROUP)[0]["description"] == "今天"
    assert world.commands_for(DOLMA, DOLMA)[0]["command"] == "todo"
    await bot.delete_my_commands(scope=BotCommandScopeChat(DOLMA))
    assert world.commands_for(DOLMA, DOLMA)[0]["command"] == "today"
    assert [item.command for item in await bot.get_my_commands()] == ["today"]
    assert await bot.get_my_commands(language_code="en") == ()


@pytest.mark.asyncio
async def test_small_methods(bot: Bot, world: World) -> None:
    """The remaining methods answer in the shapes the library reads."""
    assert (await bot.get_me()).username == world.bot["username"]
    assert await bot.set_chat_menu_button(DOLMA, MenuButtonCommands())
    assert (await bot.get_chat_menu_button(DOLMA)).type == "commands"
    assert await bot.set_my_description("学习", language_code="zh")
    assert (await bot.get_my_description("zh")).description == "学习"
    assert (await bot.get_my_name()).name == "五学+"
    assert await bot.send_chat_action(DOLMA, "typing")
    assert await bot.get_chat_member_count(GROUP) == 3
    assert (await bot.get_chat_member(GROUP, DOLMA)).status == "creator"
    assert (await bot.get_chat_member(GROUP, bot.id)).status == "member"
    assert await bot.leave_chat(GROUP)
    assert world.chats[GROUP].bot_status == "left"


@pytest.mark.asyncio
async def test_the_log(bot: Bot, world: World, hands: Hands) -> None:
    """Each successful call is logged in order with its method, chat and business time."""
    await bot.send_message(DOLMA, "一")
    with pytest.raises(BadRequest):
        await bot.send_message(999, "二")
    hands.ahead(minutes=1)
    await bot.send_message(TSERING, "三", disable_notification=True)
    log = [entry for entry in world.sent_log if entry.method == "sendMessage"]
    assert [(entry.chat_id, entry.at.minute) for entry in log] == [(DOLMA, 0), (TSERING, 1)]
    assert log[0].order < log[1].order
    assert [entry.message.silent for entry in log if entry.message] == [False, True]


@pytest.mark.asyncio
async def test_ways_to_send_parameters(
    server: RehearsalServer, session: aiohttp.ClientSession, raw: Raw
) -> None:
    """JSON, a query string, forms and multipart bodies all carry the same call."""
    url = f"{server.base_url}{server.token}/sendMessage"
    keys = {"inline_keyboard": [[{"text": "x", "callback_data": "y"}]]}
    given = {"chat_id": DOLMA, "text": "您好", "disable_notification": True, "reply_markup": keys}
    form = {
        "chat_id": str(DOLMA),
        "text": "您好",
        "disable_notification": "true",
        "reply_markup": json.dumps(keys),
    }
    multipart = aiohttp.FormData(form, default_to_multipart=True)
    async with (
        session.post(url, json=given) as first,
        session.get(url, params=form) as second,
        session.post(url, data=form) as third,
        session.post(url, data=multipart) as fourth,
    ):
        bodies = [(await answer.json())["result"] for answer in (first, second, third, fourth)]
    assert [body["text"] for body in bodies] == ["您好"] * 4
    assert [body["reply_markup"] for body in bodies] == [keys] * 4
    stored = server.world.messages(DOLMA)[-4:]
    assert [message.silent for message in stored] == [True] * 4
    async with session.post(url, data=b"{", headers={"Content-Type": "application/json"}) as broken:
        assert (await broken.json())["description"] == "Bad Request: can't parse JSON object"
