"""管理培训 in chat: announcing after a look, taking that back, undoing, how units are covered."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import training_messages
from bot.handlers.directory import turning, with_navigation
from bot.handlers.event_pages import change_one, show_one
from bot.taps import Act, carried, number
from curriculum import (
    training_changes,
    training_coverage,
    training_events,
    training_plans,
)
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.training_events import EventView

Key = InlineKeyboardButton
# What the button of a page can carry of what was searched for; longer words find few units.
WORDS_BYTES = 36


def managing(
    context: WuxueContext, speaker: Speaker, event: EventView
) -> tuple[RichText, InlineKeyboardMarkup]:
    """A training in its coordinator's hands."""
    if not event.is_arranger:
        raise NotThere

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, speaker.language), verb, event.event_id, *ids)

    is_draft, is_on = event.state == "draft", event.state == "published"
    is_ahead = event.phase in ("open", "closed")
    is_over = is_on and event.phase == "over"
    # Six buttons at most: for the ten minutes of 撤销 the test waits.
    can_go_back = event.can_take_back or event.can_undo
    wanted = [
        (is_draft, key("training_publish", "training_preview")),
        (event.can_take_back, key("take_back", "training_back")),
        (event.can_undo and not event.can_take_back, key("undo", "training_undo")),
        (not is_draft, key("training_lists", "training_lists")),
        (not is_draft and not is_over, key("training_coverage", "training_coverage", 0)),
        (is_draft or (is_on and is_ahead), key("training_change", "training_change")),
        (is_draft or (is_on and not is_over), key("training_halves", "training_halves", 0)),
        (event.state != "cancelled", key("training_papers", "training_keep")),
        (is_on and not is_ahead, key("training_marks", "training_marks")),
        (
            event.state != "cancelled" and not can_go_back,
            key("training_test", "training_test_plan"),
        ),
        (is_over, key("certificates", "certificates", 0)),
        (is_over, key("training_feedback", "feedback_results", 0)),
    ]
    keys = [one for is_there, one in wanted if is_there]
    navigation = [key("training_back", "training")]
    if is_draft or (is_on and is_ahead):
        navigation.insert(0, key("training_cancel", "training_cancel"))
    elif not is_draft:
        navigation.insert(0, key("training_archive", "training_archive"))
    text = context.text("training_manage", speaker.language, event=event)
    return text, with_navigation(keys, navigation)


async def opened(update: Update, context: WuxueContext) -> None:
    """管理培训."""
    await show_one(update, context, "training_manage", training_events.read, managing)


async def preview(update: Update, context: WuxueContext) -> None:
    """发通知: to how many and in which words; sent only after another press."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_preview", 1))
    found = await context.read(training_plans.preview, speaker, event_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    words = training_messages.invitation(context.services.renderer, language, found.event)
    send = buttons.press(
        context.label("training_send", language), "training_send", event_id, found.event.version
    )
    back = buttons.press(context.label("training_back", language), "training_manage", event_id)
    text = context.text("training_preview", language, people=found.people, words=words)
    await show(update, context, text, with_navigation([send], [back]))


async def send(update: Update, context: WuxueContext) -> None:
    """确认发出: it goes out in a minute, with 撤回 until then."""
    act = training_plans.publish
    await change_one(update, context, "training_send", act, managing, was_seen=True)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤回 within the minute."""
    act = training_plans.take_back
    await change_one(update, context, "training_back", act, managing, toast="undone_toast")


async def undo(update: Update, context: WuxueContext) -> None:
    """撤销 the last change."""
    act = training_changes.undo
    await change_one(update, context, "training_undo", act, managing, toast="undone_toast")


async def coverage(update: Update, context: WuxueContext) -> None:
    """各站情况: counts only, small units together."""
    speaker = await context.speaker(update)
    written, rest = carried(update, "training_coverage", 2)
    page, _, words = rest.partition(":")
    await covered(update, context, speaker, number(written), words=words, page=number(page))
    await context.answer(update)


async def covered(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    event_id: int,
    *,
    words: str,
    page: int = 0,
) -> None:
    """One page of how the units are covered, or of those whose name holds the words."""
    found = await context.read(
        training_coverage.coverage, speaker, event_id, words=words, page=page, now=context.now()
    )
    language = speaker.language
    can_turn = len(found.words.encode()) <= WORDS_BYTES
    carries = [found.words] if found.words else []
    navigation = turning(
        context,
        language,
        found.page,
        found.pages if can_turn else 1,
        lambda other: buttons.data("training_coverage", event_id, other, *carries),
    )
    if found.words:
        everything = context.label("training_coverage", language)
        navigation.append(buttons.press(everything, "training_coverage", event_id, 0))
    elif found.pages > 1:
        look = context.label("training_find_unit", language)
        navigation.append(buttons.press(look, "training_look", "units", event_id))
    back = buttons.press(context.label("training_back", language), "training_manage", event_id)
    text = context.text("training_coverage", language, found=found)
    await show(update, context, text, with_navigation([], [*navigation, back]))


BUTTONS: dict[str, Act] = {
    "training_manage": opened,
    "training_preview": preview,
    "training_send": send,
    "training_back": take_back,
    "training_undo": undo,
    "training_coverage": coverage,
}
