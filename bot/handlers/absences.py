"""暂停 and 恢复学习 in chat, and 欢迎回来 as it is sent."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import asked_lesson
from bot.render import Renderer, entities
from bot.taps import Act, FormAct
from bot.telegram_channel import Text
from curriculum import absences, todays_lesson
from curriculum.absences import Away, Return
from curriculum.facts import Facts
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.written_times import read_date
from scheduler.channel import Part

PAUSE = "pause"
TODAY, TOMORROW, NEXT_MONDAY = "today", "tomorrow", "下周一"
WEEK, FORTNIGHT, MONTH, OPEN = "week", "fortnight", "month", "open"
LENGTHS = {
    WEEK: relativedelta(weeks=1),
    FORTNIGHT: relativedelta(weeks=2),
    MONTH: relativedelta(months=1),
}
# Only to see whether a typed date can be read at all; it is read again with the real today.
ANY_DAY = date(2024, 1, 1)


def _first_day(written: str) -> str:
    """A first day as it was chosen or typed, once it can be read."""
    read_date(written, today=ANY_DAY)
    return written


def _back(written: str) -> str:
    return written if written in (*LENGTHS, OPEN) else _first_day(written)


async def pause(update: Update, context: WuxueContext, forms: Forms) -> None:
    """暂停: the pause she has, else from when until when."""
    speaker = await context.speaker(update)
    speaker.require("learn")
    away = await context.read(absences.present, speaker, now=context.now())
    if away is not None and update.callback_query is None:
        await context.say(
            speaker.chat_id,
            context.text("paused", speaker.language, away=away),
            _paused_keyboard(context, speaker.language),
        )
        return
    await forms.start(update, context, PAUSE, {"language": speaker.language})


async def change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间 under a pause."""
    speaker = await context.speaker(update)
    speaker.require("learn")
    await context.answer(update)
    await forms.start(update, context, PAUSE, {"language": speaker.language})


async def resume(update: Update, context: WuxueContext) -> None:
    """恢复学习: back from today on, with at most three lessons to begin with."""
    speaker = await context.speaker(update)

    def come_back(session: Session) -> Return:
        back = absences.resume(session, speaker, now=context.now())
        # The day was planned without her: its lesson is owed to her now, or at its hour.
        todays_lesson.today(session, speaker, now=context.now())
        return back

    back = await context.in_session(come_back)
    text = context.text("returned", speaker.language, back=back)
    await context.answer(update)
    await context.say(
        speaker.chat_id, text, asked_lesson.chosen_keyboard(context, speaker.language, back)
    )
    context.send_what_is_due()


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    today = local_date(context.now(), ZONE)
    since, back = chosen_dates(answers, today=today)

    def store(session: Session) -> Away:
        away = absences.pause(session, speaker, since=since, back=back, now=context.now())
        drop(session, context, speaker.chat_id, PAUSE)
        return away

    away = await context.in_session(store)
    text = context.text("paused", speaker.language, away=away)
    await show(update, context, text, _paused_keyboard(context, speaker.language))


def chosen_dates(answers: Answers, *, today: date) -> tuple[date, date | None]:
    """The first day away and the first day back (None: open) that STEPS asked for."""
    since, chosen = read_date(answers["since"], today=today), answers["back"]
    if chosen == OPEN:
        return since, None
    back = since + LENGTHS[chosen] if chosen in LENGTHS else read_date(chosen, today=today)
    return since, back


def _paused_keyboard(context: WuxueContext, language: str) -> InlineKeyboardMarkup:
    return buttons.row(
        buttons.press(context.label("resume", language), "resume", ""),
        buttons.press(context.label("change_time", language), "pause", ""),
    )


def welcome_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """欢迎回来 before the first lesson after a pause: silent, the lesson makes the sound."""
    values: dict[str, Any] = dict(facts.values)
    text = renderer.text("returned", facts.language, back=values["back"])
    keys = [
        [buttons.press(f"{lesson.code.lstrip('0')} {lesson.title}", "lesson", lesson.lesson_id)]
        for lesson in values["back"]["chosen"]
    ]
    return [Part(Text(text.text, tuple(entities(text)), InlineKeyboardMarkup(keys)), silent=True)]


STEPS = (
    Step(
        "since",
        "pause_since",
        ((TODAY, "from_today"), (TOMORROW, "from_tomorrow"), (NEXT_MONDAY, "next_monday")),
        _first_day,
        also_typed=True,
    ),
    Step(
        "back",
        "pause_back",
        ((WEEK, "a_week"), (FORTNIGHT, "a_fortnight"), (MONTH, "a_month"), (OPEN, "open")),
        _back,
        also_typed=True,
    ),
)
BUTTONS: dict[str, Act] = {
    "resume": resume,
}
FORM_BUTTONS: dict[str, FormAct] = {
    "pause": change,
}
FORMS = (Form(PAUSE, STEPS, _finish, way_on=("page_settings", "more", "settings")),)
