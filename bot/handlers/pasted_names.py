"""A pasted list of names in a form: what was matched, asking about the unsure, counting them."""

from functools import partial
from typing import Any

from telegram import Update

from bot.context import WuxueContext
from bot.form_steps import Answers, Step
from curriculum.chain_list import Matched

# More unsure names than this are read out instead of asked about one by one.
MOST_ASKED = 8
NOBODY = "0"


def kept(found: Matched) -> dict[str, Any]:
    """A matched list as a form keeps it, under the answer `list`."""
    unsure = [
        {"written": one.written, "candidates": [list(c) for c in one.candidates]}
        for one in found.unsure[:MOST_ASKED]
    ]
    left_out = [*found.unknown, *(one.written for one in found.unsure[MOST_ASKED:])]
    return {
        "sure": list(found.sure),
        "unsure": unsure,
        "unknown": left_out,
        "away": list(found.away),
    }


def _is_unsure(place: int, answers: Answers) -> bool:
    return place < len(answers.get("list", {}).get("unsure", ()))


async def _candidates(
    update: Update, context: WuxueContext, answers: Answers, *, place: int
) -> list[tuple[str, str]]:
    """Whom a name may mean, and that it is none of them."""
    del update
    nobody = context.label("nobody_of_these", answers["language"])
    found = answers["list"]["unsure"][place]["candidates"]
    return [*((str(person_id), name) for person_id, name in found), (NOBODY, nobody)]


async def _unsure_facts(
    update: Update, context: WuxueContext, answers: Answers, *, place: int
) -> dict[str, Any]:
    del update, context
    matched = answers["list"]
    return {
        "sure": len(matched["sure"]),
        "left": len(matched["unsure"]) - place,
        "written": matched["unsure"][place]["written"],
    }


async def _counted(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["list"]
    return {
        "named": len(named(answers)),
        "unknown": found["unknown"],
        "away": found.get("away", []),
    }


def named(answers: Answers) -> list[int]:
    """Everybody the list names, with what was answered about the unsure."""
    matched = answers["list"]
    settled = [
        int(answers.get(f"unsure_{place}", NOBODY)) for place in range(len(matched["unsure"]))
    ]
    return [*dict.fromkeys([*matched["sure"], *(i for i in settled if i)])]


def _unsure_step(place: int) -> Step:
    return Step(
        f"unsure_{place}",
        "roll_unsure",
        offer=partial(_candidates, place=place),
        facts=partial(_unsure_facts, place=place),
        take=str,
        is_needed=partial(_is_unsure, place),
    )


# What follows the step "list": who each unsure name is, then how many that makes.
STEPS = (
    *(_unsure_step(place) for place in range(MOST_ASKED)),
    Step("sure", "roll_check", (("yes", "enter_list"),), facts=_counted),
)
