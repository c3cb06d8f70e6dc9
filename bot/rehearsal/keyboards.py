"""Checks reply_markup: inline keyboards, reply keyboards, their removal, and forced replies."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from bot.rehearsal.refusal import bad_request

Markup = dict[str, Any]

MAX_ROW = 8
MAX_BUTTONS = 100
MAX_CALLBACK_BYTES = 64
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
_ACTIONS = ("callback_data", "url", "copy_text", "web_app", "login_url", "switch_inline_query")
_BUTTON_FIELDS = frozenset({"text", "style", "icon_custom_emoji_id", *_ACTIONS})
_KEY_FIELDS = frozenset({"text", "style", "icon_custom_emoji_id", "request_contact"})
_REPLY_FIELDS = frozenset(
    {
        "keyboard",
        "is_persistent",
        "resize_keyboard",
        "one_time_keyboard",
        "input_field_placeholder",
        "selective",
    }
)
_REMOVE_FIELDS = frozenset({"remove_keyboard", "selective"})
_FORCE_FIELDS = frozenset({"force_reply", "input_field_placeholder", "selective"})
_URL = re.compile(r"(?:https?://)?(?:[^\s/?#@]+\.)+[A-Za-z][\w-]+(?::\d+)?(?:[/?#]\S*)?", re.I)
_DEEP_LINK = re.compile(r"https?://(?:t|telegram)\.me/\w+\?(?:\S*&)?start(?:group)?=([^&#]*)", re.I)


@lru_cache(maxsize=4096)
def checked(raw: str) -> Markup | None:
    """The markup in the JSON string `raw`, checked; None for "" and for an empty object.

    The result is shared between callers and must not be changed. Raises Refusal.
    """
    if not raw:
        return None
    try:
        markup = json.loads(raw)
    except ValueError:
        raise bad_request("can't parse reply keyboard markup JSON object") from None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        _only(markup, frozenset({"inline_keyboard"}), "reply markup")
        _check_inline(markup["inline_keyboard"])
        return markup if any(markup["inline_keyboard"]) else None
    if "keyboard" in markup:
        _only(markup, _REPLY_FIELDS, "reply markup")
        return _checked_reply(markup)
    if markup.get("remove_keyboard") is True:
        _only(markup, _REMOVE_FIELDS, "reply markup")
        return markup
    if markup.get("force_reply") is True:
        _only(markup, _FORCE_FIELDS, "reply markup")
        return markup
    if markup:
        raise bad_request("can't parse reply keyboard markup: unknown kind of reply markup")
    return None


def inline_only(raw: str) -> Markup | None:
    """The same where only an inline keyboard may stand, as in edits."""
    markup = checked(raw)
    if markup is not None and "inline_keyboard" not in markup:
        raise bad_request("inline keyboard expected")
    return markup


def _only(thing: Markup, known: frozenset[str], name: str) -> None:
    unknown = set(thing) - known
    if unknown:
        raise bad_request(f'can\'t parse {name}: unexpected field "{min(unknown)}"')


def _rows(rows: Any, name: str) -> list[Any]:
    if not isinstance(rows, list):
        raise bad_request(f'field "{name}" must be of type Array')
    every: list[Any] = []
    for row in rows:
        if not isinstance(row, list):
            raise bad_request(f'field "{name}" must be an Array of Arrays')
        every.extend(row)
    return every


def _check_inline(rows: Any) -> None:
    every = _rows(rows, "inline_keyboard")
    if len(every) > MAX_BUTTONS or any(len(row) > MAX_ROW for row in rows):
        raise bad_request("reply markup is too long")
    for button in every:
        _check_inline_button(button)


def _check_inline_button(button: Any) -> None:
    name = "inline keyboard button"
    if not isinstance(button, dict):
        raise bad_request(f"can't parse {name}: InlineKeyboardButton must be an Object")
    text = button.get("text")
    if not isinstance(text, str):
        raise bad_request(f'can\'t parse {name}: Field "text" must be of type String')
    if not text.strip():
        raise bad_request("inline keyboard button text must be non-empty")
    _only(button, _BUTTON_FIELDS, name)
    actions = [action for action in _ACTIONS if action in button]
    if not actions:
        raise bad_request(f"can't parse {name}: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request(f"can't parse {name}: exactly one action is allowed in a button")
    if actions == ["callback_data"]:
        _check_callback_data(button["callback_data"])
    elif actions == ["url"]:
        check_button_url(button["url"])
    elif actions != ["copy_text"]:
        raise bad_request("BUTTON_TYPE_INVALID")


def _check_callback_data(data: Any) -> None:
    if not isinstance(data, str) or not 1 <= len(data.encode("utf-8")) <= MAX_CALLBACK_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")


def check_button_url(url: Any) -> None:
    """http, https and tg links; a deep link to a bot must carry a payload Telegram accepts."""
    if not isinstance(url, str) or not (url.startswith("tg://") or _URL.fullmatch(url)):
        raise bad_request("BUTTON_URL_INVALID")
    deep = _DEEP_LINK.match(url)
    if deep and not START_PAYLOAD.fullmatch(deep[1]):
        raise bad_request("START_PARAM_INVALID")


def _checked_reply(markup: Markup) -> Markup:
    """Telegram takes a bare string for a key; it is stored as {"text": ...}."""
    every = _rows(markup["keyboard"], "keyboard")
    if not every:
        raise bad_request("reply keyboard must have at least one button")
    if len(every) > 300 or any(len(row) > 12 for row in markup["keyboard"]):
        raise bad_request("reply markup is too long")
    keys = []
    for row in markup["keyboard"]:
        keys.append([{"text": key} if isinstance(key, str) else key for key in row])
        for key in keys[-1]:
            if not isinstance(key, dict):
                raise bad_request("can't parse keyboard button: KeyboardButton must be an Object")
            _only(key, _KEY_FIELDS, "keyboard button")
            if not isinstance(key.get("text"), str) or not key["text"].strip():
                raise bad_request("keyboard button text must be non-empty")
    if len(str(markup.get("input_field_placeholder") or "")) > 64:
        raise bad_request("input field placeholder is too long")
    return {**markup, "keyboard": keys}
