"""A text longer than one message: Telegram sends it in parts, and here they are one again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from telegram import Message

from bot.context import WuxueContext
from bot.in_hand import IN_HAND
from storage import inbox_parts
from storage.inbox import Waiting

# The most a message holds, in UTF-16 units. Apps look a few hundred back for a place to cut at.
FULL = 4096
LONG = FULL - 600
# How far apart, by Telegram's own clock, two parts of one text arrive at most.
APART = timedelta(seconds=5)
# How long a full message waits for the one behind it.
WAIT = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Part:
    """One message of a text; `sent_at` is its date in seconds."""

    row_id: int
    message_id: int
    sent_at: int
    text: str


@dataclass(frozen=True, slots=True)
class Whole:
    """A text as it was written, and the messages it came in."""

    text: str
    message_ids: tuple[int, ...]


def units(text: str) -> int:
    """How long Telegram finds a text."""
    return len(text.encode("utf-16-le")) // 2


def read_part(row: Waiting) -> Part | None:
    """A stored update as a part of a text; None where it is anything but a private message."""
    try:
        message = json.loads(row.payload or "")["message"]
        if message["chat"]["type"] != "private":
            return None
        return Part(row.row_id, message["message_id"], message["date"], message["text"])
    except (KeyError, TypeError, ValueError):
        return None


def run_of(parts: Sequence[Part | None], row_id: int) -> list[Part]:
    """The parts around one row that are one text: each but the last full, the next at once behind.

    `parts` are in the order they were sent, None for what is no text.
    """
    runs: list[list[Part]] = [[]]
    for part in parts:
        last = runs[-1][-1] if runs[-1] else None
        if part is None:
            runs.append([])
        elif last is None or goes_on(last, part):
            runs[-1].append(part)
        else:
            runs.append([part])
    return next((run for run in runs if row_id in [part.row_id for part in run]), [])


def goes_on(part: Part, behind: Part) -> bool:
    """Whether a message is what a full one did not hold any more."""
    apart = timedelta(seconds=behind.sent_at - part.sent_at)
    is_over = units(part.text) + units(behind.text) >= FULL
    return units(part.text) >= LONG and is_over and timedelta() <= apart <= APART


def joined(parts: Sequence[Part]) -> str:
    """The text of parts; a cut before a message was full was made at the end of a line or word."""
    text = ""
    for part, behind in zip(parts, [*parts[1:], None], strict=True):
        is_cut_anywhere = behind is None or units(part.text) >= FULL
        text += part.text if is_cut_anywhere else f"{part.text}\n"
    return text


async def say_joined(context: WuxueContext, chat_id: int, language: str, found: Whole) -> None:
    """Say, where a text came as several messages, that it is read as one."""
    if (count := len(found.message_ids)) > 1:
        await context.say(chat_id, context.text("parts_joined", language, count=count), silent=True)


async def waiting_of(context: WuxueContext, sender: int) -> list[Waiting]:
    """What somebody sent that waits or is in hand, in the order it was sent."""
    services = context.services
    return await context.read(
        inbox_parts.waiting_of, bot=services.bot_id, sender=sender, note_key=services.note_key
    )


async def whole(context: WuxueContext, message: Message) -> Whole | None:
    """What she wrote, with the parts that came with it; None while more may be on its way.

    The other parts count as processed with this one, in the transaction of whatever it changes.
    """
    alone = Whole(message.text or "", (message.message_id,))
    in_hand = IN_HAND.get()
    if in_hand is None or message.from_user is None:
        return alone
    rows = await waiting_of(context, message.from_user.id)
    run = run_of([read_part(row) for row in rows], in_hand.row_id)
    if not run:
        return alone
    if units(run[-1].text) >= LONG and not in_hand.attempts:
        in_hand.postponed = WAIT
        return None
    in_hand.joined = tuple(part.row_id for part in run if part.row_id != in_hand.row_id)
    return Whole(joined(run), tuple(part.message_id for part in run))
