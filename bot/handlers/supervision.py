"""督导 in chat: where a worker, a supervisor and a coordinator each find what is theirs."""

from collections.abc import Sequence

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import supervision_more
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.handlers.supervision_booking import show_pair
from bot.handlers.supervision_groups import show_group
from bot.handlers.supervision_pairs import show_pairs
from bot.handlers.supervision_queue import show_none
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_group_words as words
from curriculum import supervision_lists as lists
from curriculum import supervision_pairs as pairs
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from scheduler.channel import Part

RIGHTS = ("be_supervised", "supervise", "assign_supervision")


async def supervise(update: Update, context: WuxueContext) -> None:
    """督导, /supervise: each of her sides as a message of its own."""
    speaker = await context.speaker(update)
    if not any(map(speaker.may, RIGHTS)):
        raise NotThere
    if speaker.may("assign_supervision"):
        await show_pairs(update, context, speaker, is_new=True)
    if speaker.may("supervise"):
        await show_accompanied(update, context, speaker, is_new=True)
    own = await context.read(lists.own, speaker, now=context.now())
    for row in own:
        await show_pair(update, context, speaker, row.pair_id, is_new=True)
    if speaker.may("be_supervised"):
        await _show_own(update, context, speaker, has_pair=bool(own))


async def _show_own(
    update: Update, context: WuxueContext, speaker: Speaker, *, has_pair: bool
) -> None:
    """What a worker is invited to with others; without a supervisor, the way to ask for one."""
    every = await context.read(words.own_groups, speaker, now=context.now())
    for one in every:
        if not one.accompanies:
            await show_group(update, context, speaker, one.group_id, is_new=True)
    if not has_pair:
        await show_none(update, context, speaker, is_new=True)


async def mine(update: Update, context: WuxueContext) -> None:
    """Back to her own supervision."""
    speaker = await context.speaker(update)
    carried(update, "sup_mine", 1)
    speaker.require("be_supervised")
    await context.answer(update)
    own = await context.read(lists.own, speaker, now=context.now())
    if own:
        await show_pair(update, context, speaker, own[0].pair_id)
    else:
        await show_none(update, context, speaker)


async def show_accompanied(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    page: int = 0,
    *,
    words: str = "",
    is_new: bool = False,
) -> None:
    """Whom she accompanies, the next due first, by number; with words only whom they name."""
    found = await context.read(
        lists.accompanied_page, speaker, page, words=words, now=context.now()
    )
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(place), "own_pair", line.pair_id) for place, line in lines]
    navigation = searching(
        context,
        speaker.language,
        found,
        at=("accompanied", 0),
        turn=lambda rest: buttons.data("accompanied", rest),
    )
    keys.append(buttons.press(context.label("my_hours", speaker.language), "my_hours", 0))
    navigation.append(supervision_more.way_on(context, speaker.language, "accompanied_more"))
    text = context.text("supervision_accompanied", speaker.language, page=found, lines=lines)
    keyboard = with_navigation(keys, navigation)
    await show(update, context, text, keyboard, is_new=is_new, protected=True)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of whom she accompanies."""
    speaker = await context.speaker(update)
    page, words = turned_to(carried(update, "accompanied", 1)[0])
    await show_accompanied(update, context, speaker, page, words=words)
    await context.answer(update)


async def show_found(update: Update, context: WuxueContext, of: int, words: str) -> None:
    """Whom of hers these words name; they are of whoever asks (`of` 0)."""
    del of
    await show_accompanied(update, context, await context.speaker(update), words=words)


async def other_supervisor(update: Update, context: WuxueContext) -> None:
    """换督导, told to her coordinator alone; 不换了 takes it back."""
    speaker = await context.speaker(update)
    pair_id, wants = map(number, carried(update, "other_supervisor", 2))
    await context.in_session(
        pairs.ask_for_another, speaker, pair_id, wants=bool(wants), now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_pair(update, context, speaker, pair_id)


def due_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """It is time for a session: silent, with the way to arrange one."""
    text = renderer.text("supervision_due", facts.language, **facts.values)
    pair_id = facts.values["pair_id"]
    opens = ("own_pair", pair_id) if pair_id else ("accompanied", 0)
    label, data = (
        ("open_question", opens)
        if facts.values["accompanies"]
        else ("book_time", ("sup_days", pair_id, 0, 0, 0))
    )
    verb, *ids = data
    keyboard = buttons.row(buttons.press(renderer.label(label, facts.language), str(verb), *ids))
    body = Text(text.text, tuple(entities(text)), keyboard, protected=True)
    return [Part(body, silent=True)]


BUTTONS: dict[str, Act] = {
    "accompanied": turned,
    "other_supervisor": other_supervisor,
    "sup_mine": mine,
}
