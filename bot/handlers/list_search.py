"""查找 in a list: words are asked for, and the list that was looked at shows what holds them."""

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers import (
    certificates,
    supervision,
    supervision_actions,
    supervision_capacity,
    supervision_handover,
    supervision_notes,
    supervision_queue,
    supervision_record_lists,
    supervision_trips,
    visit_for,
    visit_log,
    visit_people,
    visit_return,
    visit_roll,
    visit_steps,
)
from bot.handlers.numbered_pages import SEARCH
from bot.taps import carried, number
from curriculum import directory
from curriculum.errors import NotThere

Show = Callable[[Update, WuxueContext, int, str], Coroutine[Any, Any, None]]
# Each list that is searched: how it shows what holds the words, and the button back to all of it.
PLACES: dict[str, tuple[Show, tuple[str, ...]]] = {
    "own_certificates": (certificates.show_own, ("own_certificates", "own_certificates", "0")),
    "accompanied": (supervision.show_found, ("back_to_pairs", "accompanied", "0")),
    "sup_trips": (supervision_trips.show_list, ("sup_trips", "sup_trips", "0")),
    "sup_queue": (supervision_queue.show_queue, ("sup_queue", "sup_queue", "0")),
    "sup_need": (supervision_capacity.show_found, ("sup_need", "sup_need", "{object}", "0")),
    "sup_acts": (supervision_actions.show_list, ("see_actions", "sup_acts", "{object}")),
    "old_notes": (supervision_notes.show_old, ("old_notes", "old_notes", "0")),
    "sup_unwritten": (supervision_record_lists.show_unwritten, ("back", "sup_unwritten", "0")),
    "handovers": (supervision_handover.show_page_of, ("back", "handovers", "{object}")),
    "visit_logs": (visit_log.show_list, ("visit_read", "visit_logs", "{object}", "0")),
    "visit_returns": (visit_return.show_list, ("visit_others", "visit_returns", "{object}", "0")),
    "visit_for": (visit_for.show_list, ("visit_for", "visit_for", "{object}", "0")),
    "visit_steps": (visit_steps.show_list, ("visit_steps", "visit_steps", "{object}")),
    "visit_list": (visit_people.show_found, ("visit_lists", "visit_lists", "{object}")),
    "visit_names": (
        partial(visit_roll.show_found, verb="visit_names"),
        ("visit_names", "visit_names", "{object}", "0"),
    ),
    "visit_by_day": (
        partial(visit_roll.show_found, verb="visit_by_day"),
        ("visit_by_day", "visit_by_day", "{object}", "0"),
    ),
}


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """查找: asks for the words."""
    speaker = await context.speaker(update)
    place, object_id = carried(update, SEARCH, 2)
    if place not in PLACES:
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "place": place,
        "object": number(object_id),
        "language": speaker.language,
    }
    await forms.start(update, context, SEARCH, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    show, _ = PLACES[answers["place"]]
    speaker = await context.speaker(update)
    await context.in_session(drop, context, speaker.chat_id, SEARCH)
    await show(update, context, answers["object"], answers["words"])


def _back(answers: Answers) -> tuple[str, ...]:
    """The list that was searched."""
    return PLACES[answers["place"]][1]


FORM_BUTTONS = {SEARCH: begin}
FORMS = (
    Form(
        SEARCH,
        (Step("words", "list_search", take=directory.searched),),
        _finish,
        way_on=_back,
    ),
)
