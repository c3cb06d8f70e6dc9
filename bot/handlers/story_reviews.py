"""评审经验 in chat: what waits for a reviewer, agreeing, a word back, sorting one long telling."""

from collections.abc import Callable, Coroutine
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.form_steps import Answers, Form, Step
from bot.forms import Forms, drop, show
from bot.handlers import story_pages, story_parts
from bot.handlers.numbered_pages import Listing, show_page
from bot.handlers.story_library import send_files
from bot.taps import carried, number
from curriculum import story_review_undo, story_reviews
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.story_texts import VOICE, WHOLE, StoryView

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
COMMENT, SORT = "comment_story", "sort_story"


async def queue(update: Update, context: WuxueContext) -> None:
    """评审经验: what waits for her, oldest first."""
    speaker = await context.speaker(update)
    (written,) = carried(update, "story_reviews", 1)
    await context.answer(update)
    await _show_queue(update, context, speaker, number(written))


async def _show_queue(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    page: int,
    *,
    done: str = "",
    undo: int | None = None,
    words: str = "",
) -> None:
    """Her list; above it what was done, with 撤销 for the story `undo`, or her words come back."""
    found = await context.read(story_reviews.queue, speaker, page=page)
    elsewhere = [buttons.press(context.label("back_to_stories", speaker.language), "stories", "")]
    if undo is not None:
        label = context.label("undo", speaker.language)
        elsewhere.insert(0, buttons.press(label, "story_review_undo", undo))
    listing = Listing(
        "story_reviews",
        {"queue": found, "done": done, "words": words},
        [line.story_id for line in found.lines],
        "story_review",
        lambda other: buttons.data("story_reviews", other),
        elsewhere=elsewhere,
    )
    await show_page(update, context, speaker.language, found, listing)


async def opened(update: Update, context: WuxueContext) -> None:
    """One story that waits for her word."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_review", 1))
    story = await _waiting(context, speaker, story_id)
    await context.answer(update)
    await _show(update, context, speaker, story)


async def _waiting(context: WuxueContext, speaker: Speaker, story_id: int) -> StoryView:
    return await context.read(
        story_reviews.one, speaker, story_id, note_key=context.services.note_key
    )


async def _show(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    story: StoryView,
    *,
    is_new: bool = False,
) -> None:
    language, ids = speaker.language, (story.story_id, story.version)
    is_told = bool(story.texts.get(WHOLE)) or any(file.kind == VOICE for file in story.files)
    wanted = [
        ("approve_story", "approve_story", ids, not story.missing and not story.is_sorted),
        ("show_author", "story_sorted", ids, story.is_sorted and not story.missing),
        ("comment_story", COMMENT, ids, True),
        ("sort_story", "story_to_sort", ids[:1], is_told),
        ("see_files", "story_review_files", ids[:1], bool(story.files)),
    ]
    keys = [
        buttons.press(context.label(label, language), verb, *carries)
        for label, verb, carries, is_open in wanted
        if is_open
    ]
    back = buttons.press(context.label("story_reviews", language), "story_reviews", 0)
    text = context.text("story_review", language, story=story, written=story_pages.written(story))
    await show(update, context, text, story_pages.keyboard(keys, [back]), is_new=is_new)


async def see_files(update: Update, context: WuxueContext) -> None:
    """看附件 of a story that waits."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_review_files", 1))
    story = await _waiting(context, speaker, story_id)
    await context.answer(update)
    await send_files(context, speaker, story)


async def approve(update: Update, context: WuxueContext) -> None:
    """通过: the second of two puts it into the library."""
    speaker = await context.speaker(update)
    story_id, version = map(number, carried(update, "approve_story", 2))
    approvals = await context.in_session(
        story_reviews.approve,
        speaker,
        story_id,
        version=version,
        note_key=context.services.note_key,
        now=context.now(),
    )
    await context.answer(update, context.label("noted_toast", speaker.language))
    done = "approved" if approvals >= story_reviews.APPROVALS else "one_more"
    await _show_queue(update, context, speaker, 0, done=done, undo=story_id)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of any of them, for ten minutes: it waits again, what she wrote stands here to copy."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_review_undo", 1))
    undone = await context.in_session(
        story_review_undo.take_back,
        speaker,
        story_id,
        note_key=context.services.note_key,
        now=context.now(),
    )
    await context.answer(update, context.label("undone_toast", speaker.language))
    done = "unsorted" if undone.is_heard else "undone"
    await _show_queue(update, context, speaker, 0, done=done, words=undone.words)


