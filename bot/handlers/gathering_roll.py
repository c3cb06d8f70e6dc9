"""点名 in chat: the roster as taps, and a pasted 接龙 that asks only about who is unsure."""

from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import pasted_names
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import attendance, gathering_roll
from curriculum.attendance import PRESENT, Roll
from curriculum.gathering_roll import Entered
from curriculum.people import Speaker

LIST = "roll_list"
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


async def paste(update: Update, context: WuxueContext, forms: Forms) -> None:
    """贴接龙: asks for the list."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "roll_paste", 1)[0])
    await context.read(attendance.roll, speaker, gathering_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"gathering": gathering_id, "language": speaker.language}
    await forms.start(update, context, LIST, answers)


async def _match(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    """The list as far as it is understood: ids, who to ask about, names nobody bears."""
    speaker = await context.speaker(update)
    found = await context.read(
        gathering_roll.match, speaker, answers["gathering"], came, now=context.now()
    )
    return pasted_names.kept(found)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> Entered:
        entered = gathering_roll.enter(
            session, speaker, answers["gathering"], pasted_names.named(answers), now=context.now()
        )
        drop(session, context, speaker.chat_id, LIST)
        return entered

    entered = await context.in_session(store)
    keys = buttons.row(
        buttons.press(context.label("call_roll", speaker.language), "roll", answers["gathering"])
    )
    text = context.text("roll_entered", speaker.language, entered=entered)
    await show(update, context, text, keys)
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {"roll": opened, "tick": ticked}
FORM_BUTTONS = {"roll_paste": paste}
FORMS = (
    Form(
        LIST,
        (
            Step("list", "roll_paste", settle=_match),
            *pasted_names.STEPS,
        ),
        _finish,
        way_on=("call_roll", "roll", "{gathering}"),
    ),
)
