"""安排次序 in chat: who speaks when and how long at the quarterly share, and telling them."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import story_pages
from bot.taps import carried, number
from curriculum import share_programme
from curriculum.people import Speaker
from curriculum.share_programme import MINUTES

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
ON_A_PAGE = 5


async def opened(update: Update, context: WuxueContext) -> None:
    """安排次序: the speakers in order, five on a page."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "programme", 1))
    await context.answer(update)
    await _show(update, context, speaker, cohort_id, 0)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of the programme."""
    speaker = await context.speaker(update)
    cohort_id, page = map(number, carried(update, "programme_page", 2))
    await context.answer(update)
    await _show(update, context, speaker, cohort_id, page)


async def _show(
    update: Update, context: WuxueContext, speaker: Speaker, cohort_id: int, page: int
) -> None:
    found = await context.read(share_programme.programme, speaker, cohort_id)
    language = speaker.language
    page = min(page, max(0, (len(found.slots) - 1) // ON_A_PAGE))
    numbered = list(enumerate(found.slots, 1))[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    keys = [buttons.press(str(place), "slot", cohort_id, slot.story_id) for place, slot in numbered]
    if found.planned:
        keys.append(
            buttons.press(context.label("tell_speakers", language), "tell_speakers", cohort_id)
        )
    turns = {"previous_page": page - 1, "next_page": page + 1}
    navigation = [
        buttons.press(context.label(name, language), "programme_page", cohort_id, other)
        for name, other in turns.items()
        if 0 <= other * ON_A_PAGE < len(found.slots)
    ]
    navigation.append(buttons.press(context.label("share", language), "share_of", cohort_id))
    text = context.text("share_programme", language, programme=found, slots=numbered)
    await show(update, context, text, story_pages.keyboard(keys, navigation))


async def slot(update: Update, context: WuxueContext) -> None:
    """One speaker: earlier, how long, or not this time."""
    speaker = await context.speaker(update)
    cohort_id, story_id = map(number, carried(update, "slot", 2))
    await context.answer(update)
    await _show_slot(update, context, speaker, cohort_id, story_id)


async def _show_slot(
    update: Update, context: WuxueContext, speaker: Speaker, cohort_id: int, story_id: int
) -> None:
    found = await context.read(share_programme.slot, speaker, cohort_id, story_id)
    language, ids = speaker.language, (cohort_id, story_id, found.version)
    minutes = context.label("progress_minutes", language)
    keys = [
        buttons.press(minutes.format(minutes=count), "slot_minutes", *ids, count)
        for count in MINUTES
    ]
    if found.position is not None:
        earlier = context.label("earlier", language)
        leave = context.label("not_presented", language)
        keys = [
            buttons.press(earlier, "slot_earlier", *ids),
            *keys,
            buttons.press(leave, "slot_minutes", *ids, 0),
        ]
    back = buttons.press(context.label("programme", language), "programme", cohort_id)
    text = context.text("share_slot", language, slot=found)
    await show(update, context, text, story_pages.keyboard(keys, [back]))


async def earlier(update: Update, context: WuxueContext) -> None:
    """往前."""
    speaker = await context.speaker(update)
    cohort_id, story_id, version = map(number, carried(update, "slot_earlier", 3))
    await context.in_session(
        share_programme.earlier, speaker, cohort_id, story_id, version=version, now=context.now()
    )
    await context.answer(update)
    await _show(update, context, speaker, cohort_id, 0)


async def minutes(update: Update, context: WuxueContext) -> None:
    """How long; 0 is 这次不讲."""
    speaker = await context.speaker(update)
    cohort_id, story_id, version, count = map(number, carried(update, "slot_minutes", 4))
    await context.in_session(
        share_programme.give_minutes,
        speaker,
        cohort_id,
        story_id,
        minutes=count,
        version=version,
        now=context.now(),
    )
    await context.answer(update)
    await _show(update, context, speaker, cohort_id, 0)


async def tell(update: Update, context: WuxueContext) -> None:
    """通知讲者: in a minute, with 撤回 until then; each is reminded the day before."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "tell_speakers", 1))
    count = await context.in_session(
        share_programme.tell_speakers, speaker, cohort_id, now=context.now()
    )
    await context.answer(update)
    take_back = buttons.press(
        context.label("take_back", speaker.language), "tell_speakers_back", cohort_id
    )
    text = context.text("share_told", speaker.language, count=count)
    await show(update, context, text, _with_share(context, speaker, cohort_id, take_back))


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤回 of 通知讲者."""
    speaker = await context.speaker(update)
    (cohort_id,) = map(number, carried(update, "tell_speakers_back", 1))
    count = await context.in_session(
        share_programme.take_back, speaker, cohort_id, now=context.now()
    )
    await context.answer(update)
    programme = buttons.press(context.label("programme", speaker.language), "programme", cohort_id)
    text = context.text("taken_back", speaker.language, count=count)
    await show(update, context, text, _with_share(context, speaker, cohort_id, programme))


def _with_share(
    context: WuxueContext, speaker: Speaker, cohort_id: int, key: InlineKeyboardButton
) -> InlineKeyboardMarkup:
    back = buttons.press(context.label("share", speaker.language), "share_of", cohort_id)
    return story_pages.keyboard([key], [back])


BUTTONS: dict[str, Act] = {
    "programme": opened,
    "programme_page": turned,
    "slot": slot,
    "slot_earlier": earlier,
    "slot_minutes": minutes,
    "tell_speakers": tell,
    "tell_speakers_back": take_back,
}
