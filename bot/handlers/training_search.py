"""找人 on the lists of a training: by name, number, station or the end of a telephone number."""

from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import annual_training, training_manage
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import directory, training_search
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.training_attendance import ROLL_CALL
from curriculum.training_search import Match, Matches

LOOK, EVENTS, UNITS = "training_look", "events", "units"
# Which list is searched, and how; where its results lead back to.
PLACES = {
    "lists": training_search.on_lists,
    "roll": training_search.on_roll,
    "cert": training_search.with_certificates,
}
# What the button of a page can carry of what was searched for; longer words find few people.
WORDS_BYTES = 30


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """找人, 找培训: asks for whom, or for which."""
    speaker = await context.speaker(update)
    place, object_id = carried(update, LOOK, 2)
    if place not in (EVENTS, UNITS):
        # Whoever may not see the list finds nothing to search in.
        await _found(context, speaker, place, number(object_id), "")
    await context.answer(update)
    answers: Answers = {
        "place": place,
        "object": number(object_id),
        "language": speaker.language,
    }
    await forms.start(update, context, LOOK, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    place, object_id, words = answers["place"], answers["object"], answers["words"]
    await context.in_session(drop, context, speaker.chat_id, LOOK)
    if place == EVENTS:
        await annual_training.found(update, context, words)
        return
    if place == UNITS:
        await training_manage.covered(update, context, speaker, object_id, words=words)
        return
    found = await _found(context, speaker, place, object_id, words)
    await show(update, context, *_worded(context, speaker, found, place, object_id))


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of who was found."""
    speaker = await context.speaker(update)
    place, object_id, page, words = carried(update, "training_seek", 4)
    found = await _found(context, speaker, place, number(object_id), words, page=number(page))
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found, place, number(object_id)))


async def _found(
    context: WuxueContext,
    speaker: Speaker,
    place: str,
    object_id: int,
    words: str,
    *,
    page: int = 0,
) -> Matches:
    search: Any = PLACES.get(place)
    if search is None:
        raise NotThere
    found: Matches = await context.read(
        search, speaker, object_id, words, page=page, now=context.now()
    )
    return found


def _worded(
    context: WuxueContext, speaker: Speaker, found: Matches, place: str, object_id: int
) -> tuple[RichText, InlineKeyboardMarkup]:
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = []
    for n, line in lines:
        data = _leads_to(found, line, place)
        if data is not None:
            keys.append(buttons.press(f"{n} {line.name}", *data))
    can_turn = len(found.words.encode()) <= WORDS_BYTES
    navigation = turning(
        context,
        language,
        found.page,
        found.pages if can_turn else 1,
        lambda page: buttons.data("training_seek", place, object_id, page, found.words),
    )
    again = context.label("find_people", language)
    navigation.append(buttons.press(again, LOOK, place, object_id))
    label, verb, ids = {
        "lists": ("training_lists", "training_lists", (found.event_id,)),
        "roll": ("training_half", "training_half", (object_id,)),
        "cert": ("certificates", "certificates", (found.event_id, 0)),
    }[place]
    navigation.append(buttons.press(context.label(label, language), verb, *ids))
    text = context.text(
        "training_sought", language, found=found, lines=lines, place=place, can_turn=can_turn
    )
    return text, with_navigation(keys, navigation)


def _leads_to(found: Matches, line: Match, place: str) -> tuple[str, *tuple[object, ...]] | None:
    """What pressing somebody does on this list; None where there is nothing to do."""
    if place == "roll":
        return ("training_tick", line.object_id, ROLL_CALL, line.at_page, line.person_id)
    if place == "cert":
        return ("certificate", line.object_id) if line.object_id else None
    is_on = line.note in ("registered", "waiting")
    if found.can_change and is_on:
        return ("training_off_ask", found.event_id, line.person_id)
    return None


BUTTONS: dict[str, Act] = {"training_seek": turned}
FORM_BUTTONS = {LOOK: begin}


def _back(answers: Answers) -> tuple[str, ...]:
    """The list that was searched; the trainings where that has no page of its own."""
    for place, label, *ids in (
        ("lists", "training_lists", "{object}"),
        ("roll", "training_half", "{object}"),
        ("cert", "certificates", "{object}", "0"),
    ):
        if answers["place"] == place:
            return (label, label, *ids)
    return ("training", "open", "training")


FORMS = (
    Form(
        LOOK,
        (Step("words", "training_look", take=directory.searched),),
        _finish,
        way_on=_back,
    ),
)
