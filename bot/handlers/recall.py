"""再来一题 in chat: one earlier question when she asks for it, answered in its own message."""

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.handlers.lesson_messages import ANOTHER, LETTERS, lettered, recall_button
from bot.render import Renderer
from bot.taps import Act, carried, number
from curriculum import recall as rules
from curriculum.recall import Answered, Asked
from curriculum.rich_text import RichText


async def recall(update: Update, context: WuxueContext) -> None:
    """复习, /recall or the button of 更多: a question, or why there is none."""
    speaker = await context.speaker(update)
    asked = await context.in_session(rules.ask, speaker, now=context.now())
    if not asked.values:
        text = context.text("recall_none", speaker.language, state=asked.state)
        await context.say(speaker.chat_id, text)
        return
    await _send(context, speaker.chat_id, speaker.language, asked)


async def pressed(update: Update, context: WuxueContext) -> None:
    """再来一题, or an option under a question of it."""
    (asked,) = carried(update, "recall", 1)
    if asked == ANOTHER:
        await _another(update, context)
        return
    ask_id, _, option = asked.partition(":")
    await _take(update, context, ask_id=number(ask_id), chosen=number(option))


async def _another(update: Update, context: WuxueContext) -> None:
    speaker = await context.speaker(update)
    asked = await context.in_session(rules.ask, speaker, now=context.now())
    if not asked.values:
        await context.answer(update, context.label(f"recall_{asked.state}_toast", speaker.language))
    elif asked.is_just_asked:
        await context.answer(update, context.label("recall_below_toast", speaker.language))
    else:
        await context.answer(update)
        await _send(context, speaker.chat_id, speaker.language, asked)


async def _take(update: Update, context: WuxueContext, *, ask_id: int, chosen: int) -> None:
    speaker = await context.speaker(update)
    answered = await context.in_session(
        rules.answer, speaker, ask_id=ask_id, chosen=chosen, now=context.now()
    )
    toast = "" if answered.is_new else context.label("recorded_before_toast", speaker.language)
    await context.answer(update, toast)
    message = update.effective_message
    if message is not None:
        text, keyboard = _answered(context.services.renderer, speaker.language, answered)
        await context.edit(message.chat_id, message.message_id, text, keyboard)


async def _send(context: WuxueContext, chat_id: int, language: str, asked: Asked) -> None:
    text, keyboard = _question(context.services.renderer, language, asked)
    await context.say(chat_id, text, keyboard, silent=True)


def _question(
    renderer: Renderer, language: str, asked: Asked
) -> tuple[RichText, InlineKeyboardMarkup]:
    question = lettered(asked.values["question"])
    facts = {"number": asked.values["number"], "title": asked.values["title"], "may_ask": False}
    text = renderer.text("recall_question", language, question=question, chosen=None, **facts)
    keys = [
        buttons.press(LETTERS[number], "recall", asked.ask_id, number)
        for number in range(len(question["options"]))
    ]
    return text, buttons.rows(keys, width=4)


def _answered(
    renderer: Renderer, language: str, answered: Answered
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    text = renderer.text(
        "recall_question",
        language,
        number=answered.values["number"],
        title=answered.values["title"],
        question=lettered(answered.values["question"]),
        chosen=answered.chosen,
        may_ask=answered.may_ask,
    )
    keyboard = buttons.row(recall_button(renderer, language)) if answered.may_ask else None
    return text, keyboard


BUTTONS: dict[str, Act] = {
    "recall": pressed,
}
