"""加人 in chat: a guided form for one colleague, ending with her own link and code."""

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.leaving import hand_over
from bot.handlers.staffing import PRESSED, unit_meant, units_nearby
from bot.taps import carried, number
from curriculum import newcomers, people, units
from curriculum.errors import NotThere
from curriculum.newcomers import NewPerson
from curriculum.people import LEARNER

ADD = "add_person"
SHOWN = 6
NONE = f"{PRESSED}0"


async def add_person(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加人, from 人员 (0) or from a unit's page, whose people it then is."""
    speaker = await context.speaker(update)
    speaker.require("manage_people")
    (unit_id,) = map(number, carried(update, "add_person", 1))
    answers: Answers = {"language": speaker.language, "given": None}
    if unit_id:
        found = await context.read(units.unit, speaker, unit_id, now=context.now())
        answers["given"] = {"id": unit_id, "name": found.unit.name}
    await context.answer(update)
    await forms.start(update, context, ADD, answers)


def _begun_from(answers: Answers) -> tuple[str, ...]:
    """Back to the page that 加人 was pressed on: a unit's, or 人员."""
    if answers["given"]:
        return ("back_to_unit", "unit", str(answers["given"]["id"]))
    return ("back_to_people", "people", "0", "")


def _unit_of(answers: Answers) -> int:
    """The unit chosen in the form, or given by the page it was begun on."""
    return int((answers["given"] or answers["unit"])["id"])


async def _roles(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    speaker = await context.speaker(update)
    roles = await context.read(
        newcomers.choosable_roles, speaker, _unit_of(answers), now=context.now()
    )
    return [(role, context.label(role, speaker.language)) for role in roles]


async def _role_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, object]:
    """A role pressed or its word typed, with the numbers of those she could be taken for."""
    speaker = await context.speaker(update)
    for role, label in await _roles(update, context, answers):
        if came.strip() in (role, label):
            place = await context.read(
                newcomers.place_for,
                speaker,
                name=answers["name"],
                unit_id=_unit_of(answers),
                now=context.now(),
            )
            return {"role": role, "unit": place.unit_name, "namesakes": list(place.namesakes)}
    raise NotThere


async def _cohorts(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    speaker = await context.speaker(update)
    running = await context.read(
        newcomers.choosable_cohorts, speaker, _unit_of(answers), now=context.now()
    )
    shown = [(f"{PRESSED}{cohort_id}", name) for cohort_id, name in running[: SHOWN - 1]]
    return [*shown, (NONE, context.label("no_cohort", speaker.language))]


async def _cohort_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, object]:
    """A cohort pressed or its name typed; {"id": None} for none."""
    for value, name in await _cohorts(update, context, answers):
        if came.strip() in (value, name):
            return {"id": number(value.removeprefix(PRESSED)) or None, "name": name}
    raise NotThere


def _learns(answers: Answers) -> bool:
    return "role" in answers and answers["role"]["role"] == LEARNER


def _unit_is_open(answers: Answers) -> bool:
    return answers["given"] is None


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def add(session: Session) -> NewPerson:
        added = newcomers.add_person(
            session,
            speaker,
            name=answers["name"],
            unit_id=_unit_of(answers),
            role=answers["role"]["role"],
            cohort_id=answers["cohort"]["id"] if _learns(answers) else None,
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, ADD)
        return added

    added = await context.in_session(add)
    await show(update, context, context.text("person_added", speaker.language, added=added))
    await hand_over(context, speaker, added.name, added.unit_name, added.invite)


FORM_BUTTONS = {ADD: add_person}
FORMS = (
    Form(
        ADD,
        (
            Step("name", "person_add_name", (), people.usable_name),
            Step(
                "unit",
                "person_add_unit",
                offer=units_nearby,
                settle=unit_meant,
                is_needed=_unit_is_open,
            ),
            Step("role", "person_add_role", offer=_roles, settle=_role_meant),
            Step(
                "cohort",
                "person_add_cohort",
                offer=_cohorts,
                settle=_cohort_meant,
                is_needed=_learns,
            ),
            Step("check", "person_add_check", (("yes", "add_person"),)),
        ),
        _finish,
        way_on=_begun_from,
    ),
)
