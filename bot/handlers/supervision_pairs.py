"""Pairs in chat, for coordinators: the list, finding one, its frequency, its end."""

from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import supervision_more
from bot.handlers.directory import turning, with_navigation
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import directory
from curriculum import supervision_last_day as last_days
from curriculum import supervision_lists as lists
from curriculum import supervision_pairs as pairs
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.supervision_lists import Line, PairsPage
from curriculum.supervision_pair_words import ENDED
from curriculum.supervision_pairs import FREQUENCIES
from scheduler.channel import Part

FIND, PAIR = "find_pair", "pair_people"
# What the button of a page can carry of what was searched for; longer words find few pairs.
WORDS_BYTES = 40
UNDO = "pair_undo"


async def show_pairs(
    update: Update, context: WuxueContext, speaker: Speaker, *, is_new: bool = False
) -> None:
    """The first page of every pair she looks after."""
    found = await context.read(lists.pairs, speaker, now=context.now())
    await show(update, context, *_listed(context, speaker, found), is_new=is_new)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page, or back to them."""
    speaker = await context.speaker(update)
    page, words = carried(update, "pairs", 2)
    found = await context.read(
        lists.pairs, speaker, words=words, page=number(page), now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_listed(context, speaker, found))


def _listed(
    context: WuxueContext, speaker: Speaker, found: PairsPage
) -> tuple[Any, InlineKeyboardMarkup]:
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(place), "pair", line.pair_id) for place, line in lines]
    can_turn = len(found.words.encode()) <= WORDS_BYTES
    navigation = turning(
        context,
        language,
        found.page,
        found.pages if can_turn else 1,
        lambda page: buttons.data("pairs", page, found.words),
    )
    if found.words:
        # Of what was searched for she wants to look, or to come back to all of them.
        navigation.append(buttons.press(context.label(FIND, language), FIND, 0))
        navigation.append(buttons.press(context.label("back_to_pairs", language), "pairs", 0, ""))
        text = context.text("supervision_pairs", language, page=found, lines=lines)
        return text, with_navigation(keys, navigation)
    # What a page with six pairs has no room for stands under 更多.
    navigation.append(buttons.press(context.label(PAIR, language), PAIR, 0))
    navigation.append(supervision_more.way_on(context, language, "pairs_more"))
    text = context.text("supervision_pairs", language, page=found, lines=lines)
    return text, with_navigation(keys, navigation)


async def opened(update: Update, context: WuxueContext) -> None:
    """One pair."""
    speaker = await context.speaker(update)
    (pair_id,) = map(number, carried(update, "pair", 1))
    await show_pair(update, context, speaker, pair_id)
    await context.answer(update)


async def show_pair(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    pair_id: int,
    *,
    undo: str | None = None,
) -> None:
    """One pair as it stands, with what can be done about it; `undo` is the verb of its 撤销."""
    row = await context.read(lists.pair_of, speaker, pair_id)
    beyond = await context.read(last_days.booked_beyond, row, now=context.now())
    language = speaker.language
    keys = []
    if row.ended_at is None:
        keys = [
            buttons.press(context.label(label, language), verb, row.version, pair_id)
            for label, verb in (
                ("change_frequency", "pair_often"),
                ("change_last_day", "pair_until"),
                ("end_pair", "pair_end"),
            )
        ]
    if undo is not None:
        keys.append(buttons.press(context.label("undo", language), undo, row.version, pair_id))
    back = buttons.press(context.label("back_to_pairs", language), "pairs", 0, "")
    text = context.text(
        "supervision_pair", language, may_undo=undo is not None, beyond=beyond, **worded(row)
    )
    await show(update, context, text, with_navigation(keys, [back]))


def worded(row: Line) -> dict[str, Any]:
    """A pair for its templates, its last day instead of the first one without it."""
    return {"pair": row, "last_day": row.last_day}


async def ask_often(update: Update, context: WuxueContext) -> None:
    """改频次: how often."""
    speaker = await context.speaker(update)
    seen, pair_id = map(number, carried(update, "pair_often", 2))
    row = await context.read(lists.pair_of, speaker, pair_id)
    keys = [
        buttons.press(
            context.label(f"every_{months}", speaker.language), "pair_every", seen, pair_id, months
        )
        for months in FREQUENCIES
    ]
    back = buttons.press(context.label("back", speaker.language), "pair", pair_id)
    await context.answer(update)
    text = context.text("supervision_often", speaker.language, name=row.worker)
    await show(update, context, text, with_navigation(keys, [back]))


async def set_often(update: Update, context: WuxueContext) -> None:
    """A frequency was chosen."""
    speaker = await context.speaker(update)
    seen, pair_id, months = map(number, carried(update, "pair_every", 3))
    await context.in_session(
        pairs.set_frequency, speaker, pair_id, months, seen=seen, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_pair(update, context, speaker, pair_id)


async def end(update: Update, context: WuxueContext) -> None:
    """结束督导: done at once, and can be taken back."""
    speaker = await context.speaker(update)
    seen, pair_id = map(number, carried(update, "pair_end", 2))
    await context.in_session(pairs.end, speaker, pair_id, seen=seen, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_pair(update, context, speaker, pair_id, undo=UNDO)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销."""
    speaker = await context.speaker(update)
    seen, pair_id = map(number, carried(update, "pair_undo", 2))
    await context.in_session(pairs.take_back, speaker, pair_id, seen=seen, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await show_pair(update, context, speaker, pair_id)


async def find(update: Update, context: WuxueContext, forms: Forms) -> None:
    """找结对: asks for words."""
    await begin(update, context, forms, FIND)


async def begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    """Open a form for whoever assigns supervision."""
    speaker = await context.speaker(update)
    speaker.require("assign_supervision")
    carried(update, form, 1)
    await context.answer(update)
    await forms.start(update, context, form, {"language": speaker.language})


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    found = await context.read(lists.pairs, speaker, words=answers["words"], now=context.now())
    await context.in_session(drop, context, speaker.chat_id, FIND)
    await show(update, context, *_listed(context, speaker, found))


def pair_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Paired, or not any more: silent, and not to be passed on."""
    text = renderer.text("supervision_pair_word", facts.language, **facts.values)
    pair_id = facts.values["pair_id"]
    # Where it is over, notes stay hers, and a worker is asked who may read the shared ones on.
    label, verb, *ids = (
        ("see_notes", "notes", pair_id, 0)
        if facts.values["state"] == ENDED
        else ("open_question", "own_pair", pair_id)
    )
    key = buttons.press(renderer.label(label, facts.language), verb, *ids)
    keyboard = buttons.row(key)
    return [Part(Text(text.text, tuple(entities(text)), keyboard, protected=True), silent=True)]


BUTTONS: dict[str, Act] = {
    "pairs": turned,
    "pair": opened,
    "pair_often": ask_often,
    "pair_every": set_often,
    "pair_end": end,
    UNDO: take_back,
}
FORM_BUTTONS = {FIND: find}
TO_PAIRS = ("back_to_pairs", "pairs", "0", "")
FORMS = (
    Form(
        FIND,
        (Step("words", "supervision_find", (), directory.searched),),
        _finish_find,
        way_on=TO_PAIRS,
    ),
)
