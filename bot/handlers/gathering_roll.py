"""点名 in chat: the roster as taps, and a pasted 接龙 that asks only about who is unsure."""

from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import pasted_names
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import attendance, gathering_roll
from curriculum.attendance import PRESENT, Roll
from curriculum.people import Speaker

ON_A_PAGE = 6


async def opened(update: Update, context: WuxueContext) -> None:
    """点名: a page of the roster; each name is a tap."""
    speaker = await context.speaker(update)
    gathering, _, page = carried(update, "roll", 1)[0].partition(":")
    # Opened from a message that should stay as it is; only its own pages turn in place.
    await _show(update, context, speaker, number(gathering), number(page or "0"), is_new=not page)
    await context.answer(update)


async def ticked(update: Update, context: WuxueContext) -> None:
    """A name: here, or not here after all."""
    speaker = await context.speaker(update)
    gathering_id, page, person_id = map(number, carried(update, "tick", 3))
    await context.in_session(attendance.tick, speaker, gathering_id, person_id, now=context.now())
    await context.answer(update)
    await _show(update, context, speaker, gathering_id, page)
    context.send_what_is_due()


async def _show(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    gathering_id: int,
    page: int,
    *,
    is_new: bool = False,
) -> None:
    found = await context.read(attendance.roll, speaker, gathering_id, now=context.now())
    await show(update, context, *_worded(context, speaker.language, found, page), is_new=is_new)


def _worded(
    context: WuxueContext, language: str, found: Roll, page: int
) -> tuple[Any, InlineKeyboardMarkup]:
    pages = max(1, -(-len(found.lines) // ON_A_PAGE))
    page = min(page, pages - 1)
    lines = list(enumerate(found.lines[page * ON_A_PAGE : (page + 1) * ON_A_PAGE], start=1))
    keys = [
        buttons.press(f"{place} {line.name}", "tick", found.gathering_id, page, line.person_id)
        for place, line in lines
    ]
    navigation = turning(
        context,
        language,
        page,
        pages,
        lambda other: buttons.data("roll", found.gathering_id, other),
    )
    paste = context.label("paste_list", language)
    navigation.append(buttons.press(paste, "roll_paste", found.gathering_id))
    text = context.text(
        "gathering_roll",
        language,
        roll=found,
        lines=lines,
        here=found.count(*PRESENT),
        to_confirm=found.count(attendance.TO_CONFIRM),
        page=page + 1,
        pages=pages,
    )
    return text, with_navigation(keys, navigation)


async def roll_command(update: Update, context: WuxueContext) -> None:
    """/roll: the roll of the session that has just begun."""
    speaker = await context.speaker(update)
    now = context.now()
    gathering_id = await context.read(gathering_roll.latest, speaker, now=now)
    found = await context.read(attendance.roll, speaker, gathering_id, now=now)
    await context.say(speaker.chat_id, *_worded(context, speaker.language, found, 0))


LIST = pasted_names.PastedRoll(
    form="roll_list",
    verb="roll_paste",
    of="gathering",
    opened=attendance.roll,
    match=gathering_roll.match,
    enter=gathering_roll.enter,
    entered="roll_entered",
    back=("call_roll", "roll"),
)
BUTTONS: dict[str, Act] = {"roll": opened, "tick": ticked}
FORM_BUTTONS = {LIST.verb: LIST.begin}
FORMS = (LIST.as_form(),)
