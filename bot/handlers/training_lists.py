"""报名名单 in chat: who comes, waits or cannot; taking somebody off it, or putting her on it."""

from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, drop, show
from bot.handlers import found_people
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import training_attendance, training_events, training_search, training_seats
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.training_seats import LISTS, ListPage

FIND = "training_add"


async def listed(update: Update, context: WuxueContext) -> None:
    """报名名单: who comes, who waits, who cannot."""
    speaker = await context.speaker(update)
    event_id, name, page = carried(update, "training_list", 3)
    found = await context.read(
        training_seats.listed,
        speaker,
        number(event_id),
        name,
        page=number(page),
        now=context.now(),
    )
    await context.answer(update)
    await show(update, context, *_list(context, speaker, found))


def _list(
    context: WuxueContext, speaker: Speaker, found: ListPage
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, event_id = speaker.language, found.event_id
    lines = list(enumerate(found.lines, start=1))
    can_change = found.can_change and found.name != LISTS[2]
    names = [
        buttons.press(f"{n} {line.name}", "training_off_ask", event_id, line.person_id)
        for n, line in lines
        if can_change
    ]
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda page: buttons.data("training_list", event_id, found.name, page),
    )
    navigation.append(
        buttons.press(context.label("training_lists", language), "training_lists", event_id)
    )
    text = context.text(
        "training_list",
        language,
        list=found,
        lines=lines,
        page=found.page + 1,
        pages=found.pages,
        can_change=can_change,
    )
    return text, with_navigation(names, navigation)


async def lists(update: Update, context: WuxueContext) -> None:
    """报名名单: how many come, wait and cannot, each a list; finding and adding somebody."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_lists", 1))
    found = await context.read(
        training_seats.listed, speaker, event_id, LISTS[0], now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(
            context.label(f"training_{name}", language), "training_list", event_id, name, 0
        )
        for name in LISTS
    ]
    look = context.label("find_people", language)
    keys.append(buttons.press(look, "training_look", "lists", event_id))
    if found.can_change:
        add = context.label("training_add_person", language)
        keys.append(buttons.press(add, "training_add", event_id, 0))
    back = buttons.press(context.label("training_back", language), "training_manage", event_id)
    text = context.text("training_lists", language, list=found)
    await show(update, context, text, with_navigation(keys, [back]))


async def take_off_ask(update: Update, context: WuxueContext) -> None:
    """A name on the list: asks once, since that person would be told."""
    speaker = await context.speaker(update)
    event_id, person_id = map(number, carried(update, "training_off_ask", 2))
    found = await context.read(
        training_seats.on_list, speaker, event_id, person_id, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    confirm = context.label("training_confirm", language)
    keys = [buttons.press(confirm, "training_off", event_id, person_id)]
    back = buttons.press(context.label("training_lists", language), "training_lists", event_id)
    text = context.text("training_off_ask", language, name=found[0], unit=found[1], title=found[2])
    await show(update, context, text, with_navigation(keys, [back]))


async def take_off(update: Update, context: WuxueContext) -> None:
    """移出名单: that person is told, and whoever waits longest moves up."""
    speaker = await context.speaker(update)
    event_id, person_id = map(number, carried(update, "training_off", 2))
    await context.in_session(
        training_seats.take_off, speaker, event_id, person_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    found = await context.read(
        training_seats.listed, speaker, event_id, LISTS[0], now=context.now()
    )
    await show(update, context, *_list(context, speaker, found))
    context.send_what_is_due()


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加人: onto the list of a training, or into a half day that she calls the roll of."""
    speaker = await context.speaker(update)
    event_id, period_id = map(number, carried(update, FIND, 2))
    await context.read(training_events.read, speaker, event_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"event": event_id, "period": period_id, "language": speaker.language}
    await forms.start(update, context, FIND, answers)


def _begun_from(answers: Answers) -> tuple[str, ...]:
    """Back to the half day, or to the lists, that 加人 was pressed on."""
    if answers["period"]:
        return ("training_half", "training_half", "{period}")
    return ("training_lists", "training_list", "{event}", "registered", "0")


async def _search(update: Update, context: WuxueContext, answers: Answers, came: str) -> Any:
    speaker = await context.speaker(update)
    at = answers["event"], answers["period"]
    return await context.read(training_search.find, speaker, *at, came, now=context.now())


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    event_id, period_id = answers["event"], answers["period"]
    person_id, name = found_people.chosen(answers)

    def store(session: Session) -> None:
        at: dict[str, Any] = {"now": context.now()}
        if period_id:
            training_attendance.add_walk_in(session, speaker, period_id, person_id, **at)
        else:
            training_seats.add_person(session, speaker, event_id, person_id, **at)
        drop(session, context, speaker.chat_id, FIND)

    await context.in_session(store)
    back = (
        ("training_half", "training_half", (period_id,))
        if period_id
        else ("training_lists", "training_lists", (event_id,))
    )
    label, verb, ids = back
    key = buttons.press(context.label(label, speaker.language), verb, *ids)
    text = context.text("training_added", speaker.language, name=name, is_here=bool(period_id))
    await show(update, context, text, buttons.row(key))
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {
    "training_lists": lists,
    "training_list": listed,
    "training_off_ask": take_off_ask,
    "training_off": take_off,
}
FORM_BUTTONS = {FIND: begin}
FORMS = (
    Form(
        FIND,
        found_people.steps(_search, "training_find", "training_found"),
        _finish,
        asks_again=True,
        way_on=_begun_from,
    ),
)
