"""The Bot API methods that change, delete, pin or answer something already there."""

from __future__ import annotations

from datetime import timedelta

from bot.rehearsal import strict
from bot.rehearsal.bot_sending import Outcome, caption_content, done, link_preview, text_content
from bot.rehearsal.keyboards import check_button_url
from bot.rehearsal.refusal import bad_request
from bot.rehearsal.stored import Chat, Event, Json, StoredMessage, Toast
from bot.rehearsal.strict import Parameters
from bot.rehearsal.world import World

DELETE_WITHIN = timedelta(hours=48)
_SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same"
    " as a current content and reply markup of the message"
)


def _named(world: World, params: Parameters, verb: str) -> tuple[Chat, StoredMessage]:
    chat = world.reachable(params.text("chat_id"))
    if "message_id" not in params.values:
        raise bad_request("message identifier is not specified")
    message = chat.messages.get(params.integer("message_id"))
    if message is None:
        raise bad_request(f"message to {verb} not found")
    return chat, message


def _editable(world: World, params: Parameters) -> StoredMessage:
    """The bot's own messages, but not those sent with a reply keyboard.

    Source: Bot API, "Updating messages".
    """
    _, message = _named(world, params, "edit")
    if not message.from_bot or message.locked or "pinned_message" in message.json:
        raise bad_request("message can't be edited")
    return message


def _edit(world: World, message: StoredMessage, body: Json, markup: Json | None) -> Outcome:
    """Put the new content, without its buttons in `body`, in place unless nothing differs.

    Only a change of content makes a message "edited"; a change of buttons alone does not.
    """
    old = _without(message.json, "reply_markup")
    if body == old and markup == message.json.get("reply_markup"):
        raise bad_request(_SAME)
    if body != old:
        body["edit_date"] = world.unix()
    if markup is not None:
        body["reply_markup"] = markup
    world.changed(message, body)
    return Outcome(body, message.chat_id, message)


def _without(body: Json, *names: str) -> Json:
    return {key: value for key, value in body.items() if key not in names}


def edit_message_text(world: World, params: Parameters) -> Outcome:
    """editMessageText; leaving reply_markup out takes the buttons away."""
    message = _editable(world, params)
    if "text" not in message.json:
        raise bad_request("there is no text in the message to edit")
    markup = strict.inline_markup(params)
    preview = link_preview(params)
    body = _without(message.json, "text", "entities", "reply_markup", "link_preview_options")
    body |= text_content(params)
    if preview:
        body["link_preview_options"] = preview
    outcome = _edit(world, message, body, markup)
    message.preview = preview
    return outcome


def edit_message_caption(world: World, params: Parameters) -> Outcome:
    """editMessageCaption."""
    message = _editable(world, params)
    if not {"document", "photo", "voice"} & set(message.json):
        raise bad_request("there is no caption in the message to edit")
    markup = strict.inline_markup(params)
    body = _without(message.json, "caption", "caption_entities", "reply_markup")
    return _edit(world, message, body | caption_content(params), markup)


def edit_message_reply_markup(world: World, params: Parameters) -> Outcome:
    """editMessageReplyMarkup."""
    message = _editable(world, params)
    markup = strict.inline_markup(params)
    return _edit(world, message, _without(message.json, "reply_markup"), markup)


def _delete(world: World, chat: Chat, message: StoredMessage) -> None:
    if world.now() - message.at > DELETE_WITHIN:
        raise bad_request("message can't be deleted for everyone")
    if not chat.private and not message.from_bot and chat.bot_status != "administrator":
        raise bad_request("message can't be deleted")
    world.remove(message)


def delete_message(world: World, params: Parameters) -> Outcome:
    """deleteMessage; within 48 hours, others' messages in groups only as an administrator."""
    chat, message = _named(world, params, "delete")
    _delete(world, chat, message)
    return done(chat.chat_id, message)


def delete_messages(world: World, params: Parameters) -> Outcome:
    """deleteMessages; those not found are passed over."""
    chat = world.reachable(params.text("chat_id"))
    ids = params.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers are not specified")
    if any(type(message_id) is not int for message_id in ids):
        raise bad_request("invalid message identifier specified")
    for message_id in ids:
        message = chat.messages.get(message_id)
        if message is not None:
            _delete(world, chat, message)
    return done(chat.chat_id)


def stop_poll(world: World, params: Parameters) -> Outcome:
    """stopPoll; answers the final Poll."""
    chat = world.reachable(params.text("chat_id"))
    message = chat.messages.get(params.integer("message_id"))
    if message is None or message.poll is None:
        raise bad_request("message with poll to stop not found")
    world.close_due_polls()
    if message.poll.closed:
        raise bad_request("poll has already been closed")
    markup = strict.inline_markup(params)
    buttons: Json = {"reply_markup": markup} if markup else {}
    message.json = _without(message.json, "reply_markup") | buttons
    world.set_poll(message.poll, {**message.poll.json, "is_closed": True})
    return Outcome(message.poll.json, chat.chat_id, message)


def answer_callback_query(world: World, params: Parameters) -> Outcome:
    """answerCallbackQuery; too late once the query is older than the world's query_lifetime."""
    text = strict.answer_text(params.text("text"))
    if params.text("url"):
        check_button_url(params.text("url"))
    query = world.queries.get(params.text("callback_query_id"))
    if query is None or world.now() - query.at > world.query_lifetime:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    alert = params.boolean("show_alert")
    if text:
        toast = Toast(text, alert, query.query_id, world.now())
        world.people[query.user_id].toasts.append(toast)
        world.tell(Event("toast", query.chat_id, user_id=query.user_id, toast=toast))
    return done(query.chat_id)


def pin_chat_message(world: World, params: Parameters) -> Outcome:
    """pinChatMessage, with Telegram's service message."""
    chat, message = _named(world, params, "pin")
    _may_pin(chat)
    if message.message_id not in chat.pinned:
        chat.pinned.append(message.message_id)
        pinned = {"pinned_message": _without(message.json, "reply_to_message")}
        world.post(chat, world.bot, pinned, silent=params.boolean("disable_notification"))
    return done(chat.chat_id, message)


def unpin_chat_message(world: World, params: Parameters) -> Outcome:
    """unpinChatMessage; without message_id the newest pin."""
    chat = world.reachable(params.text("chat_id"))
    _may_pin(chat)
    message_id = params.integer("message_id", chat.pinned[-1] if chat.pinned else 0)
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return done(chat.chat_id)


def _may_pin(chat: Chat) -> None:
    if chat.json["type"] == "supergroup" and chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage pinned messages in the chat")
