"""Every refusal the stand-in answers with, by Telegram's number and words."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest

from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, GROUP, STRANGER, TSERING, Hands, Raw

SAME = (
    "Bad Request: message is not modified: specified new message content and reply markup are"
    " exactly the same as a current content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def inline(*rows: list[dict[str, Any]]) -> str:
    return json.dumps({"inline_keyboard": list(rows)})


def entity(**fields: Any) -> str:
    return json.dumps([{"type": "bold", "offset": 0, "length": 1, **fields}])


def poll(**fields: Any) -> dict[str, Any]:
    return {"question": "问？", "options": json.dumps([{"text": "一"}, {"text": "二"}]), **fields}


def quiz(**fields: Any) -> dict[str, Any]:
    return poll(type="quiz", correct_option_ids="[0]", **fields)


BUTTON = {"text": "学完了", "callback_data": "done"}
DEEP = "https://t.me/wuxue_rehearsal_bot?start="
TABLE: list[tuple[str, dict[str, Any], str]] = [
    ("sendMessage", {}, "message text is empty"),
    ("sendMessage", {"text": " \n "}, "message text is empty"),
    ("sendMessage", {"text": "字" * 4097}, "message is too long"),
    ("sendMessage", {"text": "😀" * 2049}, "message is too long"),
    ("sendMessage", {"text": "a\x00"}, "strings must be encoded in UTF-8"),
    ("sendMessage", {"text": "a", "chat_id": "999"}, "chat not found"),
    ("sendMessage", {"text": "a", "chat_id": "@nobody"}, "chat not found"),
    ("sendMessage", {"text": "a", "chat_id": ""}, "chat_id is empty"),
    (
        "sendMessage",
        {"text": "a", "txet": "b"},
        'unexpected parameter "txet" of method sendMessage',
    ),
    ("sendMessage", {"text": "a", "protect_content": "maybe"}, 'parameter "protect_content" must'),
    ("sendMessage", {"text": "a", "parse_mode": "Markdown"}, "unsupported parse_mode"),
    ("sendMessage", {"text": "<b>a", "parse_mode": "HTML"}, "can't parse entities: Can't find end"),
    ("sendMessage", {"text": "a", "entities": "["}, "can't parse entities: Can't parse entities"),
    (
        "sendMessage",
        {"text": "a", "entities": entity(type="loud")},
        "can't parse MessageEntity: Un",
    ),
    (
        "sendMessage",
        {"text": "a", "entities": entity(colour=1)},
        "can't parse MessageEntity: unexp",
    ),
    (
        "sendMessage",
        {"text": "a", "entities": entity(type="text_link")},
        "can't parse MessageEntit",
    ),
    (
        "sendMessage",
        {"text": "a", "entities": entity(length=2)},
        "entity beginning at UTF-16 offse",
    ),
    (
        "sendMessage",
        {"text": "a", "entities": entity(offset=-1)},
        "receive an entity with incorrec",
    ),
    (
        "sendMessage",
        {"text": "a", "entities": entity(length=0)},
        "receive an entity with incorrect",
    ),
    (
        "sendMessage",
        {"text": "😀a", "entities": entity()},
        "entity beginning at UTF-16 offset 0 end",
    ),
    (
        "sendMessage",
        {"text": "😀a", "entities": entity(offset=1)},
        "entity begins in a middle of a",
    ),
    (
        "sendMessage",
        {
            "text": "ab" * 101,
            "entities": json.dumps(
                [{"type": "bold", "offset": 2 * n, "length": 1} for n in range(101)]
            ),
        },
        "ENTITIES_TOO_LONG",
    ),
    (
        "sendMessage",
        {
            "text": "abcd",
            "entities": json.dumps(
                [
                    {"type": "bold", "offset": 0, "length": 2},
                    {"type": "italic", "offset": 1, "length": 2},
                ]
            ),
        },
        "ENTITY_BOUNDS_INVALID",
    ),
    (
        "sendMessage",
        {
            "text": "abcd",
            "entities": json.dumps(
                [
                    {"type": "pre", "offset": 0, "length": 4},
                    {"type": "bold", "offset": 1, "length": 2},
                ]
            ),
        },
        "ENTITY_BOUNDS_INVALID",
    ),
    ("sendMessage", {"text": "a", "reply_markup": "[]"}, "object expected as reply markup"),
    ("sendMessage", {"text": "a", "reply_markup": "{"}, "can't parse reply keyboard markup JSON"),
    ("sendMessage", {"text": "a", "reply_markup": inline([{"text": "x"}])}, "can't parse inline k"),
    ("sendMessage", {"text": "a", "reply_markup": inline([{**BUTTON, "text": " "}])}, "inline key"),
    (
        "sendMessage",
        {"text": "a", "reply_markup": inline([{**BUTTON, "callback_data": "字" * 22}])},
        "BUTTON_DATA_INVALID",
    ),
    (
        "sendMessage",
        {"text": "a", "reply_markup": inline([{**BUTTON, "callback_data": ""}])},
        "BUTTON_DATA_INVALID",
    ),
    (
        "sendMessage",
        {"text": "a", "reply_markup": inline([{**BUTTON, "url": "https://example.org"}])},
        "can't parse inline keyboard button: exactly one action",
    ),
    (
        "sendMessage",
        {"text": "a", "reply_markup": inline([{"text": "看", "url": "javascript:alert(1)"}])},
        "BUTTON_URL_INVALID",
    ),
    (
        "sendMessage",
        {"text": "a", "reply_markup": inline([{"text": "看", "url": DEEP + "a" * 65}])},
        "START_PARAM_INVALID",
    ),
    (
        "sendMessage",
        {"text": "a", "reply_markup": inline([BUTTON] * 9)},
        "reply markup is too long",
    ),
    ("sendMessage", {"text": "a", "reply_markup": inline(*[[BUTTON]] * 101)}, "reply markup is to"),
    (
        "sendMessage",
        {"text": "a", "reply_markup": json.dumps({"keyboard": [[{"text": " "}]]})},
        "keyboard button text must be non-empty",
    ),
    (
        "sendMessage",
        {"text": "a", "reply_parameters": json.dumps({"message_id": 999})},
        "message to be replied not found",
    ),
    ("sendMessage", {"text": "a", "link_preview_options": "[]"}, "object expected as link preview"),
    ("sendPoll", poll(question=""), "poll question must be non-empty"),
    ("sendPoll", poll(question="问" * 301), "poll question length must not exceed 300"),
    ("sendPoll", poll(options='["一"]'), "poll must have at least 2 option"),
    ("sendPoll", poll(options=json.dumps(list("abcdefghijklm"))), "poll can't have more than 12 o"),
    ("sendPoll", poll(options=json.dumps(["一", "二" * 101])), "poll options length must not exce"),
    ("sendPoll", poll(options=json.dumps(["一", " "])), "poll options must be non-empty"),
    ("sendPoll", poll(type="survey"), "unsupported poll type specified"),
    ("sendPoll", poll(type="quiz"), "wrong correct option ID specified"),
    ("sendPoll", quiz() | {"correct_option_ids": "[2]"}, "wrong correct option ID specified"),
    ("sendPoll", poll(correct_option_id="0"), 'unexpected parameter "correct_option_id"'),
    ("sendPoll", quiz(explanation="因" * 201), "poll explanation length must not exceed 200"),
    ("sendPoll", quiz(explanation="1\n2\n3\n4"), "poll explanation must not have more than 2 line"),
    ("sendPoll", poll(open_period="4"), "poll open period is invalid"),
    ("sendPoll", poll(close_date="1"), "poll close date is invalid"),
    ("sendPoll", poll(open_period="60", close_date="9"), "open_period and close_date can't be us"),
    ("sendDocument", {}, "there is no document in the request"),
    ("sendDocument", {"document": b"x", "caption": "字" * 1025}, "message caption is too long"),
    ("sendDocument", {"document": "https://example.org/a.pdf"}, "wrong file identifier/HTTP URL"),
    ("sendPhoto", {"photo": b"no picture"}, "IMAGE_PROCESS_FAILED"),
    ("editMessageText", {"text": "a", "message_id": "999"}, "message to edit not found"),
    ("editMessageText", {"text": "a"}, "message identifier is not specified"),
    ("editMessageText", {"text": "a", "message_id": "1"}, "message can't be edited"),
    ("deleteMessage", {"message_id": "999"}, "message to delete not found"),
    ("stopPoll", {"message_id": "1"}, "message with poll to stop not found"),
    ("pinChatMessage", {"message_id": "999"}, "message to pin not found"),
    ("unpinChatMessage", {}, "message to unpin not found"),
    ("leaveChat", {}, "chat member status can't be changed in private chats"),
    ("sendChatAction", {"action": "dance"}, "wrong parameter action in request"),
    ("getChatMember", {"user_id": "999"}, "member not found"),
    ("copyMessage", {"from_chat_id": DOLMA, "message_id": "999"}, "message to copy not found"),
    ("forwardMessage", {"from_chat_id": DOLMA, "message_id": "9"}, "message to forward not found"),
]


@pytest.mark.asyncio
async def test_the_table_of_refusals(raw: Raw, world: World) -> None:
    """Each wrong call is refused with 400 and Telegram's words, and changes nothing."""
    before = len(world.messages(DOLMA)), len(world.sent_log)
    for method, given, reason in TABLE:
        answer = await raw(method, **{"chat_id": str(DOLMA), **given})
        assert answer["ok"] is False, (method, given)
        assert answer["error_code"] == 400, answer
        assert answer["description"].startswith(f"Bad Request: {reason}"), (given, answer)
    assert (len(world.messages(DOLMA)), len(world.sent_log)) == before