async def comment(update: Update, context: WuxueContext, forms: Forms) -> None:
    """提建议: a word that only the author reads, and the story goes back to her."""
    speaker = await context.speaker(update)
    story_id, version = map(number, carried(update, COMMENT, 2))
    await _waiting(context, speaker, story_id)
    await context.answer(update)
    answers: Answers = {"story": story_id, "version": version, "language": speaker.language}
    await forms.start(update, context, COMMENT, answers)


async def _finish_comment(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        story_reviews.comment(
            session,
            speaker,
            answers["story"],
            answers["words"],
            version=answers["version"],
            note_key=context.services.note_key,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, COMMENT)

    await context.in_session(store)
    await guarding.erase(update, context, answers, "words")
    story_id = answers["story"]
    await _show_queue(update, context, speaker, 0, done="returned", undo=story_id)


async def to_sort(update: Update, context: WuxueContext) -> None:
    """帮忙整理: which part of what she told at once."""
    speaker = await context.speaker(update)
    (story_id,) = map(number, carried(update, "story_to_sort", 1))
    story = await _waiting(context, speaker, story_id)
    await context.answer(update)
    language = speaker.language
    back = buttons.press(context.label("back", language), "story_review", story_id)
    keys = story_pages.parts_keyboard(
        context.services.renderer, language, story, verb="story_sort", back=back
    )
    await show(update, context, context.text("story_edit", language, story=story), keys)


async def sort(update: Update, context: WuxueContext, forms: Forms) -> None:
    """One part, to be put in place."""
    speaker = await context.speaker(update)
    who, _, part = carried(update, "story_sort", 3)
    if not story_pages.is_part(part) or part == WHOLE:
        raise NotThere
    story = await _waiting(context, speaker, number(who))
    await context.answer(update)
    answers = story_parts.asked(story, part, speaker.language)
    await forms.start(update, context, SORT, answers)


async def _finish_sort(update: Update, context: WuxueContext, answers: Answers) -> None:
    """Kept at once; then the whole to look at."""
    speaker = await context.speaker(update)
    keep = story_reviews.sort_part
    story, _ = await story_parts.keep(update, context, speaker, answers, form=SORT, save=keep)
    await _show(update, context, speaker, story, is_new=True)


async def hand_back(update: Update, context: WuxueContext) -> None:
    """请作者看: what was made of her words, for her to agree to or change, a minute from now."""
    speaker = await context.speaker(update)
    story_id, version = map(number, carried(update, "story_sorted", 2))
    await context.in_session(
        story_reviews.hand_back_sorted,
        speaker,
        story_id,
        version=version,
        note_key=context.services.note_key,
        now=context.now(),
    )
    await context.answer(update, context.label("noted_toast", speaker.language))
    await _show_queue(update, context, speaker, 0, done="sorted", undo=story_id)


BUTTONS: dict[str, Act] = {
    "story_reviews": queue,
    "story_review": opened,
    "story_review_files": see_files,
    "approve_story": approve,
    "story_review_undo": take_back,
    "story_to_sort": to_sort,
    "story_sorted": hand_back,
}
FORM_BUTTONS = {COMMENT: comment, "story_sort": sort}
FORMS = (
    Form(
        COMMENT,
        guarding.behind_guard(Step("words", "story_comment", (), story_reviews.usable_comment)),
        _finish_comment,
        way_on=("back_to_story", "story_review", "{story}"),
    ),
    Form(
        SORT, story_parts.STEPS, _finish_sort, way_on=("back_to_story", "story_review", "{story}")
    ),
)
