"""办培训 as a form: a training step by step, read back before it is saved."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import annual_training
from curriculum import training_plans, training_words
from curriculum.event_access import units_of
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.training_errors import TrainingDates
from curriculum.training_events import RUN, EventView
from curriculum.training_plans import Plan
from curriculum.training_words import PeriodPlan
from curriculum.written_times import read_date

NEW = "training_new"
USUAL_HOURS = "9:30-12:30 15:00-18:00"
PLACES = ("20", "30", "40", "60")
DAYS = ("1", "2", "3")
EVERYBODY = "everybody"
MOST_COHORTS = 4


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """办培训."""
    speaker = await context.speaker(update)
    units = await context.read(units_of, speaker, RUN)
    await context.answer(update)
    answers: Answers = {"language": speaker.language, "units": [list(one) for one in units]}
    if len(units) == 1:
        answers["unit"] = str(units[0][0])
    await forms.start(update, context, NEW, answers)


async def _asked(
    update: Update, context: WuxueContext, answers: Answers, *, name: str
) -> dict[str, Any]:
    """What a step's template needs: which step it is, and what was answered that bears on it."""
    del update, context
    facts: dict[str, Any] = {"asked": name}
    if name == "topics":
        facts["wanted"] = _half_days(answers)
    if name == "deadline":
        facts["day"] = date.fromisoformat(answers["first"])
    return facts


def _half_days(answers: Answers) -> int:
    return int(answers["days"]) * len(training_words.hours(answers["hours"]))


async def _units(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update, context
    return [(str(unit_id), name) for unit_id, name in answers["units"]]


async def _first(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """The first day, from tomorrow on, as an ISO date."""
    del update, answers
    today = local_date(context.now(), ZONE)
    day = read_date(came, today=today)
    if day <= today:
        raise TrainingDates
    return day.isoformat()


def _offered(values: Sequence[str]) -> Any:
    async def offer(
        update: Update, context: WuxueContext, answers: Answers
    ) -> list[tuple[str, str]]:
        del update, context, answers
        return [(value, value) for value in values]

    return offer


async def _topics(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """A line for each half day; kept as it was written, once it can be read."""
    del update, context
    training_words.topics(came, _half_days(answers))
    return came


async def _deadlines(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """Two weeks, a week and the day before it begins, as far as they lie ahead."""
    del update
    first, today = date.fromisoformat(answers["first"]), local_date(context.now(), ZONE)
    days = [first - timedelta(days=before) for before in (14, 7, 1)]
    words = context.services.renderer.day
    return [(day.isoformat(), words(day, answers["language"])) for day in days if day >= today]


async def _deadline(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update
    today = local_date(context.now(), ZONE)
    day = read_date(came, today=today)
    if not today <= day < date.fromisoformat(answers["first"]):
        raise TrainingDates
    return day.isoformat()


async def _audiences(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """All learners of the unit, or one of its cohorts; anything else is typed."""
    speaker = await context.speaker(update)
    cohorts = await context.read(training_plans.cohorts_of, speaker, int(answers["unit"]))
    everybody = context.label("training_everybody", answers["language"])
    return [(EVERYBODY, everybody), *((name, name) for _, name in cohorts[:MOST_COHORTS])]


async def _invited(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    """Whom it is for, as the event keeps it, and how that reads."""
    speaker = await context.speaker(update)
    everybody = context.label("training_everybody", answers["language"])
    written = "学员" if came == EVERYBODY else came
    found = await context.read(
        training_plans.read_invited, speaker, int(answers["unit"]), written, now=context.now()
    )
    return {"found": found, "names": everybody if came == EVERYBODY else came}


async def _organisers(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    del update, context
    return [(name, name) for unit_id, name in answers["units"] if str(unit_id) == answers["unit"]]


def periods_of(answers: Mapping[str, Any]) -> list[PeriodPlan]:
    """The half days as they were answered."""
    spans = training_words.hours(answers["hours"])
    days = int(answers["days"])
    lines = training_words.topics(answers["topics"], days * len(spans))
    return training_words.lay_out(date.fromisoformat(answers["first"]), days, spans, lines)


async def _all(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    """Everything read back."""
    del update, context
    if "plan" in answers:
        periods = [
            PeriodPlan(datetime.fromisoformat(at), minutes, topic, trainer)
            for at, minutes, topic, trainer in answers["plan"]
        ]
    else:
        periods = periods_of(answers)
    return {
        "periods": periods,
        "deadline": date.fromisoformat(answers["deadline"]),
        "names": answers["invited"]["names"],
    }


async def _finish_new(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    facts = await _all(update, context, answers)
    plan = Plan(
        unit_id=int(answers["unit"]),
        title=answers["title"],
        place=answers["place"],
        organiser=answers["organiser"],
        places=int(answers["places"]),
        deadline=facts["deadline"],
        invited=answers["invited"]["found"],
        periods=tuple(facts["periods"]),
    )

    def store(session: Session) -> EventView:
        found = training_plans.create(
            session,
            speaker,
            plan,
            reminders=context.services.training_reminders,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, NEW)
        return found

    found = await context.in_session(store)
    await show(update, context, *annual_training.page(context, speaker, found))


def _ask(name: str, **given: Any) -> Step:
    return Step(name, "training_ask", facts=partial(_asked, name=name), **given)


def _is_open(answers: Answers) -> bool:
    return "plan" not in answers


def _needs_unit(answers: Answers) -> bool:
    return len(answers["units"]) > 1 and "plan" not in answers


YES = (("yes", "training_confirm"),)
FORM_BUTTONS = {NEW: begin}
FORMS = (
    Form(
        NEW,
        (
            _ask("unit", offer=_units, is_needed=_needs_unit),
            _ask("title", take=training_words.title, is_needed=_is_open),
            _ask("first", settle=_first, is_needed=_is_open),
            _ask(
                "days",
                offer=_offered(DAYS),
                take=lambda came: str(training_words.days(came)),
                is_needed=_is_open,
            ),
            _ask(
                "hours",
                offer=_offered((USUAL_HOURS,)),
                take=lambda came: training_words.hours(came) and came,
                is_needed=_is_open,
            ),
            _ask("topics", settle=_topics, is_needed=_is_open),
            _ask("place", take=training_words.place, is_needed=_is_open),
            _ask(
                "places",
                offer=_offered(PLACES),
                take=lambda came: str(training_words.places(came)),
                is_needed=_is_open,
            ),
            _ask("deadline", offer=_deadlines, settle=_deadline, is_needed=_is_open),
            _ask("invited", offer=_audiences, settle=_invited, is_needed=_is_open),
            _ask(
                "organiser",
                offer=_organisers,
                take=training_words.organiser,
                is_needed=_is_open,
            ),
            Step("sure", "training_check", YES, facts=_all),
        ),
        _finish_new,
        asks_again=True,
        way_on=("training", "open", "training"),
    ),
)
