"""What a person sets for herself in chat: the hour of her lesson, her languages."""

from datetime import time

from sqlmodel import Session
from telegram import Update

from bot import menus
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.enrolment_forms import keyboard
from curriculum import preferences
from curriculum.preferences import OwnHour
from curriculum.written_times import read_hour

HOUR, LANGUAGE = "hour", "language_choice"
SHARED = "shared"
HOURS = ("09:00", "12:30", "18:00", "20:00")
LANGUAGES = (
    ("zh:zh", "chinese"),
    ("zh:both", "both_languages"),
    ("zh:bo", "tibetan_lessons"),
    ("en:zh", "english"),
)


def _hour(written: str) -> str:
    """HH:MM, or that the cohort's hour is wished for."""
    return written if written == SHARED else f"{read_hour(written):%H:%M}"


async def hour(update: Update, context: WuxueContext, forms: Forms) -> None:
    """上课时间: when the lesson comes, and other hours."""
    speaker = await context.speaker(update)
    found = await context.read(preferences.own_hour, speaker)
    answers: Answers = {
        "language": speaker.language,
        "now": f"{found.own or found.shared:%H:%M}",
        "is_own": found.own is not None,
    }
    await forms.start(update, context, HOUR, answers)


async def _finish_hour(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    chosen = None if answers["hour"] == SHARED else time.fromisoformat(answers["hour"])

    def store(session: Session) -> OwnHour:
        found = preferences.set_own_hour(session, speaker, hour=chosen, now=context.now())
        drop(session, context, speaker.chat_id, HOUR)
        return found

    found = await context.in_session(store)
    text = context.text("hour_set", speaker.language, hour=f"{found.own or found.shared:%H:%M}")
    await show(update, context, text)
    context.send_what_is_due()


async def language(update: Update, context: WuxueContext, forms: Forms) -> None:
    """语言: of the bot's words and of the lessons."""
    speaker = await context.speaker(update)
    await forms.start(update, context, LANGUAGE, {"language": speaker.language})


async def _finish_language(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    interface, _, content = str(answers["choice"]).partition(":")

    def store(session: Session) -> None:
        preferences.set_languages(session, speaker, language=interface, content=content)
        drop(session, context, speaker.chat_id, LANGUAGE)

    await context.in_session(store)
    text = context.text("language_set", interface, content=content)
    # A new message: the permanent keyboard changes only with one.
    await context.say(speaker.chat_id, text, keyboard(context, interface))
    # The question stays in the chat without its buttons, which fit nothing any more.
    await show(update, context, context.text("language_choose", interface))
    await menus.offer(context, speaker.chat_id)


TO_SETTINGS = ("page_settings", "more", "settings")
FORMS = (
    Form(
        HOUR,
        (
            Step(
                "hour",
                "hour_choose",
                (*((hour, f"hour_{hour[:2]}") for hour in HOURS), (SHARED, "shared_hour")),
                _hour,
                also_typed=True,
            ),
        ),
        _finish_hour,
        way_on=TO_SETTINGS,
    ),
    Form(
        LANGUAGE,
        (Step("choice", "language_choose", LANGUAGES),),
        _finish_language,
        way_on=TO_SETTINGS,
    ),
)
