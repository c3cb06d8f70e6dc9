"""分组 in chat: splitting a large session into rooms, each room by itself, joining them again."""

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.study_changes import ALONE, FOLLOWING, GROUP, YES
from bot.handlers.weekly_study import calling_acts, leading_acts, show_session
from bot.taps import Act, carried, number
from curriculum import room_seats, weekly_rooms, weekly_series
from curriculum.errors import NotThere
from curriculum.gatherings import WEEKLY
from curriculum.people import Speaker
from curriculum.weekly_series import Line

SPLIT, JOIN, LINK, SAME = "study_split", "study_join", "study_room_link", "same"
NUMBERS = range(2, room_seats.MOST_ROOMS + 1)


async def opened(update: Update, context: WuxueContext) -> None:
    """看分组: every room of a session."""
    speaker = await context.speaker(update)
    await _show_rooms(update, context, speaker, number(carried(update, "rooms", 1)[0]))
    await context.answer(update)


async def _show_rooms(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    gathering_id: int,
    *,
    is_fresh: bool = False,
) -> None:
    """The rooms as they stand; the session itself where it meets whole by now."""
    language, now = speaker.language, context.now()
    rooms = await context.read(weekly_series.room_lines, speaker, gathering_id, now=now)
    if not rooms:
        await show_session(update, context, speaker, gathering_id)
        return
    line = await context.read(weekly_series.line, speaker, gathering_id, now=now)
    keys = [buttons.press(str(room.room), "room", room.gathering_id) for room in rooms]
    navigation = [
        buttons.press(context.label("back_to_series", language), "session", line.gathering_id)
    ]
    if line.state == "planned" and not line.has_begun:
        join = context.label("join_rooms", language)
        navigation.insert(0, buttons.press(join, "join", line.gathering_id))
    text = context.text("study_rooms", language, line=line, rooms=rooms, is_fresh=is_fresh)
    await show(update, context, text, with_navigation(keys, navigation))


async def opened_room(update: Update, context: WuxueContext) -> None:
    """One room, and what can be done about it."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "room", 1)[0])
    await _show_room(update, context, speaker, gathering_id)
    await context.answer(update)


async def _show_room(
    update: Update, context: WuxueContext, speaker: Speaker, gathering_id: int
) -> None:
    room = await context.read(weekly_series.room_line, speaker, gathering_id, now=context.now())
    language = speaker.language
    keys = [
        buttons.press(context.label(label, language), verb, gathering_id)
        for label, verb in _acts(room)
    ]
    if room.state == "planned" and not room.has_begun:
        change = context.label("change_room", language)
        keys.append(buttons.press(change, "seats", gathering_id, 0))
    back = buttons.press(context.label("back_to_rooms", language), "rooms", gathering_id)
    text = context.text("study_room", language, room=room)
    await show(update, context, text, with_navigation(keys, [back]))


def _acts(room: Line) -> list[tuple[str, str]]:
    if room.state != "planned":
        return []
    if room.has_begun:
        return calling_acts(room)
    return [*leading_acts(room), ("change_link", "room_link")]


async def begin_split(update: Update, context: WuxueContext, forms: Forms) -> None:
    """分组: how many, from when on, where each meets."""
    speaker, line = await _line(update, context, "split")
    if not line.may_split or line.rooms:
        raise NotThere
    await context.answer(update)
    await forms.start(update, context, SPLIT, _answers(speaker, line))


async def begin_join(update: Update, context: WuxueContext, forms: Forms) -> None:
    """合在一起: this session, or all that follow too."""
    speaker, line = await _line(update, context, "join")
    if not line.rooms:
        raise NotThere
    await context.answer(update)
    scope = {} if line.in_series else {"scope": ALONE}
    await forms.start(update, context, JOIN, _answers(speaker, line) | scope)


async def begin_link(update: Update, context: WuxueContext, forms: Forms) -> None:
    """换链接 of one room."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "room_link", 1)[0])
    room = await context.read(weekly_series.room_line, speaker, gathering_id, now=context.now())
    await context.answer(update)
    await forms.start(update, context, LINK, _answers(speaker, room))


