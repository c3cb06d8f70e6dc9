"""暂停学习 and 恢复学习 on a learner's page, and how she is told of it."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, drop
from bot.handlers import absences
from bot.handlers.directory import show_person
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import absences_of_others
from curriculum.facts import Facts
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from scheduler.channel import Part

PAUSE_OF = "pause_of"


async def pause(update: Update, context: WuxueContext, forms: Forms) -> None:
    """暂停学习 on her page: from when until when, in the form she has herself."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, "pause_of", 1))
    name, mark = await context.read(
        absences_of_others.made_on, speaker, person_id, now=context.now()
    )
    await context.answer(update)
    answers: Answers = {
        "person": person_id,
        "name": name,
        "mark": mark,
        "language": speaker.language,
    }
    await forms.start(update, context, PAUSE_OF, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    now = context.now()
    since, back = absences.chosen_dates(answers, today=local_date(now, ZONE))

    def store(session: Session) -> None:
        absences_of_others.pause(
            session,
            speaker,
            answers["person"],
            mark=answers["mark"],
            since=since,
            back=back,
            now=now,
        )
        drop(session, context, speaker.chat_id, PAUSE_OF)

    await context.in_session(store)
    await show_person(update, context, speaker, answers["person"])
    context.send_what_is_due()


async def resume(update: Update, context: WuxueContext) -> None:
    """恢复学习 on her page; the button carries the pause it was shown for."""
    speaker = await context.speaker(update)
    who, mark = carried(update, "resume_of", 2)
    person_id = number(who)
    await context.in_session(
        absences_of_others.resume, speaker, person_id, mark=mark, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_person(update, context, speaker, person_id)
    context.send_what_is_due()


def told_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """A pause with the way out of it under it, or 欢迎回来; silent either way."""
    if "back" in facts.values:
        return absences.welcome_parts(renderer, facts)
    text = renderer.text("pause_told", facts.language, **facts.values)
    keyboard = buttons.row(
        buttons.press(renderer.label("resume", facts.language), "resume", ""),
    )
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]


BUTTONS: dict[str, Act] = {"resume_of": resume}
FORM_BUTTONS = {"pause_of": pause}
FORMS = (
    Form(
        PAUSE_OF,
        (replace(absences.STEPS[0], template="pause_of_since"), *absences.STEPS[1:]),
        _finish,
        way_on=("back_to_person", "person", "{person}"),
    ),
)
