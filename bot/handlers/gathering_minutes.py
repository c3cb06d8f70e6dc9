"""写纪要 in chat: points, decisions, open questions, each behind the guard; then to everybody."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons, guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.taps import Act, carried, number
from curriculum import gathering_minutes
from curriculum.gathering_minutes import DECISION, KINDS, POINT, QUESTION, readable_lines

MINUTES, NONE = "gathering_minutes", "none"


def _lines(written: str) -> str:
    return NONE if written == NONE else readable_lines(written)


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """写纪要: three short steps."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "minutes", 1)[0])

    def may(session: Session) -> None:
        gathering_minutes.to_write(session, speaker, gathering_id, now=context.now())

    await context.in_session(may)
    await context.answer(update)
    answers: Answers = {"gathering": gathering_id, "language": speaker.language}
    await forms.start(update, context, MINUTES, answers)


def _split(answers: Answers) -> dict[str, list[str]]:
    return {kind: [] if answers[kind] == NONE else answers[kind].splitlines() for kind in KINDS}


async def _shown(update: Update, context: WuxueContext, answers: Answers) -> Mapping[str, Any]:
    """What was written, to be read once more."""
    del update, context
    return {"lines": _split(answers)}


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        people = gathering_minutes.write(
            session, speaker, answers["gathering"], _split(answers), now=context.now()
        )
        drop(session, context, speaker.chat_id, MINUTES)
        return people

    people = await context.in_session(store)
    erased = [await guarding.erase(update, context, answers, kind) for kind in KINDS]
    text = context.text(
        "minutes_written",
        speaker.language,
        people=people,
        questions=len(_split(answers)[QUESTION]),
        erased=max(erased, key=("", "yes", "no").index),
    )
    language = speaker.language
    keys = [
        buttons.press(context.label("take_back", language), "minutes_back", answers["gathering"])
    ]
    if speaker.may("nominate_story"):
        label = context.label("nominate_story", language)
        keys.append(buttons.press(label, "minutes_stories", answers["gathering"]))
    await show(update, context, text, buttons.row(*keys))
    context.send_what_is_due()


async def taken_back(update: Update, context: WuxueContext) -> None:
    """撤回: the minutes are nowhere any more, and their lines stand here to be copied."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "minutes_back", 1)[0])
    lines = await context.in_session(
        gathering_minutes.take_back, speaker, gathering_id, now=context.now()
    )
    await context.answer(update, context.label("undone_toast", speaker.language))
    again = context.label("write_minutes", speaker.language)
    text = context.text("minutes_taken_back", speaker.language, lines=lines)
    await show(update, context, text, buttons.row(buttons.press(again, "minutes", gathering_id)))
    context.send_what_is_due()


def _read(step: Step) -> tuple[Step, Step, Step]:
    """A step of lines, read for danger first and for private details after that."""
    words, guard = guarding.behind_guard(step)
    return words, danger.step_for(step.name, f"{step.name}_danger"), guard


_OR_NONE = ((NONE, "none_today"),)
BUTTONS: dict[str, Act] = {"minutes_back": taken_back}
FORM_BUTTONS = {"minutes": begin}
FORMS = (
    Form(
        MINUTES,
        (
            *_read(Step(POINT, "minutes_points", (), _lines)),
            *_read(Step(DECISION, "minutes_decisions", _OR_NONE, _lines, also_typed=True)),
            *_read(Step(QUESTION, "minutes_questions", _OR_NONE, _lines, also_typed=True)),
            Step("sure", "minutes_check", (("send", "send_minutes"),), facts=_shown),
        ),
        _finish,
        declined=danger.declined(MINUTES),
        way_on=("write_minutes", "minutes", "{gathering}"),
    ),
)
