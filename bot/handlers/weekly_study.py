"""共学 in chat: a learner's next session; for coordinators the series and each of its sessions."""

from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import gatherings
from bot.handlers.directory import with_navigation
from bot.taps import Act, carried, number
from curriculum import attendance, weekly_series
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.weekly_series import CHANGES, Line, Overview

ON_A_PAGE = 6


async def study(update: Update, context: WuxueContext) -> None:
    """/study, 共学: her own sessions, then the series she arranges."""
    speaker = await context.speaker(update)
    learns = speaker.may("learn")
    if not (learns or speaker.may("schedule")):
        raise NotThere
    if learns:
        await _own(context, speaker, is_alone=not speaker.may("schedule"))
    if speaker.may("schedule"):
        await _series(update, context, speaker)


async def _own(context: WuxueContext, speaker: Speaker, *, is_alone: bool) -> None:
    cards = await context.read(weekly_series.own, speaker, now=context.now())
    for card in cards:
        text, keyboard = gatherings.worded(context, speaker.language, card)
        await context.say(speaker.chat_id, text, keyboard)
    if not cards and is_alone:
        await context.say(speaker.chat_id, context.text("study_none", speaker.language))


async def _series(update: Update, context: WuxueContext, speaker: Speaker) -> None:
    """The series where there is one cohort, else which of them."""
    within = await context.read(weekly_series.cohorts_within, speaker)
    if len(within) == 1:
        await show_series(update, context, speaker, within[0][0], is_new=True)
        return
    await context.say(speaker.chat_id, *_choice(context, speaker, within, 0))


def _choice(
    context: WuxueContext, speaker: Speaker, within: list[tuple[int, str]], page: int
) -> tuple[Any, InlineKeyboardMarkup | None]:
    shown = within[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    keys = [buttons.press(name, "study", cohort_id) for cohort_id, name in shown]
    navigation = [
        buttons.press(context.label(name, speaker.language), "studies", other)
        for name, other in (("previous_page", page - 1), ("next_page", page + 1))
        if 0 <= other * ON_A_PAGE < len(within)
    ]
    text = context.text("study_choose", speaker.language, count=len(within))
    return text, with_navigation(keys, navigation) if keys else None


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of cohorts, or back to them."""
    speaker = await context.speaker(update)
    page = number(carried(update, "studies", 1)[0])
    within = await context.read(weekly_series.cohorts_within, speaker)
    await context.answer(update)
    await show(update, context, *_choice(context, speaker, within, page))


async def opened_series(update: Update, context: WuxueContext) -> None:
    """A cohort's series."""
    speaker = await context.speaker(update)
    cohort_id = number(carried(update, "study", 1)[0])
    await show_series(update, context, speaker, cohort_id)
    await context.answer(update)


async def show_series(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    cohort_id: int,
    *,
    is_new: bool = False,
) -> None:
    """The series as it stands, each session by its number."""
    found = await context.read(weekly_series.overview, speaker, cohort_id, now=context.now())
    lines = list(enumerate(found.lines[:ON_A_PAGE], start=1))
    keys = [buttons.press(str(place), "session", line.gathering_id) for place, line in lines]
    text = context.text("study_series", speaker.language, found=found, lines=lines)
    keyboard = with_navigation(keys, _series_acts(context, speaker.language, found))
    await show(update, context, text, keyboard, is_new=is_new)


def _series_acts(context: WuxueContext, language: str, found: Overview) -> list[Any]:
    label = "rearrange_series" if found.is_on else "begin_series"
    acts = [buttons.press(context.label(label, language), "series", found.cohort_id)]
    if found.is_on:
        end = context.label("end_series", language)
        acts.append(buttons.press(end, "series_end", found.cohort_id))
    return acts


async def opened_session(update: Update, context: WuxueContext) -> None:
    """One session, and what can be done about it."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "session", 1)[0])
    await show_session(update, context, speaker, gathering_id)
    await context.answer(update)


async def show_session(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    gathering_id: int,
    *,
    may_undo: bool = False,
) -> None:
    """One session for whoever arranges it, as it stands now."""
    line = await context.read(weekly_series.line, speaker, gathering_id, now=context.now())
    language = speaker.language
    keys = [
        buttons.press(context.label(label, language), verb, gathering_id)
        for label, verb in _session_acts(line)
    ]
    if may_undo:
        undo = context.label("undo", language)
        keys.append(buttons.press(undo, "call_on", line.version, gathering_id))
    back = buttons.press(context.label("back_to_series", language), "study", line.cohort_id)
    text = context.text("study_session", language, line=line, may_undo=may_undo)
    await show(update, context, text, with_navigation(keys, [back]))


def _session_acts(line: Line) -> list[tuple[str, str]]:
    if line.state != "planned":
        return [("call_roll", "roll")] if line.state == "skipped" else []
    acts: list[tuple[str, str]] = []
    if not line.has_begun:
        acts += [("change_time", "move_study"), ("call_off", "call_off")]
        acts += leading_acts(line)
        if line.rooms:
            acts.append(("see_rooms", "rooms"))
        elif line.may_split:
            acts.append(("split_rooms", "split"))
    elif line.rooms:
        acts.append(("see_rooms", "rooms"))
    else:
        acts += calling_acts(line)
    return acts


def leading_acts(line: Line) -> list[tuple[str, str]]:
    """What is done about the turn of a session that meets whole, or of a room, before it begins."""
    if line.rooms:
        return []
    acts = [("change_leader", "leaders")]
    return acts if line.is_confirmed else [*acts, ("i_lead", "lead")]


def calling_acts(line: Line) -> list[tuple[str, str]]:
    """The roll, and the minutes: to be written, or what they tell of good practice."""
    minutes = ("write_minutes", "minutes")
    return [
        ("call_roll", "roll"),
        ("nominate_story", "minutes_stories") if line.has_minutes else minutes,
    ]


async def ask_why_off(update: Update, context: WuxueContext) -> None:
    """取消共学: how many are told, and why; a reason does it."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "call_off", 1)[0])
    line = await context.read(weekly_series.line, speaker, gathering_id, now=context.now())
    keys = [
        buttons.press(
            context.label(f"change_{reason}", speaker.language),
            "called_off",
            line.version,
            gathering_id,
            reason,
        )
        for reason in CHANGES
    ]
    back = buttons.press(context.label("back", speaker.language), "session", gathering_id)
    await context.answer(update)
    text = context.text("study_call_off", speaker.language, line=line)
    await show(update, context, text, with_navigation(keys, [back]))


async def called_off(update: Update, context: WuxueContext) -> None:
    """A reason was chosen: it does not take place."""
    speaker = await context.speaker(update)
    seen, gathering, reason = carried(update, "called_off", 3)
    if reason not in CHANGES:
        raise NotThere
    await context.in_session(
        attendance.call_off,
        speaker,
        number(gathering),
        reason=reason,
        seen=number(seen),
        now=context.now(),
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_session(update, context, speaker, number(gathering), may_undo=True)


async def called_on(update: Update, context: WuxueContext) -> None:
    """撤销 of a cancelling, before anybody was told."""
    speaker = await context.speaker(update)
    seen, gathering_id = map(number, carried(update, "call_on", 2))
    await context.in_session(
        attendance.call_on, speaker, gathering_id, seen=seen, now=context.now()
    )
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await show_session(update, context, speaker, gathering_id)


BUTTONS: dict[str, Act] = {
    "studies": turned,
    "study": opened_series,
    "session": opened_session,
    "call_off": ask_why_off,
    "called_off": called_off,
    "call_on": called_on,
}