WITHOUT_CHAT: list[tuple[str, dict[str, Any], int, str]] = [
    ("getFile", {"file_id": "x"}, 400, "Bad Request: invalid file_id"),
    ("answerCallbackQuery", {"callback_query_id": "1"}, 400, TOO_OLD),
    (
        "answerCallbackQuery",
        {"callback_query_id": "1", "text": "字" * 201},
        400,
        "Bad Request: MESSAGE_TOO_LONG",
    ),
    (
        "setMyCommands",
        {"commands": '[{"command":"Today","description":"x"}]'},
        400,
        "Bad Request: BOT_COMMAND_INVALID",
    ),
    (
        "setMyCommands",
        {"commands": '[{"command":"today","description":""}]'},
        400,
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID",
    ),
    (
        "setMyCommands",
        {"commands": "[]", "language_code": "zh-hans"},
        400,
        "Bad Request: invalid language code specified",
    ),
    (
        "setMyCommands",
        {"commands": "[]", "scope": '{"type":"moon"}'},
        400,
        "Bad Request: can't parse BotCommandScope: unsupported type specified",
    ),
    (
        "setWebhook",
        {"url": "http://example.org/hook"},
        400,
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook",
    ),
    (
        "setWebhook",
        {"url": "https://example.org", "secret_token": "a b"},
        400,
        "Bad Request: secret token contains unallowed characters",
    ),
    ("setMyName", {"name": "字" * 65}, 400, "Bad Request: name is too long"),
    ("sendGift", {}, 404, "Not Found: method not found"),
]


