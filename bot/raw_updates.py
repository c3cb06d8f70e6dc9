"""An update before handlers see it: its number, its sender, its text, whether it is whole."""

import json
import re
from typing import Any

from telegram import Update

from storage.columns import LARGEST_ID

HALF_A_PAIR = re.compile("[\ud800-\udfff]")
# Where each kind of update names its sender.
SENDERS = (
    ("message", ("from", "chat")),
    ("callback_query", ("from",)),
    ("my_chat_member", ("from", "chat")),
    ("poll_answer", ("user", "voter_chat")),
)


class NotAnUpdate(ValueError):
    """It has no number of an update, so it can neither be stored nor confirmed."""


def sender_of(payload: dict[str, Any]) -> int:
    """Whose update this is; order is kept for each sender. 0 for a shape that does not say.

    Never raises: one update of an unknown shape must not end the receiving of all others.
    """
    for kind, who in SENDERS:
        part = payload.get(kind)
        if not isinstance(part, dict):
            continue
        for name in who:
            sender = part.get(name)
            number = sender.get("id") if isinstance(sender, dict) else None
            if isinstance(number, int) and _is_id(number):
                return int(number)
    return 0


def as_row(update: Any) -> tuple[int, int, str]:
    """(update_id, sender, JSON) as it is stored; raises NotAnUpdate."""
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < LARGEST_ID:
        raise NotAnUpdate
    text = json.dumps(update, ensure_ascii=False)
    # Half a surrogate pair is no text that can be sealed; written as an escape it is.
    if not text.isascii() and HALF_A_PAIR.search(text):
        text = json.dumps(update)
    return number, sender_of(update), text


def whole(update: Update) -> Update:
    """The update itself; raises NotAnUpdate when it parses but names nobody a handler can use.

    Who wrote, pressed or changed something, and where, Telegram always says; filters and handlers
    count on it.
    """
    # Filters look at the message of every kind of update, also of an edited one.
    message, pressed, change = (
        update.effective_message,
        update.callback_query,
        update.my_chat_member,
    )
    answer = update.poll_answer
    required = [where for where in (message, change) if where is not None]
    people: list[Any] = [found.chat for found in required]
    people += [found.from_user for found in (pressed, change) if found is not None]
    optional: list[Any] = [getattr(message, "from_user", None)]
    optional += [answer.user, answer.voter_chat] if answer is not None else []
    people += [found for found in optional if found is not None]
    if all(who is not None and _is_id(who.id) for who in people):
        return update
    raise NotAnUpdate


def _is_id(number: object) -> bool:
    return isinstance(number, int) and abs(number) <= LARGEST_ID
