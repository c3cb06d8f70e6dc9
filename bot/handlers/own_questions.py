"""我的提问 in chat: every question of one's own with what became of it."""

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.question_pages import pressed, show_page
from bot.taps import Act, carried, number
from curriculum import questions


async def overview(update: Update, context: WuxueContext) -> None:
    """我的提问: the first page."""
    await _show(update, context, 0)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of them, in the same message."""
    (page,) = map(number, carried(update, "own_questions", 1))
    await _show(update, context, page)
    await context.answer(update)


async def _show(update: Update, context: WuxueContext, page: int) -> None:
    speaker = await context.speaker(update)
    found = await context.read(questions.own_page, speaker, page=page)
    await show_page(
        update,
        context,
        speaker.language,
        found,
        template="own_questions",
        turn="own_questions",
        opening=("own_question", True),
        is_new=not pressed(update, "own_question"),
    )


async def opened(update: Update, context: WuxueContext) -> None:
    """One of them, whole, with its answer."""
    speaker = await context.speaker(update)
    question_id, page = map(number, carried(update, "own_question", 2))
    view = await context.read(questions.own_view, speaker, question_id)
    language = speaker.language
    keys = []
    if view.is_changeable:
        for act in (
            "be_named" if view.is_anonymous else "be_anonymous",
            "can_wait" if view.is_urgent else "make_urgent",
        ):
            keys.append(
                buttons.press(context.label(act, language), "set_question", question_id, act)
            )
    back = buttons.press(context.label("own_questions", language), "own_questions", page)
    await context.answer(update)
    text = context.text("own_question", language, question=view)
    rows = [row for row in (keys, [back]) if row]
    await show(update, context, text, InlineKeyboardMarkup(rows))


BUTTONS: dict[str, Act] = {"own_questions": turned, "own_question": opened}
