"""What people do on their phones, and what the bot hears of it."""

from __future__ import annotations

from typing import Any

import pytest

from bot.rehearsal.refusal import ActError
from bot.rehearsal.stored import Event
from bot.rehearsal.world import World
from tests.bot.rehearsal.conftest import DOLMA, GROUP, STRANGER, TSERING, Raw


def heard(world: World) -> list[tuple[str, dict[str, Any]]]:
    """Every waiting update as (kind, content), taken off the queue."""
    found = []
    for waiting in world.updates.waiting:
        (kind,) = waiting.json.keys() - {"update_id"}
        found.append((kind, waiting.json[kind]))
    world.updates.waiting.clear()
    return found


def test_a_personal_link(world: World) -> None:
    """Opening a link sends /start with its payload, marked as a command, and starts the chat."""
    world.open_link(STRANGER, "join-7")
    ((kind, message),) = heard(world)
    assert (kind, message["text"]) == ("message", "/start join-7")
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert world.person(STRANGER).started
    with pytest.raises(ActError):
        world.open_link(STRANGER, "a b")


def test_texts_are_trimmed_and_split(world: World) -> None:
    """Telegram cuts white space around a text and splits a long one; nothing is lost."""
    world.say(DOLMA, "  今天 \n")
    world.say(DOLMA, "字" * 5000)
    texts = [message["text"] for _, message in heard(world)]
    assert [len(text) for text in texts] == [2, 4096, 904]
    with pytest.raises(ActError):
        world.say(DOLMA, " \n ")


def test_numbers_only_rise(world: World) -> None:
    """Update ids rise by one whatever the kind."""
    world.say(DOLMA, "一")
    world.block(DOLMA)
    world.unblock(DOLMA)
    ids = [waiting.update_id for waiting in world.updates.waiting]
    assert ids == list(range(ids[0], ids[0] + 3))


@pytest.mark.asyncio
async def test_pressing(raw: Raw, world: World) -> None:
    """A press carries the message as it was; gone and forged buttons behave as on Telegram."""
    keys = (
        '{"inline_keyboard":[[{"text":"学完了","callback_data":"done"}],'
        '[{"text":"看","url":"https://example.org"}]]}'
    )
    await raw("sendMessage", chat_id=DOLMA, text="课", reply_markup=keys)
    message = world.last_message(DOLMA)
    world.press(DOLMA, DOLMA, message.message_id, row=0, column=0)
    ((kind, query),) = heard(world)
    assert kind == "callback_query"
    assert (query["data"], query["message"]["text"]) == ("done", "课")
    assert query["from"]["id"] == DOLMA
    with pytest.raises(ActError):
        world.press(DOLMA, DOLMA, message.message_id, row=1, column=0)
    with pytest.raises(ActError):
        world.press(DOLMA, DOLMA, message.message_id, row=5, column=0)
    with pytest.raises(ActError):
        world.press(TSERING, DOLMA, message.message_id, data="done")
    await raw("deleteMessage", chat_id=DOLMA, message_id=message.message_id)
    with pytest.raises(ActError):
        world.press(DOLMA, DOLMA, message.message_id, data="done")
    world.forge_callback(DOLMA, DOLMA, message.message_id, "drop:all")
    ((_, query),) = heard(world)
    assert (query["data"], query["message"]["date"]) == ("drop:all", 0)


@pytest.mark.asyncio
async def test_voting(raw: Raw, world: World) -> None:
    """A quiz takes one answer for ever; a regular poll lets a person change or take it back."""
    await raw(
        "sendPoll",
        chat_id=DOLMA,
        question="哪个",
        options='["一","二"]',
        type="quiz",
        correct_option_ids="[0]",
    )
    quiz = world.last_message(DOLMA).json["poll"]["id"]
    world.vote(DOLMA, quiz, [1])
    for wrong in ([0], []):
        with pytest.raises(ActError):
            world.vote(DOLMA, quiz, wrong)
    assert [kind for kind, _ in heard(world)] == ["poll"]
    await raw(
        "sendPoll", chat_id=GROUP, question="几点", options='["三","四"]', is_anonymous="false"
    )
    poll = world.last_message(GROUP).json["poll"]["id"]
    for wrong in ([2], [0, 1], []):
        with pytest.raises(ActError):
            world.vote(TSERING, poll, wrong)
    with pytest.raises(ActError):
        world.vote(STRANGER, poll, [0])
    world.vote(TSERING, poll, [0])
    world.vote(DOLMA, poll, [0])
    world.vote(TSERING, poll, [])
    answers = [body["option_ids"] for kind, body in heard(world) if kind == "poll_answer"]
    assert answers == [[0], [0], []]
    assert world.polls[poll].json["options"][0]["voter_count"] == 1


