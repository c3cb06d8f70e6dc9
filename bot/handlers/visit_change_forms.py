"""改安排, 取消参观 and 不批准 as forms: one thing at a time, read back with how many hear of it."""

from datetime import date
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import visit_manage
from bot.render import Renderer
from bot.taps import carried, number
from curriculum import visit_changes, visit_pages, visit_plans, visit_words
from curriculum.errors import NotThere
from curriculum.visit_changes import CHANGEABLE
from curriculum.visit_pages import VisitView
from curriculum.visit_words import StopPlan

CHANGE, CANCEL, REFUSE = "visit_change", "visit_cancel", "visit_refuse"
GROUPS = {
    "time": ("first_day", "days"),
    "content": ("stops", "packing"),
    "naming": ("title", "aims", "organiser"),
}


async def begin_change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改安排: which of it, then to what."""
    await _begin(update, context, forms, CHANGE)


async def begin_cancel(update: Update, context: WuxueContext, forms: Forms) -> None:
    """取消参观: why, then whether she is sure."""
    await _begin(update, context, forms, CANCEL)


async def begin_refuse(update: Update, context: WuxueContext, forms: Forms) -> None:
    """不批准: why."""
    await _begin(update, context, forms, REFUSE)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, form, 1))
    found = await context.read(visit_pages.read, speaker, visit_id, now=context.now())
    if not found.is_arranger or (form == REFUSE and not found.can_approve):
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "visit": visit_id,
        "mark": found.version,
        "title": found.title,
        "language": speaker.language,
    }
    await forms.start(update, context, form, answers)


async def _fields(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    """What of a group can be changed."""
    del update
    language = answers["language"]
    return [
        (field, context.label(f"visit_field_{field}", language))
        for field in GROUPS[answers["group"]]
    ]


def _field(came: str) -> str:
    """One that was pressed; what is typed here names none."""
    if came not in CHANGEABLE:
        raise NotThere
    return came


async def _present(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    """What stands now, ready to be copied where it is more than a word."""
    speaker = await context.speaker(update)
    found = await context.read(visit_pages.read, speaker, answers["visit"], now=context.now())
    renderer = context.services.renderer
    return {"was": reads(renderer, found, answers["field"], answers["language"])}


def reads(renderer: Renderer, visit: VisitView, field: str, language: str) -> str:
    """How a field of a visit reads now."""
    if field == "first_day":
        return renderer.day(visit.starts_on, language)
    if field == "days":
        return str((visit.ends_on - visit.starts_on).days + 1)
    if field == "stops":
        return "\n".join(written(one, visit.starts_on, language) for one in visit.stops)
    if field == "packing":
        return "、".join(visit.packing)
    return str(getattr(visit, field))


def written(one: StopPlan, first: date, language: str) -> str:
    """A place as the line it is written in, so that it can be copied, changed and sent back."""
    at = f" {one.at:%H:%M}" if one.at else ""
    number = (one.day - first).days + 1
    day = f"第{number}天" if language == "zh" else f"Day {number}"
    head = f"{day}{at} {one.destination}"
    host = " ".join(text for text in (one.host_name, one.host_contact) if text)
    tail = [text for text in (one.programme, host) if text]
    # A host without a programme still stands in the third place.
    if host and not one.programme:
        tail = ["", host]
    return " / ".join([head, *tail])


async def _value(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    """What was written, once it can be read, and how many would be told."""
    speaker = await context.speaker(update)
    field = answers.get("field", "cancel")
    found = await context.read(
        visit_changes.propose, speaker, answers["visit"], field, came, now=context.now()
    )
    return {"value": found.value, "told": found.told, "is_urgent": found.is_urgent}


async def _sure(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update
    field, found = answers.get("field", "cancel"), answers["value"]
    value = found["value"]
    if field == "first_day":
        value = context.services.renderer.day(date.fromisoformat(value), answers["language"])
    return {**found, "field": field, "value": value}


async def _finish_change(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, CHANGE)


async def _finish_cancel(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, CANCEL)


async def _finish_refuse(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, REFUSE)


async def _store(update: Update, context: WuxueContext, answers: Answers, form: str) -> None:
    speaker, visit_id = await context.speaker(update), answers["visit"]

    def store(session: Session) -> VisitView:
        at: dict[str, Any] = {"seen": answers["mark"], "now": context.now()}
        # Whatever becomes of it, the form is not gone through again.
        drop(session, context, speaker.chat_id, form)
        if form == REFUSE:
            return visit_plans.refuse(session, speaker, visit_id, reason=answers["why"], **at)
        value = answers["value"]["value"]
        if form == CANCEL:
            return visit_changes.cancel(session, speaker, visit_id, reason=value, **at)
        return visit_changes.change(session, speaker, visit_id, answers["field"], value, **at)

    found = await context.in_session(store)
    await show(update, context, *visit_manage.managing(context, speaker, found))


def _reason(came: str) -> str:
    return visit_words.one_line(came, "reason")


YES = (("yes", "visit_confirm"),)
WAY_ON = ("visit_manage", "visit_manage", "{visit}")
FORM_BUTTONS = {CHANGE: begin_change, CANCEL: begin_cancel, REFUSE: begin_refuse}
FORMS = (
    Form(
        CHANGE,
        (
            Step(
                "group",
                "visit_field",
                tuple((group, f"visit_group_{group}") for group in GROUPS),
            ),
            Step("field", "visit_field", offer=_fields, take=_field),
            Step("value", "visit_value", settle=_value, facts=_present),
            Step("sure", "visit_sure", YES, facts=_sure),
        ),
        _finish_change,
        asks_again=True,
        way_on=WAY_ON,
    ),
    Form(
        CANCEL,
        (
            Step("value", "visit_cancel", settle=_value),
            Step("sure", "visit_sure", (("yes", "visit_cancel"),), facts=_sure),
        ),
        _finish_cancel,
        asks_again=True,
        way_on=WAY_ON,
    ),
    Form(REFUSE, (Step("why", "visit_refuse", take=_reason),), _finish_refuse, way_on=WAY_ON),
)
