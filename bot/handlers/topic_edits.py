"""Changing a topic in chat: themes, trainer, date, text, approval; a stale change is refused."""

from collections.abc import Callable

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.topics import show_theme, show_topic
from bot.taps import carried, number
from curriculum import topic_history, topic_session, topic_texts, topic_themes, topics
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.rich_text import plain


async def attempt(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    topic_id: int,
    change: Callable[[Session], object],
) -> bool:
    """Make a change; where it is stale, say so, show how things stand, and return False."""
    try:
        await context.in_session(change)
    except ChangedMeanwhile as refusal:
        sentence = context.services.renderer.refusal(refusal, speaker.language)
        if update.callback_query is not None:
            await context.answer(update, sentence, alert=True)
        else:
            await context.say(speaker.chat_id, plain(sentence))
        await show_topic(update, context, speaker, topic_id, is_new=True)
        return False
    return True


async def edited(update: Update, context: WuxueContext) -> None:
    """不讲, 要讲, 上移 on a theme."""
    speaker = await context.speaker(update)
    verb, version, theme = carried(update, "theme_edit", 3)
    theme_id, seen, now = number(theme), number(version), context.now()
    acts: dict[str, Callable[[Session], None]] = {
        "hide_theme": lambda session: topic_themes.set_hidden(
            session, speaker, theme_id, hidden=True, version=seen, now=now
        ),
        "show_theme": lambda session: topic_themes.set_hidden(
            session, speaker, theme_id, hidden=False, version=seen, now=now
        ),
        "move_up": lambda session: topic_themes.move_up(
            session, speaker, theme_id, version=seen, now=now
        ),
    }
    if verb not in acts:
        raise NotThere
    topic_id = await context.read(topic_texts.topic_of, theme_id)
    if await attempt(update, context, speaker, topic_id, acts[verb]):
        await context.answer(update, context.label("changed_toast", speaker.language))
        await show_theme(update, context, speaker, theme_id, is_edited=True)


async def plan(update: Update, context: WuxueContext) -> None:
    """安排: trainer, date, document, undo, approval."""
    speaker = await context.speaker(update)
    (topic_id,) = map(number, carried(update, "topic_plan", 1))
    await show_plan(update, context, speaker, topic_id)
    await context.answer(update)


async def show_plan(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    topic_id: int,
    *,
    asks: bool = False,
) -> None:
    """安排, or the question before everybody is told."""
    page, is_editor = await context.read(topics.page, speaker, topic_id)
    if not is_editor:
        raise NotThere
    language, version = speaker.language, page.version
    people = await context.read(topic_session.people_told, speaker, topic_id)
    verbs = (
        [("publish", "topic_edit", "publish")]
        if asks
        else [
            ("set_trainer", "topic_form", "trainer"),
            ("change_time", "topic_form", "date"),
            ("as_document", "topic_file", ""),
            ("undo", "topic_edit", "undo"),
            ("approve", "topic_edit", "approve"),
        ]
    )
    keys = [
        buttons.press(
            context.label(label, language),
            verb,
            *((topic_id,) if not what else (what, version, topic_id)),
        )
        for label, verb, what in verbs
    ]
    back = buttons.press(context.label("back_to_topic", language), "topic", topic_id, 0)
    text = context.text("topic_plan", language, page=page, asks=asks, people=people)
    rows = buttons.rows(keys, width=3).inline_keyboard
    await show(update, context, text, InlineKeyboardMarkup([*rows, [back]]))


async def settled(update: Update, context: WuxueContext) -> None:
    """撤销, 定稿 and 定稿并通知 under 安排; approval is asked twice, since it tells everybody."""
    speaker = await context.speaker(update)
    verb, version, topic = carried(update, "topic_edit", 3)
    topic_id, seen, now = number(topic), number(version), context.now()
    if verb == "approve":
        await show_plan(update, context, speaker, topic_id, asks=True)
        await context.answer(update)
        return
    acts: dict[str, tuple[str, Callable[[Session], object]]] = {
        "undo": (
            "undone_toast",
            lambda session: topic_history.undo(session, speaker, topic_id, version=seen, now=now),
        ),
        "publish": (
            "topic_approved_toast",
            lambda session: topic_session.approve(
                session, speaker, topic_id, version=seen, now=now
            ),
        ),
    }
    if verb not in acts:
        raise NotThere
    toast, act = acts[verb]
    if await attempt(update, context, speaker, topic_id, act):
        await context.answer(update, context.label(toast, speaker.language))
        await show_topic(update, context, speaker, topic_id)
        context.send_what_is_due()


BUTTONS = {"theme_edit": edited, "topic_plan": plan, "topic_edit": settled}
