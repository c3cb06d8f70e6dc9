"""办参观 as a form: a visit step by step, read back before it is saved."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from functools import partial
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import visit_manage
from bot.render import Renderer
from curriculum import visit_people, visit_plans, visit_words
from curriculum.event_access import units_of
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.visit_pages import RUN, VisitView
from curriculum.visit_plans import Plan
from curriculum.visit_words import Official, StopPlan
from curriculum.written_times import read_date

NEW = "visit_new"
DAYS = ("1", "2", "3", "5")
USUAL = "usual"


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """办参观."""
    speaker = await context.speaker(update)
    units = await context.read(units_of, speaker, RUN)
    await context.answer(update)
    answers: Answers = {"language": speaker.language, "units": [list(one) for one in units]}
    if len(units) == 1:
        answers["unit"] = str(units[0][0])
    await forms.start(update, context, NEW, answers)


def usual_packing(renderer: Renderer, language: str) -> list[str]:
    """What to take along to a plateau, as the language's own list has it."""
    first, *lines = renderer.text("visit_packing", language).text.splitlines()
    del first
    return [line for line in lines if line.strip()]


async def _asked(
    update: Update, context: WuxueContext, answers: Answers, *, name: str
) -> dict[str, Any]:
    """What a step's template needs: which step it is, and what bears on it."""
    del update
    facts: dict[str, Any] = {"asked": name, "usual": [], "first_day": None, "last_day": None}
    if name == "packing":
        facts["usual"] = usual_packing(context.services.renderer, answers["language"])
    if name == "stops":
        facts["first_day"], facts["last_day"] = _span(answers)
    return facts


def _span(answers: Mapping[str, Any]) -> tuple[date, date]:
    first = date.fromisoformat(answers["first"])
    return first, visit_plans.last_day(first, int(answers["days"]))


async def _units(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update, context
    return [(str(unit_id), name) for unit_id, name in answers["units"]]


async def _first(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """The first day, from tomorrow on, as an ISO date."""
    del update, answers
    day = read_date(came, today=local_date(context.now(), ZONE))
    visit_plans.check_dates(day, now=context.now())
    return day.isoformat()


async def _lengths(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    del update, context, answers
    return [(value, value) for value in DAYS]


async def _stops(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> list[list[str]]:
    """A line for each place, once it can be read."""
    del update
    today = local_date(context.now(), ZONE)
    return [as_written(one) for one in visit_words.stops(came, *_span(answers), today=today)]


def as_written(one: StopPlan) -> list[str]:
    """A place as a form keeps it."""
    at = one.at.isoformat() if one.at else ""
    return [
        one.destination,
        one.day.isoformat(),
        at,
        one.programme,
        one.host_name,
        one.host_contact,
    ]


def as_planned(kept: Sequence[str]) -> StopPlan:
    """A place out of what a form keeps."""
    name, day, at, *texts = kept
    hour = time.fromisoformat(at) if at else None
    return StopPlan(name, date.fromisoformat(day), hour, *texts)


async def _organisers(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    del update, context
    return [(name, name) for unit_id, name in answers["units"] if str(unit_id) == answers["unit"]]


async def _usual(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update
    return [(USUAL, context.label("visit_usual", answers["language"]))]


async def _packing(update: Update, context: WuxueContext, answers: Answers, came: str) -> list[str]:
    del update
    if came == USUAL:
        return usual_packing(context.services.renderer, answers["language"])
    return visit_words.packing(came)


async def _all(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    """Everything read back."""
    del update, context
    first, last = _span(answers)
    return {
        "first_day": first,
        "last_day": last,
        "places": [as_planned(one) for one in answers["stops"]],
        "people": len(answers.get("people", ())),
        "officials": len(answers.get("officials", ())),
    }


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    first, last = _span(answers)
    plan = Plan(
        unit_id=int(answers["unit"]),
        title=answers["title"],
        aims=answers["aims"],
        organiser=answers["organiser"],
        starts_on=first,
        ends_on=last,
        stops=tuple(as_planned(one) for one in answers["stops"]),
        packing=tuple(answers["packing"]),
    )
    officials = [Official(*one) for one in answers.get("officials", ())]

    def store(session: Session) -> VisitView:
        at: dict[str, Any] = {"now": context.now()}
        reminders = context.services.visit_reminders
        found = visit_plans.create(session, speaker, plan, reminders=reminders, **at)
        visit_people.add(session, speaker, found.visit_id, answers.get("people", ()), **at)
        visit_people.add_officials(session, speaker, found.visit_id, officials, **at)
        drop(session, context, speaker.chat_id, NEW)
        return visit_manage.read(session, speaker, found.visit_id, now=context.now())

    found = await context.in_session(store)
    await show(update, context, *visit_manage.managing(context, speaker, found))


def _is_open(answers: Answers) -> bool:
    """A sheet brings all of it along."""
    return "from_sheet" not in answers


def _needs_unit(answers: Answers) -> bool:
    return len(answers["units"]) > 1 and _is_open(answers)


def _ask(name: str, **given: Any) -> Step:
    wanted = {"is_needed": _is_open} | given
    return Step(name, "visit_ask", facts=partial(_asked, name=name), **wanted)


FORM_BUTTONS = {NEW: begin}
FORMS = (
    Form(
        NEW,
        (
            _ask("unit", offer=_units, is_needed=_needs_unit),
            _ask("title", take=partial(visit_words.one_line, field="title")),
            _ask("aims", take=partial(visit_words.one_line, field="aims")),
            _ask("first", settle=_first),
            _ask("days", offer=_lengths, take=lambda came: str(visit_words.days(came))),
            _ask("stops", settle=_stops),
            _ask(
                "organiser",
                offer=_organisers,
                take=partial(visit_words.one_line, field="organiser"),
            ),
            _ask("packing", offer=_usual, settle=_packing),
            Step("sure", "visit_check", (("yes", "visit_confirm"),), facts=_all),
        ),
        _finish,
        asks_again=True,
        way_on=("visits", "open", "visits"),
    ),
)
