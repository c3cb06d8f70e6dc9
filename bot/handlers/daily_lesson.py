"""每日一学 in chat: 学完了, answering the check question, 今天, a lesson shown again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from telegram import (
    MaybeInaccessibleMessage,
    Update,
)

from bot import buttons
from bot.context import Stranger, WuxueContext
from bot.handlers import media
from bot.handlers.lesson_messages import (
    lesson_keyboard,
    lesson_texts,
    lettered,
    question_with_buttons,
    recall_button,
    with_last,
)
from bot.in_hand import IN_HAND
from bot.taps import Act, carried, number
from curriculum import lesson_answers, todays_lesson
from curriculum.lesson_answers import Learned
from curriculum.people import Speaker
from curriculum.rich_text import RichText

# An answer may come before we know its quiz, when a crash hid the sending from us.
POLL_RETRY = timedelta(seconds=5)
POLL_PATIENCE = timedelta(minutes=10)
# A chat and a message in it; the lines of notices that each of some messages said.
Message = tuple[int, int]
Said = Mapping[Message, tuple[RichText, ...]]


async def pressed_learned(update: Update, context: WuxueContext) -> None:
    """学完了 under a lesson."""
    (occasion,) = carried(update, "learned", 1)
    speaker, learned = await context.as_speaker(
        update, lesson_answers.learned, occasion=occasion, chosen=None, now=context.now()
    )
    await context.answer(update, _toast(context, speaker.language, learned))
    await _say_recorded(update, context, speaker.language, learned)


async def pressed_option(update: Update, context: WuxueContext) -> None:
    """An option of a question asked with buttons."""
    chosen, occasion = carried(update, "option", 2)
    speaker, learned = await context.as_speaker(
        update, lesson_answers.learned, occasion=occasion, chosen=number(chosen), now=context.now()
    )
    await context.answer(update, _toast(context, speaker.language, learned))
    message = update.effective_message
    if message is not None:
        text = context.text(
            "daily_question",
            speaker.language,
            question=lettered(learned.values["question"]),
            chosen=learned.chosen,
        )
        await context.edit(message.chat_id, message.message_id, text)
    await _edit_lesson(context, speaker.language, learned)


async def pressed_show_question(update: Update, context: WuxueContext) -> None:
    """答题 under a lesson that was asked for again."""
    speaker = await context.speaker(update)
    (occasion,) = carried(update, "show_question", 1)
    values = await context.read(lesson_answers.values_of, speaker, occasion=occasion)
    await context.answer(update)
    text, keyboard = question_with_buttons(context.services.renderer, speaker.language, values)
    await context.say(speaker.chat_id, text, keyboard, silent=True)


async def answered_quiz(update: Update, context: WuxueContext) -> None:
    """An answer to a native quiz; it carries no chat, so the poll's id leads to the lesson."""
    poll = update.poll_answer
    if poll is None or not poll.option_ids:
        return
    try:
        found = await context.as_speaker_unless_none(
            update,
            lesson_answers.answered_poll,
            poll_id=poll.poll_id,
            chosen=poll.option_ids[0],
            now=context.now(),
        )
        if found is None:
            found = await _answered_in_doubt(update, context, poll.option_ids[0])
    except Stranger:
        return
    if found is not None:
        speaker, learned = found
        await _edit_lesson(context, speaker.language, learned)


async def _answered_in_doubt(
    update: Update, context: WuxueContext, chosen: int
) -> tuple[Speaker, Learned] | None:
    """Look again for ten minutes; then take it for the one lesson it can belong to.

    Where there is none she is asked to tap once more under the lesson.
    """
    in_hand = IN_HAND.get()
    if in_hand is None:
        return None
    if context.services.clock.real() - in_hand.received_at < POLL_PATIENCE:
        in_hand.postponed = POLL_RETRY
        return None
    found = await context.as_speaker_unless_none(
        update,
        lesson_answers.answered_poll_in_doubt,
        bot=context.services.bot_id,
        chosen=chosen,
        now=context.now(),
    )
    if found is None:
        speaker = await context.speaker(update)
        await context.say(speaker.chat_id, context.text("tap_again", speaker.language))
    return found


def _toast(context: WuxueContext, language: str, learned: Learned) -> str:
    name = "recorded_toast" if learned.is_new else "recorded_before_toast"
    return context.label(name, language).format(minutes=learned.minutes)


