"""需要与可用 in chat: three months of hours by supervisor or unit, a group where they lack."""

from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Update
from telegram.constants import ChatAction

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.reports import hours_picture
from bot.taps import Act, carried, number
from curriculum import supervision_capacity as capacity
from curriculum import supervision_group_ideas as ideas
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.supervision_capacity import CapacityPage, Load


async def opened(update: Update, context: WuxueContext) -> None:
    """时间够吗, another page of it, or the other way to look at it."""
    by_unit, rest = carried(update, "sup_need", 2)
    page, words = turned_to(rest)
    await show_found(update, context, number(by_unit), words, page)
    await context.answer(update)


async def show_found(
    update: Update, context: WuxueContext, by_unit: int, words: str = "", page: int = 0
) -> None:
    """One page of it, or of the supervisors (`by_unit` 1: units) that these words name."""
    speaker = await context.speaker(update)
    found = await context.read(
        capacity.page, speaker, by_unit=bool(by_unit), words=words, page=page, now=context.now()
    )
    await show(update, context, *_worded(context, speaker, found))


def _worded(
    context: WuxueContext, speaker: Speaker, found: CapacityPage
) -> tuple[Any, InlineKeyboardMarkup]:
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [
        buttons.press(str(place), "sup_load", line.supervisor_id)
        for place, line in lines
        if isinstance(line, Load)
    ]
    by_unit = +found.by_unit
    navigation = searching(
        context,
        language,
        found,
        at=("sup_need", by_unit),
        turn=lambda rest: buttons.data("sup_need", by_unit, rest),
    )
    if not found.words:
        keys += _looks(context, language, found)
    navigation.append(buttons.press(context.label("back_to_pairs", language), "pairs", 0, ""))
    text = context.text("supervision_need", language, page=found, lines=lines)
    return text, with_navigation(keys, navigation)


def _looks(context: WuxueContext, language: str, found: CapacityPage) -> list[InlineKeyboardButton]:
    """The same the other way round, who has nobody, and of supervisors a picture."""
    other = "by_supervisor" if found.by_unit else "by_unit"
    looks = [
        buttons.press(context.label(other, language), "sup_need", 1 - found.by_unit, 0),
        buttons.press(context.label("sup_queue", language), "sup_queue", 0),
    ]
    if found.total and found.count and not found.by_unit:
        looks.append(buttons.press(context.label("see_picture", language), "sup_hours_seen", 0))
    return looks


async def picture(update: Update, context: WuxueContext) -> None:
    """看图: the same hours as one picture."""
    speaker = await context.speaker(update)
    carried(update, "sup_hours_seen", 1)
    found = await context.read(capacity.loads, speaker, now=context.now())
    await context.answer(update)
    if not found:
        raise NotThere
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_PHOTO)
    drawn = await hours_picture.draw(context.services.renderer, speaker.language, found)
    file = InputFile(drawn, filename="hours.png")
    await context.patiently(lambda: context.bot.send_photo(speaker.chat_id, file))


async def load(update: Update, context: WuxueContext) -> None:
    """One supervisor: her months, and who could meet together where hours lack."""
    speaker = await context.speaker(update)
    (supervisor_id,) = map(number, carried(update, "sup_load", 1))
    await context.answer(update)
    await _show_load(update, context, speaker, supervisor_id)


async def _show_load(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    supervisor_id: int,
    *,
    undone: str = "",
) -> None:
    """Her page; `undone` is what became of a suggestion taken back: "heard" or "unheard"."""
    found = await context.read(capacity.load_of, speaker, supervisor_id, now=context.now())
    idea, language = ideas.idea_of(found), speaker.language
    told = None
    if idea is not None:
        told = await context.read(
            ideas.suggested, speaker, supervisor_id, idea.month, now=context.now()
        )
    reach = speaker.reach("assign_supervision")
    # Of people whom somebody else looks after only the number is said.
    named = [
        row.worker
        for row in (idea.workers if idea else ())
        if any(row.unit_path.startswith(path) for path in reach)
    ]
    keys = []
    if idea is not None and told is None:
        keys.append(
            buttons.press(context.label("suggest_group", language), "sup_suggest", supervisor_id)
        )
    if told is not None and told.may_undo:
        keys.append(buttons.press(context.label("undo", language), "sup_unsaid", supervisor_id))
    back = buttons.press(context.label("sup_need", language), "sup_need", 0, 0)
    text = context.text(
        "supervision_load", language, load=found, idea=idea, named=named, told=told, undone=undone
    )
    await show(update, context, text, with_navigation(keys, [back]))


async def suggest(update: Update, context: WuxueContext) -> None:
    """提议小组: the supervisor is told who could meet together."""
    speaker = await context.speaker(update)
    (supervisor_id,) = map(number, carried(update, "sup_suggest", 1))
    await context.in_session(ideas.propose, speaker, supervisor_id, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show_load(update, context, speaker, supervisor_id)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of a suggestion, for ten minutes; a supervisor who has heard it is told."""
    speaker = await context.speaker(update)
    (supervisor_id,) = map(number, carried(update, "sup_unsaid", 1))
    is_heard = await context.in_session(ideas.take_back, speaker, supervisor_id, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    undone = "heard" if is_heard else "unheard"
    await _show_load(update, context, speaker, supervisor_id, undone=undone)


BUTTONS: dict[str, Act] = {
    "sup_need": opened,
    "sup_hours_seen": picture,
    "sup_load": load,
    "sup_suggest": suggest,
    "sup_unsaid": take_back,
}
