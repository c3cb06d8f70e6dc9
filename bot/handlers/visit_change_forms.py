"""改安排, 取消参观 and 不批准 as forms: what can be changed of a visit, and how it reads now."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step
from bot.handlers.event_changes import Changing
from bot.handlers.visit_manage import managing
from bot.render import Renderer
from curriculum import visit_changes, visit_pages, visit_plans, visit_words
from curriculum.visit_pages import VisitView
from curriculum.visit_words import StopPlan

REFUSE = "visit_refuse"
GROUPS = {
    "time": ("first_day", "days"),
    "content": ("stops", "packing"),
    "naming": ("title", "aims", "organiser"),
}


def _present(
    context: WuxueContext, visit: VisitView, field: str, language: str
) -> Mapping[str, Any]:
    """Ready to be copied where it is more than a word."""
    return {"was": reads(context.services.renderer, visit, field, language)}


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


CHANGING = Changing(
    "visit",
    "visit",
    GROUPS,
    ("first_day",),
    visit_pages.read,
    visit_changes,
    _present,
    managing,
    ("visit_manage", "visit_manage", "{visit}"),
)


def _decides(visit: VisitView) -> bool:
    """Whether she arranges it and may say yes or no to it."""
    return visit.is_arranger and visit.can_approve


async def begin_refuse(update: Update, context: WuxueContext, forms: Forms) -> None:
    """不批准: why."""
    await CHANGING.begin(update, context, forms, REFUSE, may=_decides)


async def _finish_refuse(update: Update, context: WuxueContext, answers: Answers) -> None:
    refuse = visit_plans.refuse
    await CHANGING.store(update, context, answers, REFUSE, refuse, reason=answers["why"])


def _reason(came: str) -> str:
    return visit_words.one_line(came, "reason")


FORM_BUTTONS = CHANGING.form_buttons | {REFUSE: begin_refuse}
FORMS = (
    *CHANGING.forms,
    Form(
        REFUSE,
        (Step("why", "visit_refuse", take=_reason),),
        _finish_refuse,
        way_on=CHANGING.way_on,
    ),
)
