"""改安排 and 取消培训 as forms: one change at a time, read back with how many hear of it."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import training_manage
from bot.taps import carried, number
from curriculum import training_changes, training_events
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_changes import CHANGEABLE
from curriculum.training_events import EventView

CHANGE, CANCEL = "training_change", "training_cancel"
GROUPS = {
    "time": ("first_day", "hours", "deadline"),
    "content": ("title", "programme"),
    "people": ("place", "places", "invited", "organiser"),
}


async def begin_change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改安排: which of it, then to what."""
    await _begin(update, context, forms, CHANGE)


async def begin_cancel(update: Update, context: WuxueContext, forms: Forms) -> None:
    """取消培训: why, then whether she is sure."""
    await _begin(update, context, forms, CANCEL)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, form, 1))
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    if not found.is_arranger:
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "event": event_id,
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
        (field, context.label(f"training_field_{field}", language))
        for field in GROUPS[answers["group"]]
    ]


def _field(came: str) -> str:
    """One that was pressed; what is typed here names none."""
    if came not in CHANGEABLE:
        raise NotThere
    return came


async def _present(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    """What stands now."""
    speaker = await context.speaker(update)
    found = await context.read(training_events.read, speaker, answers["event"], now=context.now())
    return {
        "was": _reads(context, found, answers["field"], answers["language"]),
        "wanted": len(found.periods),
    }


def _reads(context: WuxueContext, event: EventView, field: str, language: str) -> str:
    renderer = context.services.renderer
    if field == "first_day":
        return renderer.moment(event.starts_at, language)
    if field == "deadline":
        return renderer.day(event.deadline, language)
    if field == "hours":
        first = local_date(event.starts_at, ZONE)
        spans = [one for one in event.periods if local_date(one.starts_at, ZONE) == first]
        return " ".join(
            f"{renderer.clock(one.starts_at, language)}-"
            f"{renderer.clock(one.starts_at + timedelta(minutes=one.minutes), language)}"
            for one in spans
        )
    if field == "programme":
        return "；".join(
            f"{one.topic}/{one.trainer}" if one.trainer else one.topic for one in event.periods
        )
    if field == "invited":
        return "、".join(event.invited)
    return str(getattr(event, field))


async def _value(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    """What was written, once it can be read, and how many would be told."""
    speaker = await context.speaker(update)
    found = await context.read(
        training_changes.propose,
        speaker,
        answers["event"],
        answers.get("field", "cancel"),
        came,
        now=context.now(),
    )
    return {"value": found.value, "told": found.told}


async def _sure(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update
    field, value = answers.get("field", "cancel"), answers["value"]["value"]
    if field in ("first_day", "deadline"):
        value = context.services.renderer.day(date.fromisoformat(value), answers["language"])
    return {"field": field, "value": value, "told": answers["value"]["told"]}


async def _finish_change(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, CHANGE)


async def _finish_cancel(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, CANCEL)


async def _store(update: Update, context: WuxueContext, answers: Answers, form: str) -> None:
    speaker = await context.speaker(update)
    value = answers["value"]["value"]

    def store(session: Session) -> EventView:
        at: dict[str, Any] = {"seen": answers["mark"], "now": context.now()}
        # Whatever becomes of it, the form is not gone through again.
        drop(session, context, speaker.chat_id, form)
        if form == CANCEL:
            return training_changes.cancel(session, speaker, answers["event"], reason=value, **at)
        return training_changes.change(
            session, speaker, answers["event"], answers["field"], value, **at
        )

    found = await context.in_session(store)
    await show(update, context, *_managed(context, speaker, found))


def _managed(context: WuxueContext, speaker: Speaker, found: EventView) -> Any:
    return training_manage.managing(context, speaker, found)


YES = (("yes", "training_confirm"),)
FORM_BUTTONS = {CHANGE: begin_change, CANCEL: begin_cancel}
TO_TRAINING = ("training_back", "training_manage", "{event}")
FORMS = (
    Form(
        CHANGE,
        (
            Step(
                "group",
                "training_field",
                tuple((group, f"training_group_{group}") for group in GROUPS),
            ),
            Step("field", "training_field", offer=_fields, take=_field),
            Step("value", "training_value", settle=_value, facts=_present),
            Step("sure", "training_sure", YES, facts=_sure),
        ),
        _finish_change,
        asks_again=True,
        way_on=TO_TRAINING,
    ),
    Form(
        CANCEL,
        (
            Step("value", "training_cancel", settle=_value),
            Step("sure", "training_sure", (("yes", "training_cancel"),), facts=_sure),
        ),
        _finish_cancel,
        asks_again=True,
        way_on=TO_TRAINING,
    ),
)
