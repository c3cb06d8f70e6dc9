"""约时间 in chat: a day, then an hour; moving, cancelling, a missed session, undoing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from telegram import InlineKeyboardButton, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import turning, with_navigation
from bot.render import Renderer, entities
from bot.supervision_record_pages import pair_acts
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_booking as booking
from curriculum import supervision_free as free
from curriculum import supervision_pages as pages
from curriculum.errors import NotThere
from curriculum.facts import Facts
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_errors import SlotTaken
from curriculum.supervision_notices import View
from curriculum.supervision_pages import PairPage
from curriculum.supervision_pairs import IN_PERSON
from curriculum.supervision_slots import Slot
from scheduler.channel import Part

ON_A_PAGE = 6
PLACE_SHOWN = 6


async def opened(update: Update, context: WuxueContext) -> None:
    """One of her pairs."""
    speaker = await context.speaker(update)
    (pair_id,) = map(number, carried(update, "own_pair", 1))
    await show_pair(update, context, speaker, pair_id)
    await context.answer(update)


async def show_pair(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    pair_id: int,
    *,
    undo: View | None = None,
    is_new: bool = False,
) -> None:
    """A pair as she sees it, with what she can do now; `undo` is what she has just changed."""
    found = await context.read(pages.page, speaker, pair_id, now=context.now())
    keys = [
        buttons.press(context.label(label, speaker.language), *data)
        for label, data in _acts(found, undo)
    ]
    ways: list[tuple[str, tuple[Any, ...]]] = [("see_notes", ("notes", pair_id, 0))]
    if found.pair.ended_at is None:
        ways.insert(0, ("see_brief", ("brief", pair_id)))
    if found.accompanies:
        ways.append(("back_to_pairs", ("accompanied", 0)))
    navigation = [
        buttons.press(context.label(label, speaker.language), *data) for label, data in ways
    ]
    text = context.text("supervision_own", speaker.language, page=found, undo=undo)
    keyboard = with_navigation(keys, navigation)
    await show(update, context, text, keyboard, is_new=is_new, protected=True)


def _acts(found: PairPage, undo: View | None) -> list[tuple[str, tuple[Any, ...]]]:
    acts: list[tuple[str, tuple[Any, ...]]] = []
    session, pair = found.session, found.pair
    if undo is not None:
        acts.append(("undo", ("sup_undo", undo.version, undo.booking_id)))
    if pair.ended_at is None and not found.is_ahead:
        acts.append(
            ("propose_times", ("sup_propose", pair.pair_id))
            if found.accompanies
            else ("book_time", ("sup_days", pair.pair_id, 0, 0, 0))
        )
    if session is not None and found.is_ahead and pair.ended_at is None:
        marked = (session.version, session.booking_id)
        acts += [
            ("change_time", ("sup_move", *marked))
            if found.accompanies
            else ("change_time", ("sup_days", pair.pair_id, session.booking_id, marked[0], 0)),
            ("cancel_supervision", ("sup_cancel", *marked)),
            ("calendar_file", ("sup_calendar", session.booking_id)),
        ]
        if found.accompanies and session.mode == IN_PERSON:
            # The whole journey it is on.
            day = local_date(session.starts_at, ZONE)
            acts.append(("to_online", ("sup_online", f"{day:%Y%m%d}")))
    elif session is not None and session.has_begun and session.state == "booked":
        acts.append(("supervision_missed", ("sup_missed", session.version, session.booking_id)))
    acts += pair_acts(found)
    # What has just been done is taken back first; she comes to the rest from the page itself.
    if not found.accompanies and pair.ended_at is None and undo is None:
        asks = pair.change_asked_at is None
        label = "other_supervisor" if asks else "keep_supervisor"
        acts.append((label, ("other_supervisor", pair.pair_id, +asks)))
    return acts


async def days(update: Update, context: WuxueContext) -> None:
    """约时间 or 改时间: the days on which there is a free session."""
    speaker = await context.speaker(update)
    pair_id, booking_id, seen, page = map(number, carried(update, "sup_days", 4))
    await context.answer(update)
    await _show_days(update, context, speaker, (pair_id, booking_id, seen), page)


async def _show_days(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    what: tuple[int, int, int],
    page: int = 0,
    *,
    is_gone: bool = False,
) -> None:
    """`what` is the pair, the session to be moved (0 for a new one) and its version."""
    slots = await context.read(free.free_slots, speaker, what[0], now=context.now())
    open_days = list(dict.fromkeys(slot.local_date for slot in slots))
    language = speaker.language
    page_count = max(1, -(-len(open_days) // ON_A_PAGE))
    page = min(page, page_count - 1)
    keys = [
        buttons.press(
            context.services.renderer.day(day, language), "sup_hours", *what, f"{day:%Y%m%d}", 0
        )
        for day in open_days[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    ]
    navigation = turning(
        context, language, page, page_count, lambda other: buttons.data("sup_days", *what, other)
    )
    navigation.append(buttons.press(context.label("back", language), "own_pair", what[0]))
    text = context.text(
        "supervision_days",
        language,
        has_any=bool(open_days),
        is_gone=is_gone,
        is_move=bool(what[1]),
    )
    await show(update, context, text, with_navigation(keys, navigation), protected=True)


async def hours(update: Update, context: WuxueContext) -> None:
    """A day was chosen: its free sessions."""
    speaker = await context.speaker(update)
    *head, written, page_written = carried(update, "sup_hours", 5)
    what = (number(head[0]), number(head[1]), number(head[2]))
    page, day = number(page_written), _day(written)
    slots = await context.read(free.free_slots, speaker, what[0], now=context.now(), on=day)
    await context.answer(update)
    if not slots:
        await _show_days(update, context, speaker, what, is_gone=True)
        return
    language = speaker.language
    page_count = -(-len(slots) // ON_A_PAGE)
    page = min(page, page_count - 1)
    keys = [
        buttons.press(
            _hour(context.services.renderer, language, slot),
            "sup_take",
            *what,
            int(slot.starts_at.timestamp()) // 60,
        )
        for slot in slots[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
    ]
    navigation = turning(
        context,
        language,
        page,
        page_count,
        lambda other: buttons.data("sup_hours", *what, written, other),
    )
    navigation.append(buttons.press(context.label("back", language), "sup_days", *what, 0))
    visit = next((slot.place for slot in slots if slot.is_visit), "")
    text = context.text("supervision_free_hours", language, day=day, visit=visit)
    await show(update, context, text, with_navigation(keys, navigation), protected=True)


def _day(written: str) -> date:
    digits = f"{number(written):08d}"
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise NotThere from error


def _hour(renderer: Renderer, language: str, slot: Slot) -> str:
    return renderer.clock(slot.starts_at, language)


async def take(update: Update, context: WuxueContext) -> None:
    """An hour was chosen: it is hers, or she is told at once that it has gone, and what is left."""
    speaker = await context.speaker(update)
    pair_id, booking_id, seen, minutes = map(number, carried(update, "sup_take", 4))
    # What a date can be; only a forger sends more.
    if minutes >= datetime.max.replace(tzinfo=UTC).timestamp() // 60 - 1440:
        raise NotThere
    starts_at = datetime.fromtimestamp(minutes * 60, UTC)
    try:
        if booking_id:
            made = await context.in_session(
                booking.move, speaker, booking_id, starts_at, seen=seen, now=context.now()
            )
        else:
            made = await context.in_session(
                booking.book, speaker, pair_id, starts_at, now=context.now()
            )
    except SlotTaken as refusal:
        await context.answer(
            update, context.services.renderer.refusal(refusal, speaker.language), alert=True
        )
        what = (pair_id, booking_id, seen)
        await _show_days(update, context, speaker, what, is_gone=True)
        return
    await _done(update, context, speaker, made.id or 0)


async def _done(update: Update, context: WuxueContext, speaker: Speaker, booking_id: int) -> None:
    """Say that it is done, and show the pair with the way to undo it."""
    await context.answer(update, context.label("changed_toast", speaker.language))
    found = await context.read(pages.session_of, speaker, booking_id, now=context.now())
    await show_pair(update, context, speaker, found.pair_id, undo=found)
    context.send_what_is_due()


async def cancel(update: Update, context: WuxueContext) -> None:
    """取消督导."""
    await _change(update, context, "sup_cancel", booking.cancel)


async def missed(update: Update, context: WuxueContext) -> None:
    """没见成."""
    await _change(update, context, "sup_missed", booking.miss)


async def _change(update: Update, context: WuxueContext, verb: str, act: Any) -> None:
    speaker = await context.speaker(update)
    seen, booking_id = map(number, carried(update, verb, 2))
    await context.in_session(act, speaker, booking_id, seen=seen, now=context.now())
    await _done(update, context, speaker, booking_id)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销."""
    speaker = await context.speaker(update)
    seen, booking_id = map(number, carried(update, "sup_undo", 2))
    found = await context.in_session(
        booking.take_back, speaker, booking_id, seen=seen, now=context.now()
    )
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await show_pair(update, context, speaker, found.pair_id)
    context.send_what_is_due()