@pytest.mark.asyncio
async def test_refusals_about_no_chat(raw: Raw) -> None:
    """Calls that name no chat are refused in Telegram's words too."""
    for method, given, code, description in WITHOUT_CHAT:
        answer = await raw(method, **given)
        assert (answer["error_code"], answer["description"]) == (code, description)


@pytest.mark.asyncio
async def test_a_token(raw: Raw, session: aiohttp.ClientSession, server: RehearsalServer) -> None:
    """A wrong token is unauthorised, a malformed one is not found."""
    assert (await raw("getMe"))["ok"]
    for token, status, words in [
        ("123:" + "A" * 35, 401, "Unauthorized"),
        ("nonsense", 404, "Not Found"),
    ]:
        async with session.get(f"{server.base_url}{token}/getMe") as answer:
            assert answer.status == status
            assert (await answer.json())["description"] == words


@pytest.mark.asyncio
async def test_people_who_cannot_be_reached(raw: Raw, world: World) -> None:
    """Blocked, gone, never started and thrown out are 403, each in its own words."""
    world.block(DOLMA)
    world.deactivate(TSERING)
    world.kick_bot(DOLMA, GROUP)
    for chat_id, words in [
        (DOLMA, "Forbidden: bot was blocked by the user"),
        (TSERING, "Forbidden: user is deactivated"),
        (STRANGER, "Forbidden: bot can't initiate conversation with a user"),
        (GROUP, "Forbidden: bot was kicked from the group chat"),
    ]:
        answer = await raw("sendMessage", chat_id=chat_id, text="您好")
        assert (answer["error_code"], answer["description"]) == (403, words)


