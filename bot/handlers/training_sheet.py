"""Trainings by sheet: one planned in a blank one, and who was there, read back before either is
stored.
"""

import asyncio
from datetime import datetime
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.event_sheets import sheet_words
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.event_sheets import XLSX, say_faults, send_blank, sent_workbook
from bot.handlers.training_forms import NEW
from bot.taps import Act, carried, number
from bot.training_files import SHEET, blank_training, read_training
from bot.training_marks_files import marks_sheet, read_marks
from curriculum import training_marks, training_rows
from curriculum.people import Speaker
from curriculum.training_rows import Checked

MARKS = "training_marks"


async def blank(update: Update, context: WuxueContext) -> None:
    """空白表格."""
    await send_blank(update, context, SHEET, "run_training", blank_training)


async def received(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A training sheet from whoever arranges trainings; False for any other file."""
    sent = await sent_workbook(update, context, "run_training")
    if sent is None:
        return False
    speaker, data, name = sent
    marks = await asyncio.to_thread(read_marks, data, name)
    if marks is not None:
        await _take_marks(update, context, forms, speaker, marks)
        return True
    written = await asyncio.to_thread(read_training, data, name)
    if written is None:
        return False
    checked = await context.read(training_rows.check, speaker, written, now=context.now())
    if checked.plan is None:
        await say_faults(context, speaker, SHEET, checked.faults)
        return True
    await forms.start(update, context, NEW, _answers(speaker, checked))
    return True


def _answers(speaker: Speaker, checked: Checked) -> Answers:
    """The plan as the form keeps it until it is confirmed."""
    plan: Any = checked.plan
    return {
        "language": speaker.language,
        "units": [],
        "unit": str(plan.unit_id),
        "title": plan.title,
        "place": plan.place,
        "organiser": plan.organiser,
        "places": str(plan.places),
        "deadline": plan.deadline.isoformat(),
        "invited": {"found": dict(plan.invited), "names": checked.names},
        "plan": [
            [one.starts_at.isoformat(), one.minutes, one.topic, one.trainer] for one in plan.periods
        ],
    }


async def marks(update: Update, context: WuxueContext) -> None:
    """电子签到表: everybody on the list, a column for each half day."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_marks", 1))
    found = await context.read(training_marks.sheet, speaker, event_id)
    await context.answer(update)
    language, renderer = speaker.language, context.services.renderer
    data = await asyncio.to_thread(
        marks_sheet,
        found,
        language=language,
        made_at=context.now(),
        moment=lambda at: renderer.moment(at, language),
    )
    name = sheet_words(SHEET, language)["names"]["marks_file"]
    caption = context.text("training_marks", language).text
    await context.send_file(speaker.chat_id, data, f"{name}_{event_id}{XLSX}", caption=caption)


async def _take_marks(
    update: Update,
    context: WuxueContext,
    forms: Forms,
    speaker: Speaker,
    written: training_marks.Written,
) -> None:
    """A sheet that came back: what is new in it, or what has to be mended first."""
    found = await context.read(training_marks.check, speaker, written, now=context.now())
    if found.faults:
        await say_faults(context, speaker, SHEET, found.faults)
    elif not found.entries:
        await context.say(speaker.chat_id, context.text("training_marks_same", speaker.language))
    else:
        entries = [
            [one.period_id, list(one.person_ids), list(one.walk_ins)] for one in found.entries
        ]
        said = [
            [one.starts_at.isoformat(), one.topic, len(one.person_ids) + len(one.walk_ins)]
            for one in found.entries
        ]
        answers: Answers = {
            "language": speaker.language,
            "event": found.event_id,
            "title": found.title,
            "marked": entries,
            "said": said,
        }
        await forms.start(update, context, MARKS, answers)


async def _said(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    return {
        "entries": [
            {"starts_at": datetime.fromisoformat(at), "topic": topic, "count": count}
            for at, topic, count in answers["said"]
        ]
    }


async def _enter(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        count = training_marks.enter(
            session, speaker, answers["event"], answers["marked"], now=context.now()
        )
        drop(session, context, speaker.chat_id, MARKS)
        return count

    count = await context.in_session(store)
    key = buttons.press(
        context.label("training_roll", speaker.language), "training_rolls", answers["event"]
    )
    text = context.text("training_marks_done", speaker.language, count=count)
    await show(update, context, text, buttons.row(key))


BUTTONS: dict[str, Act] = {"training_blank": blank, "training_marks": marks}
FORMS = (
    Form(
        MARKS,
        (Step("sure", "training_marks_check", (("yes", "enter_list"),), facts=_said),),
        _enter,
        way_on=("training_roll", "training_rolls", "{event}"),
    ),
)
