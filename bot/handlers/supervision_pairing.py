"""结对 as a form: who, with whom, how often, how, until when."""

from datetime import date

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers.supervision_pairs import PAIR, TO_PAIRS, UNDO, begin, show_pair
from bot.taps import number
from curriculum import supervision_pairing as pairing
from curriculum import supervision_pairs as pairs
from curriculum.errors import NotThere
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.supervision_pairs import FREQUENCIES, MODES
from curriculum.written_times import read_date

# Marks what was pressed from what was typed.
PRESSED = "#"
OPEN_END, YES = "open", "yes"
OFFERED = 6


async def make(update: Update, context: WuxueContext, forms: Forms) -> None:
    """结对: who, with whom, how often, how, until when."""
    await begin(update, context, forms, PAIR)


async def _worker(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, object]:
    """The worker typed, somebody who has a supervisor to choose from, as {"id", "name"}."""
    del answers
    speaker = await context.speaker(update)
    found = await context.read(pairing.worker_named, speaker, came, now=context.now())
    await context.read(pairing.supervisors_for, speaker, found.person_id, now=context.now())
    return {"id": found.person_id, "name": found.name}


async def _supervisors(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    found = await _choosable(update, context, answers)
    return [(f"{PRESSED}{person_id}", name) for person_id, name in list(found.items())[:OFFERED]]


async def _choosable(update: Update, context: WuxueContext, answers: Answers) -> dict[int, str]:
    speaker = await context.speaker(update)
    found = await context.read(
        pairing.supervisors_for, speaker, answers["worker"]["id"], now=context.now()
    )
    return {one.person_id: one.name for one in found}


async def _supervisor(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, object]:
    """The supervisor pressed, or the one of the name typed, as {"id", "name"}."""
    found = await _choosable(update, context, answers)
    if came.startswith(PRESSED):
        person_id = number(came.removeprefix(PRESSED))
    else:
        person_id = pairs.one_named(found, came)
    if person_id not in found:
        raise NotThere
    return {"id": person_id, "name": found[person_id]}


async def settle_last_day(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> str:
    """The last day as an ISO date, "" for none; DateNotUnderstood, PairEndNotPossible."""
    del update, answers
    if came == OPEN_END:
        return ""
    today = local_date(context.now(), ZONE)
    day = read_date(came, today=today)
    pairs.usable_end(day, today=today)
    return day.isoformat()


async def _end_read_back(
    update: Update, context: WuxueContext, answers: Answers
) -> dict[str, date | None]:
    del update, context
    return {"end_on": _day(answers)}


def _day(answers: Answers) -> date | None:
    return date.fromisoformat(answers["last_day"]) if answers["last_day"] else None


async def _finish_pair(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        made = pairs.assign(
            session,
            speaker,
            worker_id=answers["worker"]["id"],
            supervisor_id=answers["supervisor"]["id"],
            every_months=int(answers["every"]),
            mode=answers["mode"],
            last_day=_day(answers),
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, PAIR)
        return made.id or 0

    pair_id = await context.in_session(store)
    await show_pair(update, context, speaker, pair_id, undo=UNDO)


FORM_BUTTONS = {PAIR: make}
FORMS = (
    Form(
        PAIR,
        (
            Step("worker", "supervision_worker", settle=_worker),
            Step("supervisor", "supervision_supervisor", offer=_supervisors, settle=_supervisor),
            Step("every", "supervision_every", tuple((str(n), f"every_{n}") for n in FREQUENCIES)),
            Step("mode", "supervision_mode", tuple((mode, f"mode_{mode}") for mode in MODES)),
            Step(
                "last_day",
                "supervision_last_day",
                ((OPEN_END, "no_end"),),
                settle=settle_last_day,
                also_typed=True,
            ),
            Step("sure", "supervision_pair_check", ((YES, "confirm"),), facts=_end_read_back),
        ),
        _finish_pair,
        way_on=TO_PAIRS,
    ),
)
