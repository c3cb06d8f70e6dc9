"""What an update is before it is parsed: its number, its sender, the text that is kept of it."""

import json
from typing import Any

from storage.columns import LARGEST_ID

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
            if isinstance(number, int) and abs(number) <= LARGEST_ID:
                return int(number)
    return 0


def as_row(update: Any) -> tuple[int, int, str]:
    """(update_id, sender, JSON) as it is stored; raises NotAnUpdate."""
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < LARGEST_ID:
        raise NotAnUpdate
    text = json.dumps(update, ensure_ascii=False)
    # Half a surrogate pair is no text that can be sealed; written as an escape it is.
    if not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        text = json.dumps(update)
    return number, sender_of(update), text
