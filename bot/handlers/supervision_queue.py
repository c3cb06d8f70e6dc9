"""等督导的 in chat: the queue with its reasons, two taps to assign; 我想要督导 of a worker."""

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.handlers.supervision_pairs import UNDO, show_pair
from bot.supervision_record_pages import old_notes
from bot.taps import Act, carried, number
from curriculum import supervision_queue as rules
from curriculum.people import Speaker
from curriculum.supervision_queue import Waiting


async def opened(update: Update, context: WuxueContext) -> None:
    """The queue, or another page of it."""
    page, words = turned_to(carried(update, "sup_queue", 1)[0])
    await show_queue(update, context, 0, words, page)
    await context.answer(update)


async def show_queue(
    update: Update, context: WuxueContext, of: int, words: str = "", page: int = 0
) -> None:
    """One page of the queue, or of who in it fits these words; there is one for each (`of` 0)."""
    del of
    speaker = await context.speaker(update)
    found = await context.read(rules.queue, speaker, page, words=words, now=context.now())
    language = speaker.language
    lines = list(enumerate(found.lines, start=found.first))
    keys = [buttons.press(str(place), *_opens(line)) for place, line in lines]
    navigation = searching(
        context,
        language,
        found,
        at=("sup_queue", 0),
        turn=lambda rest: buttons.data("sup_queue", rest),
    )
    keys.append(buttons.press(context.label("sup_need", language), "sup_need", 0, 0))
    navigation.append(buttons.press(context.label("back_to_pairs", language), "pairs", 0, ""))
    text = context.text("supervision_queue", language, page=found, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation))


def _opens(line: Waiting) -> tuple[str, int]:
    return ("sup_wait", line.worker_id) if line.pair_id is None else ("pair", line.pair_id)


async def card(update: Update, context: WuxueContext) -> None:
    """A worker of the queue: why she stands there, and who could accompany her."""
    speaker = await context.speaker(update)
    (worker_id,) = map(number, carried(update, "sup_wait", 1))
    found = await context.read(rules.card, speaker, worker_id, now=context.now())
    language = speaker.language
    keys = [
        buttons.press(one.name, "sup_give", worker_id, one.supervisor_id)
        for one in found.suggestions
    ]
    back = buttons.press(context.label("sup_queue", language), "sup_queue", 0)
    await context.answer(update)
    text = context.text(
        "supervision_wait", language, waiting=found.waiting, suggestions=found.suggestions
    )
    await show(update, context, text, with_navigation(keys, [back]))


async def give(update: Update, context: WuxueContext) -> None:
    """A supervisor was chosen: they are a pair, and that can be undone."""
    speaker = await context.speaker(update)
    worker_id, supervisor_id = map(number, carried(update, "sup_give", 2))
    made = await context.in_session(
        rules.assign, speaker, worker_id, supervisor_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_pair(update, context, speaker, made.id or 0, undo=UNDO)


async def show_none(
    update: Update, context: WuxueContext, speaker: Speaker, *, is_new: bool = False
) -> None:
    """A worker without a supervisor: she may ask for one, and take that back."""
    since = await context.read(rules.own_wish, speaker)
    label = "want_supervision" if since is None else "want_none"
    keys = [
        buttons.press(context.label(label, speaker.language), "sup_wish", +(since is None)),
        buttons.press(context.label("sup_peer", speaker.language), "sup_peer", 0),
        buttons.press(context.label("to_records", speaker.language), "sup_recs", 0, 0, ""),
        *await old_notes(context, speaker),
    ]
    text = context.text("supervision_none", speaker.language, since=since)
    await show(update, context, text, buttons.row(*keys), is_new=is_new)


async def wish(update: Update, context: WuxueContext) -> None:
    """我想要督导, or 先不用了."""
    speaker = await context.speaker(update)
    (wants,) = map(number, carried(update, "sup_wish", 1))
    await context.in_session(rules.wish, speaker, wants=bool(wants), now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_none(update, context, speaker)


BUTTONS: dict[str, Act] = {
    "sup_queue": opened,
    "sup_wait": card,
    "sup_give": give,
    "sup_wish": wish,
}
