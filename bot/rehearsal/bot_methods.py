"""The table of Bot API methods the stand-in knows, with the parameters each accepts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from bot.rehearsal import bot_editing, bot_sending, bot_settings
from bot.rehearsal.bot_sending import COMMON, Outcome
from bot.rehearsal.refusal import Refusal
from bot.rehearsal.strict import Parameters
from bot.rehearsal.world import World


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what carries it out, and the names of its parameters."""

    carry_out: Callable[[World, Parameters], Outcome]
    parameters: frozenset[str]


def _of(carry_out: Callable[[World, Parameters], Outcome], names: str = "") -> Method:
    return Method(carry_out, frozenset(names.split()))


def _sending(carry_out: Callable[[World, Parameters], Outcome], names: str) -> Method:
    return Method(carry_out, COMMON | frozenset(names.split()))


_EDIT = "chat_id message_id reply_markup"
_CAPTION = "caption parse_mode caption_entities"
_POLL = (
    "question question_parse_mode question_entities options is_anonymous type "
    "allows_multiple_answers allows_revoting correct_option_ids explanation "
    "explanation_parse_mode explanation_entities open_period close_date is_closed"
)

METHODS: dict[str, Method] = {
    "getMe": _of(bot_settings.get_me),
    "sendMessage": _sending(
        bot_sending.send_message, "text parse_mode entities link_preview_options"
    ),
    "sendPoll": _sending(bot_sending.send_poll, _POLL),
    "sendDocument": _sending(
        bot_sending.send_document, f"document disable_content_type_detection {_CAPTION}"
    ),
    "sendPhoto": _sending(bot_sending.send_photo, f"photo {_CAPTION}"),
    "sendLocation": _sending(bot_sending.send_location, "latitude longitude"),
    "sendVoice": _sending(bot_sending.send_voice, f"voice duration {_CAPTION}"),
    "copyMessage": _sending(bot_sending.copy_message, f"from_chat_id message_id {_CAPTION}"),
    "forwardMessage": _of(
        bot_sending.forward_message,
        "chat_id from_chat_id message_id disable_notification protect_content",
    ),
    "editMessageText": _of(
        bot_editing.edit_message_text, f"{_EDIT} text parse_mode entities link_preview_options"
    ),
    "editMessageCaption": _of(bot_editing.edit_message_caption, f"{_EDIT} {_CAPTION}"),
    "editMessageReplyMarkup": _of(bot_editing.edit_message_reply_markup, _EDIT),
    "deleteMessage": _of(bot_editing.delete_message, "chat_id message_id"),
    "deleteMessages": _of(bot_editing.delete_messages, "chat_id message_ids"),
    "stopPoll": _of(bot_editing.stop_poll, _EDIT),
    "answerCallbackQuery": _of(
        bot_editing.answer_callback_query, "callback_query_id text show_alert url cache_time"
    ),
    "pinChatMessage": _of(bot_editing.pin_chat_message, "chat_id message_id disable_notification"),
    "unpinChatMessage": _of(bot_editing.unpin_chat_message, "chat_id message_id"),
    "getFile": _of(bot_settings.get_file, "file_id"),
    "sendChatAction": _of(bot_settings.send_chat_action, "chat_id action"),
    "setMyCommands": _of(bot_settings.set_my_commands, "commands scope language_code"),
    "getMyCommands": _of(bot_settings.get_my_commands, "scope language_code"),
    "deleteMyCommands": _of(bot_settings.delete_my_commands, "scope language_code"),
    "setChatMenuButton": _of(bot_settings.set_chat_menu_button, "chat_id menu_button"),
    "getChatMenuButton": _of(bot_settings.get_chat_menu_button, "chat_id"),
    "getChat": _of(bot_settings.get_chat, "chat_id"),
    "getChatMember": _of(bot_settings.get_chat_member, "chat_id user_id"),
    "getChatMemberCount": _of(bot_settings.get_chat_member_count, "chat_id"),
    "leaveChat": _of(bot_settings.leave_chat, "chat_id"),
}
for _verb, _text in (
    ("Name", "name"),
    ("Description", "description"),
    ("ShortDescription", "short_description"),
):
    METHODS[f"setMy{_verb}"] = _of(
        partial(bot_settings.set_bot_text, name=_text), f"{_text} language_code"
    )
    METHODS[f"getMy{_verb}"] = _of(partial(bot_settings.get_bot_text, name=_text), "language_code")

# Telegram takes method names in any case.
_BY_LOWER_NAME = {name.lower(): name for name in METHODS}


def call(world: World, name: str, params: Parameters) -> Any:
    """Carry out one method and log it; answers what Telegram puts into `result`.

    Raises Refusal.
    """
    known = _BY_LOWER_NAME.get(name.lower())
    if known is None:
        raise Refusal(404, "Not Found: method not found")
    method = METHODS[known]
    params.known(known, method.parameters)
    outcome = method.carry_out(world, params)
    world.log(known, outcome.chat_id, outcome.message)
    return outcome.result