def test_blocking(world: World) -> None:
    """Blocking reaches the bot as my_chat_member; who blocked cannot write until she unblocks."""
    world.block(DOLMA)
    world.block(DOLMA)
    with pytest.raises(ActError):
        world.say(DOLMA, "在吗")
    world.open_link(DOLMA)
    kinds = heard(world)
    standing = [body["new_chat_member"]["status"] for kind, body in kinds[:2]]
    assert standing == ["kicked", "member"]
    assert kinds[2][1]["text"] == "/start"


def test_privacy_in_a_group(world: World) -> None:
    """In a group the bot hears commands, mentions, replies to it and comings, not chatter."""
    own = world.post(world.chats[GROUP], world.bot, {"text": "今天的课"})
    for text in ("大家好", "/roll@another_bot", "价格/数量", "@wuxue_rehearsal_bot 在吗", "/roll"):
        world.say(DOLMA, text, chat_id=GROUP)
    world.say(DOLMA, "收到", chat_id=GROUP, reply_to=own.message_id)
    world.join_group(STRANGER, GROUP)
    world.leave_group(STRANGER, GROUP)
    contents = [body.get("text") or next(reversed(body)) for _, body in heard(world)]
    assert contents == [
        "@wuxue_rehearsal_bot 在吗",
        "/roll",
        "收到",
        "new_chat_members",
        "left_chat_member",
    ]
    with pytest.raises(ActError):
        world.say(STRANGER, "/roll", chat_id=GROUP)


def test_the_bot_in_a_group(world: World) -> None:
    """The bot hears that it was added, thrown out and brought back."""
    world.add_group(-60, "新群", [TSERING], bot_is_admin=True)
    world.kick_bot(DOLMA, GROUP)
    world.add_bot(DOLMA, GROUP)
    standing = [(body["chat"]["id"], body["new_chat_member"]["status"]) for _, body in heard(world)]
    assert standing == [(-60, "administrator"), (GROUP, "kicked"), (GROUP, "member")]


def test_an_upgrade(world: World) -> None:
    """An upgrade is told from both sides, and members go along."""
    new_id = world.migrate_group(GROUP)
    first, second = (body for _, body in heard(world))
    assert (first["chat"]["id"], first["migrate_to_chat_id"]) == (GROUP, new_id)
    assert (second["chat"]["id"], second["migrate_from_chat_id"]) == (new_id, GROUP)
    assert world.say(DOLMA, "/roll", chat_id=new_id)


@pytest.mark.asyncio
async def test_listeners(raw: Raw, world: World) -> None:
    """Everything a phone shows is told to the listeners, in order."""
    events: list[Event] = []
    world.listeners.append(events.append)
    await raw("sendChatAction", chat_id=DOLMA, action="typing")
    sent = await raw("sendMessage", chat_id=DOLMA, text="一")
    place = {"chat_id": DOLMA, "message_id": sent["result"]["message_id"]}
    await raw("editMessageText", **place, text="二")
    await raw("deleteMessage", **place)
    query = world.forge_callback(DOLMA, DOLMA, 1, "x")
    await raw("answerCallbackQuery", callback_query_id=query, text="好", show_alert="true")
    kinds = [event.kind for event in events]
    assert kinds == ["typing", "message", "edited", "deleted", "toast"]
    assert world.toasts(DOLMA)[0].alert


def test_changes_leave_the_past_alone(world: World) -> None:
    """An update that waits keeps the content it was made with when the message changes later."""
    message = world.say(DOLMA, "一")
    world.changed(message, {**message.json, "text": "二"})
    ((_, body),) = heard(world)
    assert body["text"] == "一"
