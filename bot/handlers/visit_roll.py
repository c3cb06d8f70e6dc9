"""参观点名 in chat: who was there, one tap for all, days and minutes."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import pages_to_turn, searching, turned_to
from bot.handlers.visit_log import back_key
from bot.taps import Act, carried, number
from curriculum import visit_roll
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_minutes import LEAST, MOST, USUAL_MINUTES
from curriculum.visit_roll import ON_PAPER, ROLL_CALL, RollPage

MINUTES = "visit_minutes"
# Asked for in bot/handlers/visit_roll_list.py.
PASTE = "visit_roll_paste"
NAME_SHOWN = 10
Key = InlineKeyboardButton


async def roll(update: Update, context: WuxueContext) -> None:
    """参观点名: how it stands, one tap for all of it, and what can be changed."""
    speaker, found = await _read_roll(update, context, "visit_roll")
    await context.answer(update)
    await show(update, context, *roll_page(context, speaker, found))


async def names(update: Update, context: WuxueContext) -> None:
    """谁没去: each name is a tap for the whole journey."""
    speaker, found = await _read_roll(update, context, "visit_names")
    await context.answer(update)
    await show(update, context, *_names_page(context, speaker, found, "visit_names"))


async def by_day(update: Update, context: WuxueContext) -> None:
    """按天改: each name leads to its days."""
    speaker, found = await _read_roll(update, context, "visit_by_day")
    await context.answer(update)
    await show(update, context, *_names_page(context, speaker, found, "visit_by_day"))


async def _read_roll(update: Update, context: WuxueContext, verb: str) -> tuple[Speaker, RollPage]:
    speaker = await context.speaker(update)
    visit_id, _, rest = carried(update, verb, 1)[0].partition(":")
    page, words = turned_to(rest)
    found = await context.read(
        visit_roll.roll, speaker, number(visit_id), words=words, page=page, now=context.now()
    )
    return speaker, found


async def show_found(
    update: Update, context: WuxueContext, visit_id: int, words: str, *, verb: str
) -> None:
    """Who on the roll fits these words; `verb` says what a tap on one does."""
    speaker = await context.speaker(update)
    found = await context.read(visit_roll.roll, speaker, visit_id, words=words, now=context.now())
    await show(update, context, *_names_page(context, speaker, found, verb))


def roll_page(
    context: WuxueContext, speaker: Speaker, found: RollPage
) -> tuple[RichText, InlineKeyboardMarkup]:
    """The roll as a whole."""

    def key(label: str, act: str, *ids: object) -> Key:
        return buttons.press(context.label(label, speaker.language), act, found.visit_id, *ids)

    wanted = (
        (found.can_confirm, key("visit_roll_confirm", "visit_roll_confirm", ROLL_CALL)),
        (found.can_confirm, key("visit_on_paper", "visit_roll_confirm", ON_PAPER)),
        (found.can_undo, key("undo", "visit_roll_undo")),
        (True, key("visit_names", "visit_names", 0)),
        (len(found.days) > 1, key("visit_by_day", "visit_by_day", 0)),
        (True, key("visit_minutes", MINUTES)),
        (True, key("paste_list", PASTE)),
    )
    back = back_key(context, speaker.language, found.visit_id)
    text = context.text("visit_roll", speaker.language, roll=found, what="")
    return text, with_navigation([one for is_there, one in wanted if is_there], [back])


def _names_page(
    context: WuxueContext, speaker: Speaker, found: RollPage, verb: str
) -> tuple[RichText, InlineKeyboardMarkup]:
    """One page of the names; `verb` says what a tap on one does."""
    language, visit_id = speaker.language, found.visit_id
    act = "visit_roll_line" if verb == "visit_by_day" else "visit_tick"
    keys = []
    for line in found.lines:
        mark = f"✅ {line.name[:NAME_SHOWN]}" if line.days else line.name[:NAME_SHOWN]
        days = f" {line.days}/{line.of}" if 0 < line.days < line.of else ""
        back = f"{found.page}:{found.words}" if pages_to_turn(found) == found.pages else "0"
        keys.append(buttons.press(mark + days, act, visit_id, line.line_id, back))
    navigation = searching(
        context,
        language,
        found,
        at=(verb, visit_id),
        turn=lambda rest: buttons.data(verb, visit_id, rest),
    )
    navigation.append(buttons.press(context.label("visit_roll", language), "visit_roll", visit_id))
    text = context.text("visit_roll", language, roll=found, what=verb)
    return text, with_navigation(keys, navigation)


async def ticked(update: Update, context: WuxueContext) -> None:
    """A name: there all along, or not there after all."""
    speaker = await context.speaker(update)
    *ids, rest = carried(update, "visit_tick", 3)
    visit_id, line_id = map(number, ids)
    page, words = turned_to(rest)

    def store(session: Session) -> RollPage:
        now = context.now()
        visit_roll.tick(session, speaker, visit_id, line_id, now=now)
        return visit_roll.roll(session, speaker, visit_id, words=words, page=page, now=now)

    found = await context.in_session(store)
    await context.answer(update)
    await show(update, context, *_names_page(context, speaker, found, "visit_names"))


async def line(update: Update, context: WuxueContext) -> None:
    """One of the list with her days."""
    speaker = await context.speaker(update)
    *ids, rest = carried(update, "visit_roll_line", 3)
    visit_id, line_id = map(number, ids)
    # One that was searched for leads back to the whole list: her days carry no words.
    page, words = turned_to(rest)
    await context.answer(update)
    await _show_line(update, context, speaker, (visit_id, line_id, 0 if words else page))


async def ticked_day(update: Update, context: WuxueContext) -> None:
    """One of her days: there, or not."""
    speaker = await context.speaker(update)
    *ids, day = carried(update, "visit_tick_day", 4)
    visit_id, line_id, page = map(number, ids)
    await context.in_session(
        visit_roll.tick, speaker, visit_id, line_id, day=read_day(day), now=context.now()
    )
    await context.answer(update)
    await _show_line(update, context, speaker, (visit_id, line_id, page))


def read_day(written: str) -> date:
    """A day as a button carries it; raises NotThere."""
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise NotThere from error


async def _show_line(
    update: Update, context: WuxueContext, speaker: Speaker, ids: tuple[int, int, int]
) -> None:
    visit_id, line_id, page = ids
    found = await context.read(
        visit_roll.days_of_line, speaker, visit_id, line_id, now=context.now()
    )
    renderer, language = context.services.renderer, speaker.language
    keys = [
        buttons.press(
            f"{'✅ ' if there else ''}{renderer.day(day, language)}",
            *("visit_tick_day", visit_id, line_id, page, day.isoformat()),
        )
        for day, there in found.days
    ]
    back = buttons.press(context.label("back", language), "visit_by_day", visit_id, page)
    text = context.text("visit_roll_line", language, found=found)
    await show(update, context, text, with_navigation(keys, [back]))


async def confirm(update: Update, context: WuxueContext) -> None:
    """全部确认, or from paper: into the ledger of every learner."""
    speaker = await context.speaker(update)
    visit_id, evidence = carried(update, "visit_roll_confirm", 2)

    def store(session: Session) -> RollPage:
        one = number(visit_id)
        visit_roll.confirm(session, speaker, one, evidence=evidence, now=context.now())
        return visit_roll.roll(session, speaker, one, now=context.now())

    found = await context.in_session(store)
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *roll_page(context, speaker, found))


async def undo(update: Update, context: WuxueContext) -> None:
    """撤销 of 全部确认."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_roll_undo", 1))

    def store(session: Session) -> RollPage:
        visit_roll.undo(session, speaker, visit_id, now=context.now())
        return visit_roll.roll(session, speaker, visit_id, now=context.now())

    found = await context.in_session(store)
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show(update, context, *roll_page(context, speaker, found))


