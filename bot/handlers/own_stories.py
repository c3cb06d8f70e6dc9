"""我的经验 in chat: her own stories, what readers said of them, and taking one back."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import story_pages
from bot.handlers.numbered_pages import Listing, Place, show_page
from bot.taps import carried, number
from curriculum import stories, story_consent, story_library
from curriculum.directory import PAGE, page_of
from curriculum.story_texts import StoryView

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]


async def mine(update: Update, context: WuxueContext) -> None:
    """我的经验: all of hers, newest first."""
    speaker = await context.speaker(update)
    (written,) = carried(update, "my_stories", 1)
    found = await context.read(stories.own, speaker, note_key=context.services.note_key)
    page, pages = page_of(len(found), number(written))
    shown = list(enumerate(found[page * PAGE : (page + 1) * PAGE], 1))
    listing = Listing(
        "stories_own",
        {"stories": shown},
        [story.story_id for _, story in shown],
        "my_story",
        lambda other: buttons.data("my_stories", other),
        elsewhere=(
            buttons.press(context.label("back_to_stories", speaker.language), "stories", ""),
        ),
    )
    await context.answer(update)
    await show_page(update, context, speaker.language, Place(page, pages), listing)


async def opened(update: Update, context: WuxueContext) -> None:
    """One of hers."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "my_story", 1))
    story = await story_pages.mine(context, speaker, story_id)
    await context.answer(update)
    await story_pages.show_own(update, context, speaker, story)


async def asked_drop(update: Update, context: WuxueContext) -> None:
    """删掉草稿: asks once."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_drop", 1))
    story = await story_pages.mine(context, speaker, story_id)
    await context.answer(update)
    language = speaker.language
    keys = story_pages.keyboard(
        [buttons.press(context.label("drop_draft", language), "story_decline", story_id)],
        [buttons.press(context.label("back", language), "my_story", story_id)],
    )
    await show(update, context, context.text("story_drop", language, story=story), keys)


async def decline(update: Update, context: WuxueContext) -> None:
    """不用了, or 删掉草稿 a second time."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_decline", 1))
    await context.in_session(stories.decline, speaker, story_id, now=context.now())
    await context.answer(update)
    await show(update, context, context.text("story_declined", speaker.language))


def _changing(verb: str, change: Callable[..., StoryView]) -> Act:
    """A button that does one thing to a story of hers and shows it."""

    async def act(update: Update, context: WuxueContext) -> None:
        speaker = await context.speaker(update)
        (story_id,) = map(number, carried(update, verb, 1))
        note_key = context.services.note_key
        story = await context.in_session(
            change, speaker, story_id, note_key=note_key, now=context.now()
        )
        await context.answer(update, context.label("changed_toast", speaker.language))
        await story_pages.show_own(update, context, speaker, story)

    return act


async def rated(update: Update, context: WuxueContext) -> None:
    """看反馈: what readers gave and wrote, without who; hers alone."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_rated", 1))
    note_key = context.services.note_key
    found = await context.read(story_library.rated, speaker, story_id, note_key=note_key)
    await context.answer(update)
    back = buttons.press(context.label("back", speaker.language), "my_story", story_id)
    text = context.text("story_rated", speaker.language, rated=found)
    await show(update, context, text, story_pages.keyboard([], [back]))


BUTTONS: dict[str, Act] = {
    "my_stories": mine,
    "my_story": opened,
    "story_drop": asked_drop,
    "story_decline": decline,
    "story_withdraw": _changing("story_withdraw", story_consent.withdraw),
    "story_restore": _changing("story_restore", story_consent.restore),
    "story_rewrite": _changing("story_rewrite", story_consent.rewrite),
    "story_rated": rated,
}