@pytest.mark.asyncio
async def test_an_upgraded_group(raw: Raw, world: World) -> None:
    """A group that became a supergroup is refused with the new id, which then works."""
    new_id = world.migrate_group(GROUP)
    answer = await raw("sendMessage", chat_id=GROUP, text="您好")
    assert answer == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": new_id},
    }
    assert (await raw("sendMessage", chat_id=new_id, text="您好"))["ok"]


@pytest.mark.asyncio
async def test_editing_to_the_same(raw: Raw) -> None:
    """An edit that changes neither words nor buttons is refused; one that changes either is not."""
    keys = inline([BUTTON])
    sent = await raw("sendMessage", chat_id=DOLMA, text="课", reply_markup=keys)
    place = {"chat_id": DOLMA, "message_id": sent["result"]["message_id"]}
    same = await raw("editMessageText", **place, text=" 课 ", reply_markup=keys)
    assert same["description"] == SAME
    bare = (await raw("editMessageText", **place, text="课"))["result"]
    assert "reply_markup" not in bare
    assert "edit_date" not in bare
    assert (await raw("editMessageReplyMarkup", **place))["description"] == SAME
    changed = await raw("editMessageText", **place, text="新课")
    assert changed["result"]["edit_date"]


@pytest.mark.asyncio
async def test_what_cannot_be_edited(raw: Raw) -> None:
    """A message sent with a reply keyboard, and the missing part of one, cannot be edited."""
    keyboard = json.dumps({"keyboard": [[{"text": "今天"}]]})
    sent = await raw("sendMessage", chat_id=DOLMA, text="您好", reply_markup=keyboard)
    locked = {"chat_id": DOLMA, "message_id": sent["result"]["message_id"]}
    answer = await raw("editMessageText", **locked, text="再见")
    assert answer["description"] == "Bad Request: message can't be edited"
    plain = (await raw("sendMessage", chat_id=DOLMA, text="您好"))["result"]["message_id"]
    answer = await raw("editMessageCaption", chat_id=DOLMA, message_id=plain, caption="x")
    assert answer["description"] == "Bad Request: there is no caption in the message to edit"
    answer = await raw(
        "editMessageReplyMarkup", chat_id=DOLMA, message_id=plain, reply_markup=keyboard
    )
    assert answer["description"] == "Bad Request: inline keyboard expected"


@pytest.mark.asyncio
async def test_deleting_after_two_days(raw: Raw, world: World, hands: Hands) -> None:
    """A message can be deleted for 48 hours, in a private chat the person's own as well."""
    mine = world.say(DOLMA, "案例细节")
    kept = world.say(DOLMA, "别的")
    hands.ahead(hours=48)
    assert (await raw("deleteMessage", chat_id=DOLMA, message_id=mine.message_id))["ok"]
    assert mine.deleted
    hands.ahead(seconds=1)
    answer = await raw("deleteMessage", chat_id=DOLMA, message_id=kept.message_id)
    assert answer["description"] == "Bad Request: message can't be deleted for everyone"
    assert world.last_message(DOLMA) is kept


@pytest.mark.asyncio
async def test_an_old_query(raw: Raw, world: World, hands: Hands) -> None:
    """A pressed button can be answered for a while; then, or after ageing, it is too old."""
    sent = await raw("sendMessage", chat_id=DOLMA, text="课", reply_markup=inline([BUTTON]))
    message_id = sent["result"]["message_id"]
    first = world.press(DOLMA, DOLMA, message_id, data="done")
    assert (await raw("answerCallbackQuery", callback_query_id=first, text="已记录"))["ok"]
    assert [toast.text for toast in world.toasts(DOLMA)] == ["已记录"]
    hands.ahead(minutes=16)
    assert (await raw("answerCallbackQuery", callback_query_id=first))["description"] == TOO_OLD
    second = world.press(DOLMA, DOLMA, message_id, row=0, column=0)
    world.age_queries()
    assert (await raw("answerCallbackQuery", callback_query_id=second))["description"] == TOO_OLD
