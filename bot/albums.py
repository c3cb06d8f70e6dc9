"""Pictures sent together: Telegram delivers an album as a message each, and here they are one."""

import json
from dataclasses import dataclass
from datetime import timedelta

from telegram import Message

from bot.context import WuxueContext
from bot.in_hand import IN_HAND
from bot.split_texts import waiting_of
from storage.inbox import Waiting

# How long the first of an album waits for the others.
WAIT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the row and the message it came in, Telegram's name, bytes, and its caption."""

    row_id: int
    message_id: int
    file_id: str
    size: int
    caption: str


def read_picture(row: Waiting, album: str) -> Picture | None:
    """A stored update as a picture of an album; None where it is anything else."""
    try:
        message = json.loads(row.payload or "")["message"]
        if message["media_group_id"] != album:
            return None
        largest, caption = message["photo"][-1], message.get("caption", "")
        size = largest.get("file_size", 0)
        return Picture(row.row_id, message["message_id"], largest["file_id"], size, caption)
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _alone(message: Message, row_id: int) -> Picture:
    largest = message.photo[-1]
    return Picture(
        row_id,
        message.message_id,
        largest.file_id,
        largest.file_size or 0,
        message.caption or "",
    )


async def whole(context: WuxueContext, message: Message) -> list[Picture] | None:
    """The pictures that were sent with this one, in order; None while more may be on their way.

    The others count as processed with this one, in the transaction of whatever it changes.
    """
    in_hand = IN_HAND.get()
    if in_hand is None or message.media_group_id is None or message.from_user is None:
        return [_alone(message, in_hand.row_id if in_hand is not None else 0)]
    if not in_hand.attempts:
        in_hand.postponed = WAIT
        return None
    rows = await waiting_of(context, message.from_user.id)
    read = (read_picture(row, message.media_group_id) for row in rows)
    found = [one for one in read if one is not None]
    in_hand.joined = tuple(one.row_id for one in found if one.row_id != in_hand.row_id)
    return found or [_alone(message, in_hand.row_id)]
