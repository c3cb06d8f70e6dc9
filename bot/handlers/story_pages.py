"""A story as its author, a reviewer or a reader sees it: the words, and the buttons under them."""

from collections.abc import Callable, Sequence
from datetime import datetime

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.render import Renderer
from curriculum import stories
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.second_thoughts import UNDO
from curriculum.story_texts import PARTS, TITLE, WHOLE, WRITTEN, StoryView

Key = InlineKeyboardButton
# What is shown of a story, in order: what was told at once, then the parts.
SHOWN = (WHOLE, *PARTS)
# How much of a part is shown beside the whole it is sorted from.
BEGUN = 40


async def mine(context: WuxueContext, speaker: Speaker, story_id: int) -> StoryView:
    """A story of hers as it stands; raises NotThere."""
    return await context.read(stories.one, speaker, story_id, note_key=context.services.note_key)


async def show_own(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    story: StoryView,
    *,
    is_new: bool = False,
    erased: str = "",
) -> None:
    """Say how a story of hers stands; `erased` is what became of the words the guard masked."""
    text, keys = own_page(
        context.services.renderer, speaker.language, story, erased=erased, now=context.now()
    )
    await show(update, context, text, keys, is_new=is_new)


def keyboard(keys: Sequence[Key], navigation: Sequence[Key] = ()) -> InlineKeyboardMarkup:
    """Up to six buttons and one row to go elsewhere."""
    above = buttons.rows(list(keys)).inline_keyboard if keys else ()
    below = (tuple(navigation),) if navigation else ()
    return InlineKeyboardMarkup([*above, *below])


def written(story: StoryView) -> list[tuple[str, str]]:
    """(label name, text) of everything that was written, in the order it is read."""
    shown = [part for part in SHOWN if story.texts.get(part)]
    # What a reviewer sorted is in the parts; the whole of it would say it twice.
    if WHOLE in shown and not story.missing:
        shown.remove(WHOLE)
    texts = {part: story.texts[part] for part in shown}
    if WHOLE in texts:
        # While it is being sorted both are there, and one message holds no more than 4,096 units.
        texts |= {part: _begun(text) for part, text in texts.items() if part != WHOLE}
    return [(f"story_{part}", text) for part, text in texts.items()]


def _begun(text: str) -> str:
    return text if len(text) <= BEGUN else f"{text[:BEGUN]}…"


def own_page(
    renderer: Renderer, language: str, story: StoryView, *, erased: str = "", now: datetime
) -> tuple[RichText, InlineKeyboardMarkup]:
    """Her own story with what she can do with it now."""

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(renderer.label(label, language), verb, *ids)

    story_id, version = story.story_id, story.version
    text = renderer.text("story_own", language, story=story, written=written(story), erased=erased)
    back = key("my_stories", "my_stories", 0)
    match story.state:
        case "nominated":
            keys = [
                key("agree", "story_hand_in", story_id, version),
                key("change_text", "story_edit", story_id),
                key("decline_story", "story_decline", story_id),
            ]
        case "draft" | "returned":
            keys = _writing(key, story)
            if story.state == "draft":
                return text, keyboard(keys, [key("drop_draft", "story_drop", story_id), back])
        case "withdrawn":
            keys = [key("change_text", "story_rewrite", story_id)]
            if story.withdrawn_at is not None and now - story.withdrawn_at <= UNDO:
                keys.insert(0, key("undo", "story_restore", story_id))
        case _:
            keys = [key("withdraw_story", "story_withdraw", story_id)]
            if story.state == "approved":
                keys.insert(0, key("story_feedback", "story_rated", story_id))
            if story.is_asked_for_lesson:
                said = "story_lesson_said"
                keys.append(key("agree", said, story_id, "yes"))
                keys.append(key("decline_story", said, story_id, "no"))
    return text, keyboard(keys, [back])


def _writing(press: Callable[..., Key], story: StoryView) -> list[Key]:
    story_id, version = story.story_id, story.version
    keys = []
    if story.state == "returned" and story.is_sorted:
        keys.append(press("agree", "story_hand_in", story_id, version))
    elif story.missing and not story.texts.get(WHOLE):
        keys.append(press("go_on_writing", "story_go_on", story_id))
    keys.append(press("change_text", "story_edit", story_id))
    keys.append(press("story_files", "story_files", story_id))
    if story.can_be_handed_in and not (story.state == "returned" and story.is_sorted):
        keys.append(press("hand_in", "story_hand_in", story_id, version))
    return keys


def parts_keyboard(
    renderer: Renderer, language: str, story: StoryView, *, verb: str, back: Key
) -> InlineKeyboardMarkup:
    """Which part is to be written or changed."""
    keys = [
        buttons.press(
            renderer.label(f"story_{part}", language), verb, story.story_id, story.version, part
        )
        for part in WRITTEN
    ]
    return keyboard(keys, [back])


def is_part(part: str) -> bool:
    """Whether a button's word names a part."""
    return part in (TITLE, WHOLE, *PARTS)