async def _line(update: Update, context: WuxueContext, verb: str) -> tuple[Speaker, Line]:
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, verb, 1)[0])
    line = await context.read(weekly_series.line, speaker, gathering_id, now=context.now())
    return speaker, line


def _answers(speaker: Speaker, line: Line) -> Answers:
    # Only the weekly study has sessions that follow as it is.
    scope = {} if line.kind == WEEKLY else {"scope": ALONE}
    return scope | {
        "gathering": line.gathering_id,
        "seen": line.version,
        "people": line.people,
        "told": line.people,
        "fewest": max(2, room_seats.rooms_for(line.people)),
        "in_series": line.in_series,
        "weekly": line.kind == WEEKLY,
        "language": speaker.language,
    }


async def _links(update: Update, context: WuxueContext, answers: Answers, came: str) -> list[str]:
    """A link for each room, or none where all stay where they are."""
    del update, context
    return [] if came == SAME else weekly_rooms.read_places(came, int(answers["rooms"]))


async def _previewed(update: Update, context: WuxueContext, answers: Answers) -> Mapping[str, Any]:
    """Who would sit where, in numbers."""
    speaker = await context.speaker(update)
    found = await context.read(
        weekly_rooms.preview, speaker, answers["gathering"], int(answers["rooms"])
    )
    return {"shown": list(found.rooms)}


async def _finish_split(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        weekly_rooms.split(
            session,
            speaker,
            answers["gathering"],
            int(answers["rooms"]),
            places=answers["places"],
            is_whole=answers["scope"] == FOLLOWING,
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, SPLIT)

    await context.in_session(store)
    await _show_rooms(update, context, speaker, answers["gathering"], is_fresh=True)


async def _finish_join(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        weekly_rooms.merge(
            session,
            speaker,
            answers["gathering"],
            is_whole=answers["scope"] == FOLLOWING,
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, JOIN)

    await context.in_session(store)
    await show_session(update, context, speaker, answers["gathering"])


def _place(written: str) -> str:
    return "" if written == GROUP else weekly_rooms.read_places(written, 1)[0]


async def _finish_link(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        weekly_rooms.change_place(
            session,
            speaker,
            answers["gathering"],
            answers["place"],
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, LINK)

    await context.in_session(store)
    await _show_room(update, context, speaker, answers["gathering"])


def _is_of_series(answers: Answers) -> bool:
    return bool(answers["weekly"])


def _is_asked_scope(answers: Answers) -> bool:
    return bool(answers["in_series"])


_SCOPES = ((ALONE, "only_this"), (FOLLOWING, "change_series"))
BUTTONS: dict[str, Act] = {"rooms": opened, "room": opened_room}
FORM_BUTTONS = {"split": begin_split, "join": begin_join, "room_link": begin_link}
FORMS = (
    Form(
        SPLIT,
        (
            Step("rooms", "study_split", tuple((str(n), f"rooms_{n}") for n in NUMBERS)),
            Step("scope", "study_scope", _SCOPES, is_needed=_is_of_series),
            Step(
                "places",
                "study_room_links",
                ((SAME, "same_places"),),
                settle=_links,
                also_typed=True,
            ),
            Step("sure", "study_split_check", ((YES, "confirm"),), facts=_previewed),
        ),
        _finish_split,
        way_on=("back_to_session", "session", "{gathering}"),
        asks_again=True,
    ),
    Form(
        JOIN,
        (
            Step("scope", "study_scope", _SCOPES, is_needed=_is_asked_scope),
            Step("sure", "study_join", ((YES, "join_rooms"),)),
        ),
        _finish_join,
        way_on=("back_to_session", "session", "{gathering}"),
        asks_again=True,
    ),
    Form(
        LINK,
        (Step("place", "study_room_link", ((GROUP, "in_work_group"),), _place, also_typed=True),),
        _finish_link,
        way_on=("back_to_rooms", "rooms", "{gathering}"),
    ),
)
