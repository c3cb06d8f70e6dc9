"""小组督导 in chat: the supervisor sets a session with several, each says 能去 or 去不了."""

import re
from datetime import datetime
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.supervision_group_messages import answers_of, calendar_of
from bot.taps import Act, carried, number
from curriculum import supervision_group_changes as changes
from curriculum import supervision_group_ideas as ideas
from curriculum import supervision_group_words as words
from curriculum import supervision_groups as rules
from curriculum import supervision_lists as lists
from curriculum import supervision_pairs as pairs
from curriculum import supervision_proposals as proposals
from curriculum.clean_text import clean
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_group_words import GroupView
from curriculum.supervision_pairs import IN_PERSON, ONLINE
from curriculum.supervision_times import usable_place
from curriculum.supervision_words import UNDO

TOGETHER = "sup_together"
IDEA, ALL, YES, AGAIN, LATER = "idea", "all", "yes", "again", "later"
SHOWN = 6


async def overview(update: Update, context: WuxueContext) -> None:
    """小组督导: those still to be written down or to come, and setting a new one."""
    speaker = await context.speaker(update)
    speaker.require("supervise")
    carried(update, "sup_groups", 1)
    begun = await context.read(words.unwritten_groups, speaker, now=context.now())
    every = await context.read(words.own_groups, speaker, now=context.now())
    hers = [*begun, *(one for one in every if one.accompanies)]
    lines = list(enumerate(hers[:SHOWN], start=1))
    language = speaker.language
    keys = [buttons.press(str(place), "sup_group", one.group_id) for place, one in lines]
    navigation = [
        buttons.press(context.label("set_group", language), TOGETHER, 0),
        buttons.press(context.label("record_group", language), "sup_record_group", 0),
        buttons.press(context.label("back_to_pairs", language), "accompanied", 0),
    ]
    await context.answer(update)
    text = context.text("supervision_groups", language, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation), protected=True)


async def opened(update: Update, context: WuxueContext) -> None:
    """One session with several."""
    speaker = await context.speaker(update)
    (group_id,) = map(number, carried(update, "sup_group", 1))
    await show_group(update, context, speaker, group_id)
    await context.answer(update)


async def show_group(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    group_id: int,
    *,
    is_new: bool = False,
) -> None:
    """A session with several as the reader sees it, with what she can do now."""
    now = context.now()
    found = await context.read(words.view, group_id, speaker.person_id, now=now)
    language = speaker.language
    is_fresh = now - found.changed_at <= UNDO and not found.has_begun
    may_undo = found.accompanies and found.is_undoable and is_fresh
    keys = [
        buttons.press(context.label(label, language), *data)
        for label, data in _acts(found, may_undo=may_undo)
    ]
    back = ("sup_groups", 0) if found.accompanies else ("sup_mine", 0)
    navigation = [buttons.press(context.label("back_to_pairs", language), *back)]
    text = context.text("supervision_group_page", language, view=found, may_undo=may_undo)
    keyboard = with_navigation(keys, navigation)
    await show(update, context, text, keyboard, is_new=is_new, protected=True)


def _acts(found: GroupView, *, may_undo: bool) -> list[tuple[str, tuple[Any, ...]]]:
    acts: list[tuple[str, tuple[Any, ...]]] = []
    if may_undo:
        acts.append(("undo", ("sup_gundo", found.version, found.group_id)))
    if found.state == "planned" and not found.has_begun:
        if found.accompanies:
            acts += [
                ("change_time", ("sup_gmove", found.version, found.group_id)),
                ("cancel_group", ("sup_gcancel", found.version, found.group_id)),
            ]
        else:
            acts += answers_of(found)
        acts.append(calendar_of(found))
    elif found.state == "planned" and found.accompanies:
        acts.append(("record_group", ("sup_grec", found.group_id)))
    return acts


