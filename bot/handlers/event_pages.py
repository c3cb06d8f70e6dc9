"""What the pages of trainings and visits do alike: be shown, and show what a press has changed."""

from collections.abc import Callable, Collection
from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot.context import WuxueContext
from bot.forms import show
from bot.taps import carried, number
from curriculum.people import Speaker
from curriculum.rich_text import RichText

Page = Callable[[WuxueContext, Speaker, Any], tuple[RichText, InlineKeyboardMarkup]]


async def show_one(
    update: Update,
    context: WuxueContext,
    verb: str,
    read: Callable[..., Any],
    page: Page,
    *,
    is_new: bool = False,
) -> None:
    """Show the one event, or thing of an event, that a button carries."""
    speaker = await context.speaker(update)
    (one_id,) = map(number, carried(update, verb, 1))
    found = await context.read(read, speaker, one_id, now=context.now())
    worded = page(context, speaker, found)
    await context.answer(update)
    await show(update, context, *worded, is_new=is_new)


async def change_one(
    update: Update,
    context: WuxueContext,
    verb: str,
    change: Callable[..., Any],
    page: Page,
    *,
    toast: str = "",
    was_seen: bool = False,
) -> None:
    """Make the change of a button, of one event or thing of it, and show it as it stands then.

    One that `was_seen` carries the version it was pressed on. `toast` is what the tap is answered.
    """
    speaker = await context.speaker(update)
    one_id, *version = map(number, carried(update, verb, 2 if was_seen else 1))
    seen = {"seen": version[0]} if was_seen else {}
    found = await context.in_session(change, speaker, one_id, **seen, now=context.now())
    await context.answer(update, context.label(toast, speaker.language) if toast else "")
    await show(update, context, *page(context, speaker, found))


async def send_calendar(
    update: Update,
    context: WuxueContext,
    name: str,
    read: Callable[..., Any],
    made: Callable[..., bytes],
) -> None:
    """加日历, 更新日历: the file as it reads now; calendars put it in place of an earlier one."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, f"{name}_calendar", 1))
    found = await context.read(read, speaker, event_id, now=context.now())
    await context.answer(update)
    services = context.services
    data = made(
        found, services.renderer, speaker.language, bot=services.bot_id, said_at=context.now()
    )
    await context.send_file(speaker.chat_id, data, f"{name}_{event_id}.ics")


def stands_alone(update: Update, verb: str, lists: Collection[str]) -> bool:
    """Whether `verb` was pressed under an invitation or another word, which should stay.

    `lists` are the buttons by which a list of events is known.
    """
    message = update.effective_message
    keyboard = message.reply_markup if message is not None else None
    verbs = [
        str(key.callback_data).partition(":")[0]
        for row in (keyboard.inline_keyboard if keyboard else ())
        for key in row
    ]
    return verbs.count(verb) == 1 and not set(lists) & set(verbs)