async def _say_recorded(
    update: Update, context: WuxueContext, language: str, learned: Learned
) -> None:
    """Say it in the lesson that was pressed, and in the one first sent if that is another."""
    message = update.effective_message
    if message is None:
        return
    at, said = (message.chat_id, message.message_id), learned.said
    pressed = replace(learned, values=_as_shown(context, language, learned, message))
    await _edit_message(context, language, pressed, at, said)
    lesson = _lesson_message(context, language, learned, said)
    if lesson is not None and lesson != at:
        await _edit_message(context, language, learned, lesson, said)


def _as_shown(
    context: WuxueContext, language: str, learned: Learned, message: MaybeInaccessibleMessage
) -> Mapping[str, Any]:
    """The lesson's values with the heading that the pressed message has: of the day, or asked."""
    asked = dict(learned.values) | {"is_asked": True, "is_must": False}
    heading = lesson_texts(context.services.renderer, language, asked)[0].text.split("\n")[0]
    shown = getattr(message, "text", None) or ""
    return asked if shown.split("\n")[0] == heading else learned.values


async def _edit_lesson(context: WuxueContext, language: str, learned: Learned) -> None:
    said = learned.said
    lesson = _lesson_message(context, language, learned, said)
    if lesson is not None:
        await _edit_message(context, language, learned, lesson, said)


def _lesson_message(
    context: WuxueContext, language: str, learned: Learned, said: Said
) -> Message | None:
    """The message with the lesson's buttons: the last of its texts, where its lines stand."""
    if said:
        return next(iter(said))
    count = len(lesson_texts(context.services.renderer, language, learned.values))
    return learned.messages[count - 1] if len(learned.messages) >= count else None


async def _edit_message(
    context: WuxueContext, language: str, learned: Learned, message: Message, said: Said
) -> None:
    renderer = context.services.renderer
    text = lesson_texts(
        renderer,
        language,
        learned.values,
        recorded=learned.minutes,
        lines=said.get(message, ()),
    )[-1]
    keyboard = lesson_keyboard(
        renderer,
        language,
        learned.values,
        is_learned=True,
        may_recall=learned.may_recall,
        may_say_used=learned.may_say_used,
    )
    await context.edit(*message, text, keyboard)


async def today(update: Update, context: WuxueContext) -> None:
    """今天: where today's lesson is; one that passed her by is sent now."""
    speaker = await context.speaker(update)
    found = await context.in_session(todays_lesson.today, speaker, now=context.now())
    if found.state != "here" or found.values is None:
        text = context.text("today", speaker.language, today=found)
        await context.say(speaker.chat_id, text)
        if found.state == "on_its_way":
            # Not awaited: a broadcast under way must not hold up her next tap.
            context.send_what_is_due()
        return
    await show_again(
        context,
        speaker,
        found.values,
        is_learned=found.is_learned,
        is_answered=found.is_answered,
        may_recall=found.may_recall,
    )


async def show_again(
    context: WuxueContext,
    speaker: Speaker,
    values: Mapping[str, Any],
    *,
    is_learned: bool,
    is_answered: bool,
    may_recall: bool = False,
) -> None:
    """A lesson that was sent before, with what can still be done with it.

    One without an occasion is read by somebody who is not here to learn: there is nothing to do.
    """
    renderer, occasion = context.services.renderer, values["occasion"]
    keys = []
    if occasion and not is_learned:
        keys.append(buttons.press(renderer.label("learned", speaker.language), "learned", occasion))
    if occasion and not is_answered:
        label = renderer.label("answer_question", speaker.language)
        keys.append(buttons.press(label, "show_question", occasion))
    if occasion:
        keys.append(buttons.press(renderer.label("ask", speaker.language), "ask", occasion))
    if may_recall:
        keys.append(recall_button(renderer, speaker.language))
    keyboard = media.below(buttons.rows(keys, width=3), renderer, speaker.language, values["media"])
    for text, is_last in with_last(lesson_texts(renderer, speaker.language, values)):
        is_needed = is_last and keyboard.inline_keyboard
        await context.say(speaker.chat_id, text, keyboard if is_needed else None)


BUTTONS: dict[str, Act] = {
    "learned": pressed_learned,
    "option": pressed_option,
    "show_question": pressed_show_question,
}
