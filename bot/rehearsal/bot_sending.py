"""The Bot API methods that send something new."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.rehearsal import files, strict
from bot.rehearsal.keyboards import Markup
from bot.rehearsal.refusal import bad_request
from bot.rehearsal.stored import Chat, Event, Json, StoredMessage, StoredPoll, quoted
from bot.rehearsal.strict import Parameters, PollOrder
from bot.rehearsal.world import World

COMMON = frozenset(
    {
        "chat_id",
        "disable_notification",
        "protect_content",
        "reply_parameters",
        "reply_markup",
        "allow_paid_broadcast",
    }
)
_REPLY_FIELDS = frozenset({"message_id", "chat_id", "allow_sending_without_reply", "quote"})
_PREVIEW_FIELDS = frozenset(
    {"is_disabled", "url", "prefer_small_media", "prefer_large_media", "show_above_text"}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a call answers, and which chat and message it was about."""

    result: Any
    chat_id: int | None = None
    message: StoredMessage | None = None


def done(chat_id: int | None = None, message: StoredMessage | None = None) -> Outcome:
    """The outcome of the methods whose result is just true."""
    return Outcome(result=True, chat_id=chat_id, message=message)


def _send(
    world: World,
    params: Parameters,
    content: Json,
    *,
    poll: StoredPoll | None = None,
    preview: Json | None = None,
) -> StoredMessage:
    """Send `content` with everything the send methods have in common."""
    chat = world.reachable(params.text("chat_id"))
    markup = strict.reply_markup(params)
    content |= _reply(chat, params)
    if params.boolean("protect_content"):
        content["has_protected_content"] = True
    inline = markup is not None and "inline_keyboard" in markup
    if inline:
        content["reply_markup"] = markup
    message = world.post(
        chat,
        world.bot,
        content,
        silent=params.boolean("disable_notification"),
        locked=markup is not None and not inline,
        preview=preview,
        poll=poll,
    )
    if markup is not None and not inline:
        _show_keyboard(world, chat, markup)
    return message


def _show_keyboard(world: World, chat: Chat, markup: Markup) -> None:
    if "keyboard" in markup:
        chat.keyboard = markup
    elif "remove_keyboard" in markup:
        chat.keyboard = None
    world.tell(Event("chat", chat.chat_id))


def _reply(chat: Chat, params: Parameters) -> Json:
    given = params.json("reply_parameters")
    if given is None:
        return {}
    if not isinstance(given, dict) or type(given.get("message_id")) is not int:
        raise bad_request("can't parse reply parameters: Can't find field \"message_id\"")
    unknown = set(given) - _REPLY_FIELDS
    if unknown:
        raise bad_request(f'can\'t parse reply parameters: unexpected field "{min(unknown)}"')
    if given.get("chat_id", chat.chat_id) != chat.chat_id:
        raise bad_request("can't parse reply parameters: replies reach only the same chat here")
    found = quoted(chat, given["message_id"])
    if not found and not given.get("allow_sending_without_reply"):
        raise bad_request("message to be replied not found")
    return found


def link_preview(params: Parameters) -> Json | None:
    """The link_preview_options of a text, checked for its fields."""
    given = params.json("link_preview_options")
    if given is None:
        return None
    if not isinstance(given, dict):
        raise bad_request("object expected as link preview options")
    unknown = set(given) - _PREVIEW_FIELDS
    if unknown:
        raise bad_request(f'can\'t parse link preview options: unexpected field "{min(unknown)}"')
    return given


def text_content(params: Parameters) -> Json:
    """The content of a text message."""
    text, found = strict.message_text(params)
    content: Json = {"text": text}
    if found:
        content["entities"] = found
    return content


def caption_content(params: Parameters) -> Json:
    """The caption part of a file message; {} for none."""
    text, found = strict.caption(params)
    content: Json = {"caption": text} if text else {}
    if found:
        content["caption_entities"] = found
    return content


def send_message(world: World, params: Parameters) -> Outcome:
    """sendMessage."""
    preview = link_preview(params)
    content = text_content(params)
    if preview:
        content["link_preview_options"] = preview
    message = _send(world, params, content, preview=preview)
    return Outcome(message.json, message.chat_id, message)


def _send_file(world: World, params: Parameters, kind: str) -> Outcome:
    world.reachable(params.text("chat_id"))
    duration = params.integer("duration", -1) if kind == "voice" else -1
    file = world.files.named(params, kind)
    content = files.describe(kind, file, duration if duration >= 0 else None)
    message = _send(world, params, content | caption_content(params))
    return Outcome(message.json, message.chat_id, message)


