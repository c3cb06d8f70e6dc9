"""这次不行 in a speaker's chat: she does not speak at the quarterly share, or does after all."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import story_pages
from bot.taps import carried, number
from curriculum import share_speakers
from curriculum.people import Speaker
from curriculum.share_speakers import Place

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]


async def decline(update: Update, context: WuxueContext) -> None:
    """这次不行: her place is open; who coordinates is told in a minute."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "decline_to_speak", 1))
    place = await context.in_session(share_speakers.decline, speaker, story_id, now=context.now())
    ids = (story_id, place.version, place.position)
    await _show(update, context, speaker, place, ("undo", "speak_after_all", ids))


async def after_all(update: Update, context: WuxueContext) -> None:
    """撤销: her place is hers again."""
    speaker = await context.speaker(update)
    story_id, version, place = map(number, carried(update, "speak_after_all", 3))
    taken = await context.in_session(
        share_speakers.speak_after_all,
        speaker,
        story_id,
        version=version,
        place=place,
        now=context.now(),
    )
    act = ("not_this_time", "decline_to_speak", (story_id,))
    await _show(update, context, speaker, taken, act)
    context.send_what_is_due()


async def _show(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    place: Place,
    act: tuple[str, str, tuple[int, ...]],
) -> None:
    await context.answer(update)
    label, verb, ids = act
    language = speaker.language
    key = buttons.press(context.label(label, language), verb, *ids)
    back = buttons.press(context.label("my_stories", language), "my_stories", 0)
    text = context.text("share_speaker", language, place=place, speaks=verb == "decline_to_speak")
    await show(update, context, text, story_pages.keyboard([key], [back]))


BUTTONS: dict[str, Act] = {"decline_to_speak": decline, "speak_after_all": after_all}
