"""可能缺记录 in chat: the word about a span, and 补记 that enters its lessons with a tap each."""

from collections.abc import Sequence
from datetime import date

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import restored_span
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import Speaker
from curriculum.restored_span import Span
from scheduler.channel import Part

SHOWN = 6


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One silent message with the way to the lessons."""
    text = renderer.text("restored_span", facts.language, **facts.values)
    label = renderer.label("enter_again", facts.language)
    keyboard = buttons.row(buttons.press(label, "span", facts.values["hold_id"]))
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]


async def opened(update: Update, context: WuxueContext) -> None:
    """补记: the lessons of the span that are not in her ledger."""
    speaker = await context.speaker(update)
    (hold_id,) = map(number, carried(update, "span", 1))
    span = await context.read(restored_span.span, speaker, hold_id)
    await context.answer(update)
    await _show(update, context, speaker, span, is_new=True)


async def entered(update: Update, context: WuxueContext) -> None:
    """One lesson pressed: recorded on her word; the list goes on with the others."""
    speaker = await context.speaker(update)
    hold, cohort, day = carried(update, "enter", 3)
    found = await context.in_session(
        restored_span.enter,
        speaker,
        hold_id=number(hold),
        cohort_id=number(cohort),
        day=_day(day),
        now=context.now(),
    )
    language = speaker.language
    toast = (
        context.label("recorded_before_toast", language)
        if found.minutes is None
        else context.label("recorded_toast", language).format(minutes=found.minutes)
    )
    await context.answer(update, toast)
    await _show(update, context, speaker, found.span, is_new=False)


async def _show(
    update: Update, context: WuxueContext, speaker: Speaker, span: Span, *, is_new: bool
) -> None:
    shown = span.lessons[:SHOWN]
    keys = [
        [
            buttons.press(
                f"{lesson.code.lstrip('0')} {lesson.title}",
                "enter",
                span.hold_id,
                lesson.cohort_id,
                lesson.local_date.isoformat(),
            )
        ]
        for lesson in shown
    ]
    text = context.text(
        "span_lessons", speaker.language, span=span, left=len(span.lessons) - len(shown)
    )
    await show(update, context, text, InlineKeyboardMarkup(keys), is_new=is_new)


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise NotThere from error


BUTTONS: dict[str, Act] = {
    "span": opened,
    "enter": entered,
}
