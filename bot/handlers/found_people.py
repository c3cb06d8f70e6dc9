"""Looking somebody up in a form: words, then which of those found; where a name must be pressed."""

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Update

from bot.context import WuxueContext
from bot.form_steps import Answers, Step
from bot.taps import number
from curriculum.errors import NotThere

# Looks for the words; what it gives has `people` as (id, name) and the `count` of all who fit.
Search = Callable[[Update, WuxueContext, Answers, str], Awaitable[Any]]


def steps(search: Search, asks: str, shows: str) -> tuple[Step, Step]:
    """The steps "words" and "who"; `asks` and `shows` are their templates."""

    async def words(
        update: Update, context: WuxueContext, answers: Answers, came: str
    ) -> dict[str, Any]:
        found = await search(update, context, answers, came)
        people = [list(one) for one in found.people]
        return {"words": came, "people": people, "count": found.count}

    return (
        Step("words", asks, settle=words),
        Step("who", shows, offer=_people, facts=_found, take=_who),
    )


def chosen(answers: Answers) -> tuple[int, str]:
    """(id, name) of who was pressed; raises NotThere for a typed number that means nobody."""
    person_id, people = int(answers["who"]), dict(answers["words"]["people"])
    if person_id not in people:
        raise NotThere
    return person_id, people[person_id]


async def _people(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update, context
    return [(str(person_id), name) for person_id, name in answers["words"]["people"]]


async def _found(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["words"]
    return {"words": found["words"], "count": found["count"], "shown": len(found["people"])}


def _who(came: str) -> str:
    """One that was pressed; a name typed here would have to be looked for."""
    return str(number(came))