async def minutes(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时长: which day, how many minutes."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, MINUTES, 1))
    found = await context.read(visit_roll.roll, speaker, visit_id, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "visit": visit_id,
        "days": [[day.isoformat(), counted] for day, counted in found.days],
        "by_programme": [day.isoformat() for day in found.by_programme],
        "language": speaker.language,
    }
    await forms.start(update, context, MINUTES, answers)


async def _days(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    del update
    renderer, language = context.services.renderer, answers["language"]
    return [
        (day, f"{renderer.day(date.fromisoformat(day), language)} {counted}")
        for day, counted in answers["days"]
    ]


async def _length(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    counted = dict(map(tuple, answers["days"]))
    day = answers["day"]
    facts = {"day": date.fromisoformat(day), "minutes": counted[day]}
    is_planned = day in answers.get("by_programme", ())
    return facts | {"least": LEAST, "most": MOST, "is_planned": is_planned}


async def _usual(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context, answers
    return {"usual": USUAL_MINUTES}


def a_day(came: str) -> str:
    """The same as an answer of a form."""
    return read_day(came).isoformat()


async def _finish_minutes(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    visit_id, day = answers["visit"], read_day(answers["day"])

    def store(session: Session) -> RollPage:
        drop(session, context, speaker.chat_id, MINUTES)
        visit_roll.set_minutes(
            session, speaker, visit_id, day, answers["minutes"], now=context.now()
        )
        return visit_roll.roll(session, speaker, visit_id, now=context.now())

    found = await context.in_session(store)
    await show(update, context, *roll_page(context, speaker, found))


BUTTONS: dict[str, Act] = {
    "visit_roll": roll,
    "visit_names": names,
    "visit_by_day": by_day,
    "visit_tick": ticked,
    "visit_roll_line": line,
    "visit_tick_day": ticked_day,
    "visit_roll_confirm": confirm,
    "visit_roll_undo": undo,
}
FORM_BUTTONS = {MINUTES: minutes}
FORMS = (
    Form(
        MINUTES,
        (
            Step("day", "visit_minutes_day", offer=_days, take=a_day, facts=_usual),
            Step("minutes", "visit_minutes", take=visit_roll.read_minutes, facts=_length),
        ),
        _finish_minutes,
        way_on=("visit_roll", "visit_roll", "{visit}"),
    ),
)