def word_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Booked, moved, cancelled or missed by the other."""
    found: View = facts.values["view"]
    keys: list[tuple[str, tuple[object, ...]]] = [("open_question", ("own_pair", found.pair_id))]
    if found.wants_answer:
        keys.insert(0, ("known", ("sup_known", found.version, found.booking_id)))
    if found.state != "missed":
        keys.append(("calendar_file", ("sup_calendar", found.booking_id)))
    return _parts(renderer, facts, "supervision_booking", keys)


def card_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """An hour before."""
    found: View = facts.values["view"]
    keys: list[tuple[str, tuple[object, ...]]] = [
        ("open_question", ("own_pair", found.pair_id)),
        ("see_brief", ("brief", found.pair_id)),
    ]
    if facts.values["actions"]:
        keys.append(("see_actions", ("sup_acts", found.pair_id)))
    return _parts(renderer, facts, "supervision_card", keys)


def ahead_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The day before, where no lesson could say it as a line."""
    keys = [("see_brief", ("brief", facts.values["view"].pair_id))]
    return _parts(renderer, facts, "supervision_ahead", keys, silent=True)


def _parts(
    renderer: Renderer,
    facts: Facts,
    template: str,
    keys: Sequence[tuple[str, tuple[object, ...]]],
    *,
    silent: bool = False,
) -> Sequence[Part]:
    text = renderer.text(template, facts.language, **facts.values)
    made: list[InlineKeyboardButton] = [
        buttons.press(renderer.label(label, facts.language), str(data[0]), *data[1:])
        for label, data in keys
    ]
    keyboard = buttons.rows(made) if made else None
    return [Part(Text(text.text, tuple(entities(text)), keyboard, protected=True), silent=silent)]


BUTTONS: dict[str, Act] = {
    "own_pair": opened,
    "sup_days": days,
    "sup_hours": hours,
    "sup_take": take,
    "sup_cancel": cancel,
    "sup_missed": missed,
    "sup_undo": take_back,
}
