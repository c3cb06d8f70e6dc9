"""改安排 and 取消培训 as forms: what can be changed of a training, and how it reads now."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.context import WuxueContext
from bot.handlers.event_changes import Changing
from bot.handlers.training_manage import managing
from curriculum import training_changes, training_events
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.training_events import EventView

GROUPS = {
    "time": ("first_day", "hours", "deadline"),
    "content": ("title", "programme"),
    "people": ("place", "places", "invited", "organiser"),
}


def _present(
    context: WuxueContext, event: EventView, field: str, language: str
) -> Mapping[str, Any]:
    return {"was": _reads(context, event, field, language), "wanted": len(event.periods)}


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


CHANGING = Changing(
    "training",
    "event",
    GROUPS,
    ("first_day", "deadline"),
    training_events.read,
    training_changes,
    _present,
    managing,
    ("training_back", "training_manage", "{event}"),
)
FORM_BUTTONS = CHANGING.form_buttons
FORMS = CHANGING.forms