def send_document(world: World, params: Parameters) -> Outcome:
    """sendDocument."""
    return _send_file(world, params, "document")


def send_photo(world: World, params: Parameters) -> Outcome:
    """sendPhoto."""
    return _send_file(world, params, "photo")


def send_voice(world: World, params: Parameters) -> Outcome:
    """sendVoice."""
    return _send_file(world, params, "voice")


def send_location(world: World, params: Parameters) -> Outcome:
    """sendLocation: one that does not move."""
    world.reachable(params.text("chat_id"))
    try:
        place = {name: float(params.text(name)) for name in ("latitude", "longitude")}
    except ValueError:
        raise bad_request("wrong location specified") from None
    message = _send(world, params, {"location": place})
    return Outcome(message.json, message.chat_id, message)


def send_poll(world: World, params: Parameters) -> Outcome:
    """sendPoll, regular and quiz."""
    chat = world.reachable(params.text("chat_id"))
    order = strict.poll(params, world.unix())
    poll_id = world.new_poll_id()
    body = _poll_json(poll_id, order)
    closes = order.close_date or (world.unix() + order.open_period if order.open_period else 0)
    poll = StoredPoll(
        poll_id=poll_id,
        chat_id=chat.chat_id,
        message_id=0,
        json=body,
        correct=tuple(order.correct),
        explanation=order.explanation,
        explanation_entities=order.explanation_entities,
        revoting=order.revoting,
    )
    message = _send(world, params, {"poll": body}, poll=poll)
    world.polls[poll_id] = poll
    if closes:
        world.close_at(poll_id, closes)
    return Outcome(message.json, message.chat_id, message)


def _poll_json(poll_id: str, order: PollOrder) -> Json:
    options = []
    for place, (text, found) in enumerate(order.options):
        option: Json = {"text": text, "voter_count": 0, "persistent_id": f"{poll_id}-{place}"}
        if found:
            option["text_entities"] = found
        options.append(option)
    body: Json = {
        "id": poll_id,
        "question": order.question,
        "options": options,
        "total_voter_count": 0,
        "is_closed": order.closed,
        "is_anonymous": order.anonymous,
        "type": order.kind,
        "allows_multiple_answers": order.multiple,
        "allows_revoting": order.revoting,
        "members_only": False,
    }
    optional: Json = {
        "question_entities": order.question_entities,
        "correct_option_ids": order.correct,
        "explanation": order.explanation,
        "explanation_entities": order.explanation_entities,
        "open_period": order.open_period,
        "close_date": order.close_date,
    }
    return body | {key: value for key, value in optional.items() if value}


_OF_ONE_CHAT = frozenset(
    {"message_id", "from", "chat", "date", "edit_date", "reply_markup", "reply_to_message"}
)
_OF_A_SERVICE = frozenset(
    {"new_chat_members", "left_chat_member", "pinned_message", "migrate_to_chat_id"}
)


def _original(world: World, params: Parameters, verb: str) -> StoredMessage:
    try:
        source = int(params.text("from_chat_id"))
    except ValueError:
        raise bad_request("chat not found") from None
    if source not in world.chats:
        raise bad_request("chat not found")
    message = world.message(source, params.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    if message.protected and message.from_bot:
        raise bad_request("message has protected content and can't be forwarded")
    if message.poll is not None or _OF_A_SERVICE & set(message.json):
        raise bad_request(
            "message can't be copied" if verb == "copy" else "message can't be forwarded"
        )
    return message


def copy_message(world: World, params: Parameters) -> Outcome:
    """copyMessage; polls and service messages are refused."""
    original = _original(world, params, "copy")
    content = {key: value for key, value in original.json.items() if key not in _OF_ONE_CHAT}
    content.pop("has_protected_content", None)
    if "caption" in params.values and "text" not in content:
        content.pop("caption", None)
        content.pop("caption_entities", None)
        content |= caption_content(params)
    message = _send(world, params, content)
    return Outcome({"message_id": message.message_id}, message.chat_id, message)


def forward_message(world: World, params: Parameters) -> Outcome:
    """forwardMessage; polls and service messages are refused."""
    original = _original(world, params, "forward")
    content = {key: value for key, value in original.json.items() if key not in _OF_ONE_CHAT}
    content["forward_origin"] = {
        "type": "user",
        "sender_user": original.json["from"],
        "date": original.json["date"],
    }
    message = _send(world, params, content)
    return Outcome(message.json, message.chat_id, message)
