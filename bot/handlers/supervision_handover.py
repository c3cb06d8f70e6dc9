"""交接 in chat: who follows for a supervisor's workers, one by one or together, and 撤销."""

from collections.abc import Sequence
from typing import Any

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_followed as followed
from curriculum import supervision_handover as rules
from curriculum.facts import Facts
from curriculum.people import Speaker
from scheduler.channel import Part

OFFERED = 6


async def opened(update: Update, context: WuxueContext) -> None:
    """What a supervisor hands over."""
    supervisor_id, _, rest = carried(update, "handovers", 1)[0].partition(":")
    page, words = turned_to(rest)
    await show_page_of(update, context, number(supervisor_id), words, page)
    await context.answer(update)


async def show_page_of(
    update: Update, context: WuxueContext, supervisor_id: int, words: str = "", page: int = 0
) -> None:
    """One page of it, or of whom these words name."""
    speaker = await context.speaker(update)
    await _show(update, context, speaker, supervisor_id, words=words, page=page)


async def _show(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    supervisor_id: int,
    *,
    words: str = "",
    page: int = 0,
) -> None:
    found = await context.read(
        rules.page, speaker, supervisor_id, words=words, page=page, now=context.now()
    )
    language = speaker.language
    lines = list(enumerate(found.shown.lines, start=1))
    keys = []
    navigation = searching(
        context,
        language,
        found.shown,
        at=("handovers", supervisor_id),
        turn=lambda rest: buttons.data("handovers", supervisor_id, rest),
        can_search=not found.may_undo,
    )
    if found.may_choose:
        keys = [
            buttons.press(str(place), "handover_pick", supervisor_id, one.pair.pair_id)
            for place, one in lines
            if not one.successor
        ]
        if found.open > 1 and not found.shown.page and not found.shown.words:
            together = context.label("hand_over_all", language)
            navigation.append(buttons.press(together, "handover_pick", supervisor_id, 0))
        if found.may_undo:
            undo = context.label("undo", language)
            navigation.append(buttons.press(undo, "handover_undo", supervisor_id))
    back = ("pairs", 0, "") if found.may_choose else ("accompanied", 0)
    navigation.append(buttons.press(context.label("back_to_pairs", language), *back))
    text = context.text("supervision_handovers", language, page=found, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation))


async def pick(update: Update, context: WuxueContext) -> None:
    """Who could follow, for one (or with 0 for all), the best first."""
    speaker = await context.speaker(update)
    supervisor_id, pair_id = map(number, carried(update, "handover_pick", 2))
    found = await context.read(
        rules.successors, speaker, supervisor_id, pair_id or None, now=context.now()
    )
    language = speaker.language
    offered = found[:OFFERED]
    keys = [
        buttons.press(one.name, "handover_take", supervisor_id, pair_id, one.supervisor_id)
        for one in offered
    ]
    back = buttons.press(context.label("back", language), "handovers", supervisor_id)
    await context.answer(update)
    text = context.text("supervision_handover_pick", language, suggestions=offered)
    await show(update, context, text, with_navigation(keys, [back]))


async def take(update: Update, context: WuxueContext) -> None:
    """Somebody was chosen."""
    speaker = await context.speaker(update)
    ids = map(number, carried(update, "handover_take", 3))
    supervisor_id, pair_id, successor_id = ids
    await context.in_session(
        rules.choose, speaker, supervisor_id, pair_id or None, successor_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show(update, context, speaker, supervisor_id)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of what she settled last."""
    speaker = await context.speaker(update)
    (supervisor_id,) = map(number, carried(update, "handover_undo", 1))
    await context.in_session(rules.take_back, speaker, supervisor_id, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await _show(update, context, speaker, supervisor_id)


async def notes(update: Update, context: WuxueContext) -> None:
    """Whether the shared notes go along, as the worker says."""
    speaker = await context.speaker(update)
    agrees, handover_id = map(number, carried(update, "handover_notes", 2))
    await context.in_session(
        followed.answer_notes, speaker, handover_id, agrees=bool(agrees), now=context.now()
    )
    await context.answer(update, context.label("noted_toast", speaker.language))
    renderer, language = context.services.renderer, speaker.language
    text = context.text("supervision_handover_notes", language, agrees=bool(agrees))
    keyboard = buttons.rows(_notes(renderer, language, handover_id, shares=bool(agrees)))
    await show(update, context, text, keyboard, is_new=True, protected=True)


def _notes(
    renderer: Renderer, language: str, handover_id: int, *, shares: bool | None
) -> list[Any]:
    wanted = [("give_notes_on", 1)] * (shares is not True) + [("keep_notes", 0)] * (
        shares is not False
    )
    return [
        buttons.press(renderer.label(label, language), "handover_notes", agrees, handover_id)
        for label, agrees in wanted
    ]


def word_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Who follows from when: to the worker, and to both supervisors; silent, not passed on."""
    text = renderer.text("supervision_handover", facts.language, **facts.values)
    keyboard = None
    if facts.values["part"] == "worker" and facts.values["stands"]:
        shares = facts.values["shares"]
        made = _notes(renderer, facts.language, facts.values["handover_id"], shares=shares)
        keyboard = buttons.rows(made)
    body = Text(text.text, tuple(entities(text)), keyboard, protected=True)
    return [Part(body, silent=True)]


def due_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Somebody ends soon, and who accompanies next is open."""
    text = renderer.text("supervision_handover_due", facts.language, **facts.values)
    key = buttons.press(
        renderer.label("open_question", facts.language), "handovers", facts.values["supervisor_id"]
    )
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(key)), silent=True)]


BUTTONS: dict[str, Act] = {
    "handovers": opened,
    "handover_pick": pick,
    "handover_take": take,
    "handover_undo": take_back,
    "handover_notes": notes,
}
