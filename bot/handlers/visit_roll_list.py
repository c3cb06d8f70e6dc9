"""贴接龙 on the roll of a visit: of which day, who was there, and whether the others were not."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from telegram import Update

from bot.context import WuxueContext
from bot.form_steps import Answers, Step
from bot.handlers import pasted_names
from bot.handlers.visit_roll import PASTE, a_day, read_day
from curriculum import visit_roll_list

# A list of all the days of the journey; one whose other people were not there either.
WHOLE, WITH_OTHERS = "whole", "others"
# More names than this are counted and not read out.
NAMES_READ = 8


def _list_begun(days: list[date]) -> Answers:
    return {"days": [[day.isoformat()] for day in days], "day": "" if days[1:] else WHOLE}


async def _list_days(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    del update
    renderer, language = context.services.renderer, answers["language"]
    days = [date.fromisoformat(day) for (day,) in answers["days"]]
    named = [(day.isoformat(), renderer.day(day, language)) for day in days]
    return [(WHOLE, context.label("visit_whole", language)), *named]


def _a_span(came: str) -> str:
    return WHOLE if came == WHOLE else a_day(came)


def _list_day(answers: Answers) -> date | None:
    """The day a list is of; None for all days."""
    return None if answers["day"] == WHOLE else read_day(answers["day"])


async def _others(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[int, str]]:
    """Who stands as there and is not on the list."""
    speaker = await context.speaker(update)
    known = {*pasted_names.named(answers), *answers["list"]["absent"]}
    return await context.read(
        visit_roll_list.left_out,
        speaker,
        answers["visit"],
        known,
        day=_list_day(answers),
        now=context.now(),
    )


async def _offer_others(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    """其他人没去, where there are any."""
    if not await _others(update, context, answers):
        return []
    return [(WITH_OTHERS, context.label("visit_others_absent", answers["language"]))]


async def _list_counted(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    others = await _others(update, context, answers)
    found = answers["list"]
    return {
        "named": len(pasted_names.named(answers)),
        "absent": len(found["absent"]),
        "away": found["away"],
        "unknown": found["unknown"],
        "others": [name for _, name in others[:NAMES_READ]],
        "more": max(0, len(others) - NAMES_READ),
        "on": _list_day(answers),
    }


def _entering(answers: Answers) -> dict[str, Any]:
    return {
        "absent": answers["list"]["absent"],
        "with_others": answers["sure"] == WITH_OTHERS,
        "day": _list_day(answers),
    }


LIST = pasted_names.PastedRoll(
    form=PASTE,
    verb=PASTE,
    of="visit",
    opened=visit_roll_list.days,
    match=visit_roll_list.match,
    enter=visit_roll_list.enter,
    entered="visit_roll_entered",
    back=("visit_roll", "visit_roll"),
    before=(
        Step(
            "day",
            "visit_roll_paste_day",
            offer=_list_days,
            take=_a_span,
            is_needed=lambda answers: not answers["day"],
        ),
    ),
    check=Step(
        "sure",
        "visit_roll_check",
        (pasted_names.ENTER,),
        offer=_offer_others,
        facts=_list_counted,
    ),
    begun=_list_begun,
    more=_entering,
)
FORM_BUTTONS = {LIST.verb: LIST.begin}
FORMS = (LIST.as_form(),)
