"""Lessons outside the day's order in chat: a lesson's own button, 补学 one at a time."""

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.handlers import daily_lesson
from bot.taps import Act, carried, number
from curriculum import asked_lesson
from curriculum import catch_up as catch_up_rules
from curriculum.absences import Return
from curriculum.asked_lesson import AskedLesson
from curriculum.people import Speaker


async def pressed_lesson(update: Update, context: WuxueContext) -> None:
    """A lesson's button, wherever it stands."""
    speaker = await context.speaker(update)
    (lesson,) = carried(update, "lesson", 1)
    found = await context.in_session(
        asked_lesson.ask, speaker, lesson_id=number(lesson), now=context.now()
    )
    is_coming = found.state == "on_its_way"
    await context.answer(
        update, context.label("on_its_way_toast", speaker.language) if is_coming else ""
    )
    await _show(context, speaker, found)


async def open_link(update: Update, context: WuxueContext, lesson_id: int) -> None:
    """A link to a lesson, as a topic's page has them."""
    speaker = await context.speaker(update)
    found = await context.in_session(
        asked_lesson.ask, speaker, lesson_id=lesson_id, now=context.now()
    )
    await _show(context, speaker, found)


async def catch_up(update: Update, context: WuxueContext) -> None:
    """补学: the next one, or that there is nothing to catch up on."""
    speaker = await context.speaker(update)
    found = await context.in_session(catch_up_rules.next_one, speaker, now=context.now())
    if found.lesson is None or found.lesson.state == "on_its_way":
        text = context.text("catch_up", speaker.language, found=found)
        await context.say(speaker.chat_id, text)
    if found.lesson is not None:
        await _show(context, speaker, found.lesson)


async def _show(context: WuxueContext, speaker: Speaker, found: AskedLesson) -> None:
    if found.values is None:
        # Not awaited: a broadcast under way must not hold up her next tap.
        context.send_what_is_due()
        return
    await daily_lesson.show_again(
        context,
        speaker,
        found.values,
        is_learned=found.is_learned,
        is_answered=found.is_answered,
    )


def chosen_keyboard(context: WuxueContext, language: str, back: Return) -> InlineKeyboardMarkup:
    """The lessons offered to somebody who is back, one below the other."""
    keys = [
        [buttons.press(f"{lesson.code.lstrip('0')} {lesson.title}", "lesson", lesson.lesson_id)]
        for lesson in back.chosen
    ]
    if back.behind:
        keys.append([buttons.press(context.label("catch_up", language), "open", "catch_up")])
    return InlineKeyboardMarkup(keys)


BUTTONS: dict[str, Act] = {
    "lesson": pressed_lesson,
}
