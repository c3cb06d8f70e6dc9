"""经验库 in chat: reading and searching stories, their files, rating, tags."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.form_steps import Answers, Form, Step
from bot.forms import Forms, drop, show
from bot.handlers import story_pages
from bot.handlers.numbered_pages import Listing, show_page
from bot.taps import carried, number
from curriculum import story_lessons, story_library, story_reviews
from curriculum.directory import searched
from curriculum.people import Speaker
from curriculum.story_library import STARS, Shelf
from curriculum.story_texts import PICTURE, VOICE, StoryView

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
FIND, RATE, TAG = "find_story", "rate_story", "tag_story"
# What a page's button can carry of what was searched for.
WORDS_BYTES = 40
NONE = "none"
# Back to the story that a form was begun from.
BACK = ("back_to_story", "story", "{story}")
STAR_CHOICES = tuple((str(stars), f"star_{stars}") for stars in range(1, STARS + 1))


async def hub(update: Update, context: WuxueContext) -> None:
    """经验库, /stories: what can be done here; its button leads back to it."""
    speaker = await context.speaker(update)
    speaker.require("share_story")
    is_reviewer = speaker.may("review_stories")
    waiting = 0
    if is_reviewer:
        waiting = (await context.read(story_reviews.queue, speaker)).count
    shelf = await context.read(story_library.shelf, speaker)
    language = speaker.language
    wanted = [
        ("read_stories", "stories_page", (0, ""), True),
        ("write_story", "write_story", ("",), True),
        ("my_stories", "my_stories", (0,), True),
        ("story_reviews", "story_reviews", (0,), is_reviewer),
        ("nominate_story", "nominate_story", ("",), speaker.may("nominate_story")),
        ("share", "share", ("",), speaker.may("run_share")),
    ]
    keys = [
        buttons.press(context.label(label, language), verb, *ids)
        for label, verb, ids, is_open in wanted
        if is_open
    ]
    text = context.text("stories", language, shelf=shelf, waiting=waiting)
    is_press = ((update.callback_query and update.callback_query.data) or "").startswith("stories:")
    await show(update, context, text, story_pages.keyboard(keys), is_new=not is_press)
    if is_press:
        await context.answer(update)


async def page(update: Update, context: WuxueContext) -> None:
    """看经验, and another page of it or of what was searched for."""
    speaker = await context.speaker(update)
    written, words = carried(update, "stories_page", 2)
    shelf = await context.read(story_library.shelf, speaker, words=words, page=number(written))
    await context.answer(update)
    await _show_shelf(update, context, speaker, shelf)


async def _show_shelf(
    update: Update, context: WuxueContext, speaker: Speaker, shelf: Shelf
) -> None:
    language, words = speaker.language, shelf.words
    # What was searched for may be too long to go along with the pages.
    found = shelf if len(words.encode()) <= WORDS_BYTES else replace(shelf, pages=1)
    listing = Listing(
        "stories_page",
        {"shelf": shelf},
        [line.story_id for line in shelf.lines],
        "story",
        lambda other: buttons.data("stories_page", other, words),
        elsewhere=(
            buttons.press(context.label("find_story", language), FIND, ""),
            buttons.press(context.label("back_to_stories", language), "stories", ""),
        ),
    )
    await show_page(update, context, language, found, listing)


async def find(update: Update, context: WuxueContext, forms: Forms) -> None:
    """找经验: asks for words."""
    speaker = await context.speaker(update)
    speaker.require("share_story")
    await context.answer(update)
    await forms.start(update, context, FIND, {"language": speaker.language})


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    shelf = await context.read(story_library.shelf, speaker, words=answers["words"])
    await context.in_session(drop, context, speaker.chat_id, FIND)
    await _show_shelf(update, context, speaker, shelf)


async def opened(update: Update, context: WuxueContext) -> None:
    """One story, whole."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story", 1))
    story = await _readable(context, speaker, story_id)
    await context.answer(update)
    await _show_story(update, context, speaker, story)


async def _readable(context: WuxueContext, speaker: Speaker, story_id: int) -> StoryView:
    return await context.read(
        story_library.one, speaker, story_id, note_key=context.services.note_key
    )


