"""贴接龙 on the roll of a visit: of which day, who was there, and whether the others were not."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import pasted_names
from bot.handlers.visit_roll import PASTE, a_day, read_day, roll_page
from curriculum import visit_roll, visit_roll_list
from curriculum.visit_roll import RollPage
from curriculum.visit_roll_list import Entered

ENTERED, UNDO = "visit_roll_entered", "undo"

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


async def _entered(
    update: Update, context: WuxueContext, answers: Answers, entered: Entered
) -> None:
    """What was entered, with 撤销 while it can be had."""
    begun: Answers = {
        "visit": answers["visit"],
        "day": entered.day.isoformat() if entered.day else "",
        "there": entered.there,
        "absent": entered.absent,
        "changes": [[line, day.isoformat(), *was] for line, day, *was in entered.changes],
        "at": context.now().isoformat(),
        "language": answers["language"],
    }
    await Forms(*FORMS).start(update, context, ENTERED, begun)


async def _what_was(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    day = read_day(answers["day"]) if answers["day"] else None
    return {"entered": Entered(day, answers["there"], answers["absent"])}


async def _finish_entered(update: Update, context: WuxueContext, answers: Answers) -> None:
    """撤销, or on to the roll."""
    speaker, visit_id = await context.speaker(update), int(answers["visit"])
    changes = [(line, read_day(day), was, since) for line, day, was, since in answers["changes"]]

    def store(session: Session) -> RollPage:
        now = context.now()
        drop(session, context, speaker.chat_id, ENTERED)
        if answers["next"] == UNDO:
            at = datetime.fromisoformat(answers["at"])
            visit_roll_list.undo(session, speaker, visit_id, changes, entered_at=at, now=now)
        return visit_roll.roll(session, speaker, visit_id, now=now)

    found = await context.in_session(store)
    await show(update, context, *roll_page(context, speaker, found))


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
    after=_entered,
)
FORM_BUTTONS = {LIST.verb: LIST.begin}
FORMS = (
    LIST.as_form(),
    Form(
        ENTERED,
        (
            Step(
                "next",
                "visit_roll_entered",
                ((UNDO, "undo"), ("on", "visit_roll")),
                facts=_what_was,
            ),
        ),
        _finish_entered,
        can_cancel=False,
    ),
)