async def answer(update: Update, context: WuxueContext) -> None:
    """能去 or 去不了."""
    speaker = await context.speaker(update)
    comes, group_id = map(number, carried(update, "sup_seat", 2))
    await context.in_session(rules.answer, speaker, group_id, comes=bool(comes), now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_group(update, context, speaker, group_id)


async def cancel(update: Update, context: WuxueContext) -> None:
    """取消小组."""
    await _change(update, context, "sup_gcancel", changes.cancel, "changed_toast")


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销."""
    await _change(update, context, "sup_gundo", changes.take_back, "taken_back_toast")


async def _change(update: Update, context: WuxueContext, verb: str, act: Any, toast: str) -> None:
    speaker = await context.speaker(update)
    seen, group_id = map(number, carried(update, verb, 2))
    await context.in_session(act, speaker, group_id, seen=seen, now=context.now())
    await context.answer(update, context.label(toast, speaker.language))
    await show_group(update, context, speaker, group_id)
    context.send_what_is_due()


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """定小组: who, when, how."""
    speaker = await context.speaker(update)
    speaker.require("supervise")
    carried(update, TOGETHER, 1)
    await context.answer(update)
    await forms.start(update, context, TOGETHER, {"language": speaker.language})


async def _offered(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """Those who could meet together by the hours, and all of hers where they are few enough."""
    del answers
    speaker = await context.speaker(update)
    language = speaker.language
    found = []
    idea = await context.read(ideas.own_idea, speaker, now=context.now())
    if idea is not None:
        found.append((IDEA, context.label("group_idea", language)))
    hers = await context.read(lists.accompanied, speaker, now=context.now())
    if rules.FEWEST <= len(hers) <= rules.MOST:
        found.append((ALL, context.label("group_all", language)))
    return found


async def _who(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> list[dict[str, Any]]:
    """The pairs chosen, as {"id", "name"}: pressed, or named 、 by 、."""
    del answers
    speaker = await context.speaker(update)
    hers = {
        row.pair_id: row
        for row in await context.read(lists.accompanied, speaker, now=context.now())
    }
    if came == IDEA:
        idea = await context.read(ideas.own_idea, speaker, now=context.now())
        chosen = [row.pair_id for row in idea.workers] if idea else []
    elif came == ALL:
        chosen = list(hers)
    else:
        names = {pair_id: row.worker for pair_id, row in hers.items()}
        written = [one for one in re.split(r"[、,，;；\s]+", clean(came)) if one]
        chosen = [pairs.one_named(names, one) for one in written]
    rows = await context.read(rules.pairs_chosen, speaker, chosen, now=context.now())
    return [{"id": row.pair_id, "name": row.worker} for row in rows]


async def _moment(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, answers
    now = context.now()
    return proposals.read_one(came, today=local_date(now, ZONE), now=now).isoformat()


async def _read_back(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    del update, context
    return {
        "at": datetime.fromisoformat(answers["moment"]),
        "names": [one["name"] for one in answers["who"]],
    }


def _place(written: str) -> str:
    return "" if written == LATER else usable_place(written)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> int:
        made = rules.set_group(
            session,
            speaker,
            [one["id"] for one in answers["who"]],
            datetime.fromisoformat(answers["moment"]),
            mode=answers["mode"],
            place=answers.get("place", ""),
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, TOGETHER)
        return made.id or 0

    group_id = await context.in_session(store)
    await show_group(update, context, speaker, group_id)
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {
    "sup_groups": overview,
    "sup_group": opened,
    "sup_seat": answer,
    "sup_gcancel": cancel,
    "sup_gundo": take_back,
}
FORM_BUTTONS = {TOGETHER: begin}
FORMS = (
    Form(
        TOGETHER,
        (
            Step("who", "supervision_together", offer=_offered, settle=_who),
            Step("moment", "supervision_together_when", settle=_moment),
            Step(
                "mode",
                "supervision_mode",
                ((ONLINE, "mode_online"), (IN_PERSON, "mode_in_person")),
            ),
            Step(
                "place",
                "supervision_meet_at",
                ((LATER, "place_later"),),
                _place,
                also_typed=True,
                is_needed=lambda answers: answers.get("mode") == IN_PERSON,
            ),
            Step(
                "sure",
                "supervision_together_check",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_read_back,
                returns={AGAIN: "moment"},
            ),
        ),
        _finish,
        protected=True,
        way_on=("sup_groups", "sup_groups", "0"),
    ),
)