async def _show_story(
    update: Update, context: WuxueContext, speaker: Speaker, story: StoryView
) -> None:
    language = speaker.language
    wanted = [
        ("see_files", "files_of_story", bool(story.files)),
        ("rate_story", RATE, not story.is_mine),
        ("story_tags", TAG, speaker.may("review_stories") and not story.is_mine),
        ("story_to_lesson", "story_to_lesson", story_lessons.may_ask(speaker, story)),
        ("withdraw_story", "story_withdraw", story.is_mine),
    ]
    keys = [
        buttons.press(context.label(label, language), verb, story.story_id)
        for label, verb, is_open in wanted
        if is_open
    ]
    back = buttons.press(context.label("read_stories", language), "stories_page", 0, "")
    text = context.text("story", language, story=story, written=story_pages.written(story))
    await show(update, context, text, story_pages.keyboard(keys, [back]))


async def see_files(update: Update, context: WuxueContext) -> None:
    """看附件: what lies beside a story, without a sound."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "files_of_story", 1))
    story = await _readable(context, speaker, story_id)
    await context.answer(update)
    await send_files(context, speaker, story)


async def send_files(context: WuxueContext, speaker: Speaker, story: StoryView) -> None:
    """Send what lies beside a story, one after the other."""
    ways = {PICTURE: context.bot.send_photo, VOICE: context.bot.send_voice}
    for file in story.files:
        send: Any = ways.get(file.kind, context.bot.send_document)
        await context.patiently(
            lambda send=send, file=file: send(  # type: ignore[misc]
                speaker.chat_id, file.file_id, disable_notification=True
            )
        )


async def rate(update: Update, context: WuxueContext, forms: Forms) -> None:
    """评一评: one to five, and words for the author alone."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, RATE, 1))
    await _readable(context, speaker, story_id)
    await context.answer(update)
    await forms.start(update, context, RATE, {"story": story_id, "language": speaker.language})


async def _settle_words(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, context, answers
    return "" if came == NONE else story_library.usable_words(came)


def _a_number(came: str) -> str:
    return str(number(came))


async def _finish_rate(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        story_library.rate(
            session,
            speaker,
            answers["story"],
            stars=int(answers["stars"]),
            words=answers["words"],
            note_key=context.services.note_key,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, RATE)

    await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "words")
    label, verb, _ = BACK
    back = buttons.press(context.label(label, speaker.language), verb, answers["story"])
    text = context.text("story_thanks", speaker.language, erased=erased)
    await show(update, context, text, buttons.row(back))


async def tag(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加标签: the words it is found by."""
    speaker = await context.speaker(update)
    speaker.require("review_stories")
    (story_id,) = map(number, carried(update, TAG, 1))
    story = await _readable(context, speaker, story_id)
    await context.answer(update)
    answers: Answers = {
        "story": story_id,
        "old": "、".join(story.tags),
        "language": speaker.language,
    }
    await forms.start(update, context, TAG, answers)


async def _finish_tag(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        story_reviews.tag(session, speaker, answers["story"], answers["tags"], now=context.now())
        drop(session, context, speaker.chat_id, TAG)

    await context.in_session(store)
    await guarding.erase(update, context, answers, "tags")
    await _show_story(update, context, speaker, await _readable(context, speaker, answers["story"]))


def _tags(written: str) -> str:
    return " ".join(story_reviews.usable_tags(written))


BUTTONS: dict[str, Act] = {
    "stories": hub,
    "stories_page": page,
    "story": opened,
    "files_of_story": see_files,
}
FORM_BUTTONS = {FIND: find, RATE: rate, TAG: tag}
FORMS = (
    Form(
        FIND,
        (Step("words", "story_find", (), searched),),
        _finish_find,
        way_on=("back_to_stories", "stories", ""),
    ),
    Form(
        RATE,
        (
            Step("stars", "story_stars", STAR_CHOICES, take=_a_number),
            *guarding.behind_guard(
                Step(
                    "words",
                    "story_words",
                    ((NONE, "no_words"),),
                    also_typed=True,
                    settle=_settle_words,
                )
            ),
        ),
        _finish_rate,
        way_on=BACK,
    ),
    Form(
        TAG, guarding.behind_guard(Step("tags", "story_tag", (), _tags)), _finish_tag, way_on=BACK
    ),
)
