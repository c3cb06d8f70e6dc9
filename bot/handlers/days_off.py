"""节假日, /calendar in chat: a pasted notice, what it touches, saved or taken back.

What follows by rule (weekly sessions) and what is asked (supervision) come together here, since
no study knows another.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import days_off as rules
from curriculum import supervision_group_holidays as groups
from curriculum import supervision_holidays as holidays
from curriculum import supervision_pages as pages
from curriculum import weekly_calendar
from curriculum.facts import Facts
from curriculum.holiday_notices import NoticeDay, read_notice
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_notices import View
from scheduler.channel import Part

NOTICE = "holiday_notice"
YES, AGAIN = "yes", "again"
SHOWN = 8


async def overview(update: Update, context: WuxueContext) -> None:
    """/calendar, 节假日: the days known to come, and pasting a notice."""
    speaker = await context.speaker(update)
    await _show(update, context, speaker, is_new=True)


async def again(update: Update, context: WuxueContext) -> None:
    """Back to them."""
    speaker = await context.speaker(update)
    carried(update, "days_off", 1)
    await context.answer(update)
    await _show(update, context, speaker)


async def _show(
    update: Update, context: WuxueContext, speaker: Speaker, *, is_new: bool = False
) -> None:
    found = await context.read(rules.coming, speaker, now=context.now())
    language = speaker.language
    text = context.text("days_off", language, days=found[:SHOWN], more=max(0, len(found) - SHOWN))
    key = buttons.press(context.label("paste_notice", language), NOTICE, 0)
    await show(update, context, text, buttons.row(key), is_new=is_new)


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """贴通知."""
    speaker = await context.speaker(update)
    speaker.require(rules.RIGHT)
    carried(update, NOTICE, 1)
    await context.answer(update)
    await forms.start(update, context, NOTICE, {"language": speaker.language})


async def _read(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> list[list[Any]]:
    del update, answers
    found = read_notice(came, today=local_date(context.now(), ZONE))
    return [[one.day.isoformat(), one.is_worked, one.name] for one in found]


def _notice(answers: Answers) -> list[NoticeDay]:
    return [NoticeDay(date.fromisoformat(day), work, name) for day, work, name in answers["notice"]]


def _off(notice: Sequence[NoticeDay]) -> set[date]:
    return {one.day for one in notice if not one.is_worked}


async def _touches(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    """What saving would touch."""
    speaker, notice = await context.speaker(update), _notice(answers)
    now = context.now()
    found = await context.read(rules.effects, speaker, notice, now=now)
    bookings = await context.read(holidays.count, speaker, _off(notice), now=now)
    together = await context.read(groups.count, speaker, _off(notice), now=now)
    return {"days": notice, "effects": found, "bookings": bookings, "groups": together}


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker, notice = await context.speaker(update), _notice(answers)
    now = context.now()

    def store(session: Session) -> tuple[int, int, int, int]:
        entry = rules.save(session, speaker, notice, now=now)
        moved = weekly_calendar.follow_calendar(session, speaker, now=now)
        asked = holidays.ask(session, speaker, _off(notice), now=now)
        together = groups.ask(session, speaker, _off(notice), now=now)
        drop(session, context, speaker.chat_id, NOTICE)
        return entry, moved, asked, together

    entry, moved, asked, together = await context.in_session(store)
    language = speaker.language
    keys = [
        buttons.press(context.label("undo", language), "days_undo", entry),
        buttons.press(context.label("calendar", language), "days_off", 0),
    ]
    facts = {"days": len(notice), "moved": moved, "asked": asked, "groups": together}
    text = context.text("days_off_saved", language, **facts, is_undone=False)
    await show(update, context, text, buttons.rows(keys))
    context.send_what_is_due()


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of a notice: the days, the weekly sessions and the questions as they were."""
    speaker = await context.speaker(update)
    (entry_id,) = map(number, carried(update, "days_undo", 1))
    now = context.now()

    def store(session: Session) -> tuple[int, int]:
        saved_at = rules.saved_at(session, speaker, entry_id)
        days = rules.take_back(session, speaker, entry_id, now=now)
        moved = weekly_calendar.follow_calendar(session, speaker, now=now)
        holidays.withdraw(session, speaker, saved_at, now=now)
        groups.withdraw(session, speaker, saved_at, days, now=now)
        return len(days), moved

    days, moved = await context.in_session(store)
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    language = speaker.language
    key = buttons.press(context.label("calendar", language), "days_off", 0)
    facts = {"days": days, "moved": moved, "asked": 0, "groups": 0}
    text = context.text("days_off_saved", language, **facts, is_undone=True)
    await show(update, context, text, buttons.row(key))
    context.send_what_is_due()


async def keep(update: Update, context: WuxueContext) -> None:
    """照常 of one of the two."""
    speaker = await context.speaker(update)
    (holiday_id,) = map(number, carried(update, "sup_keep", 1))
    now = context.now()

    def store(session: Session) -> tuple[View, bool]:
        row = holidays.answer(session, speaker, holiday_id, now=now)
        is_kept = bool(row.supervisor_keeps and row.worker_keeps)
        return pages.session_of(session, speaker, row.booking_id, now=now), is_kept

    found, is_kept = await context.in_session(store)
    await context.answer(update, context.label("noted_toast", speaker.language))
    facts = {"holiday_id": holiday_id, "view": found, "what": holidays.KEPT if is_kept else "waits"}
    keys: list[tuple[str, tuple[Any, ...]]] = [("open_question", ("own_pair", found.pair_id))]
    if not is_kept:
        keys.append(("change_time", _moving(found)))
    made = [buttons.press(context.label(label, speaker.language), *data) for label, data in keys]
    text = context.text("supervision_holiday", speaker.language, **facts)
    await show(update, context, text, buttons.row(*made), protected=True)


def _moving(found: View) -> tuple[Any, ...]:
    """改时间, as each of the two does it."""
    if found.accompanies:
        return "sup_move", found.version, found.booking_id
    return "sup_days", found.pair_id, found.booking_id, found.version, 0


def holiday_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """A session lies on a day off: 照常 or 改时间; later, that both keep it, or that it is none."""
    found: View = facts.values["view"]
    text = renderer.text("supervision_holiday", facts.language, **facts.values)
    keys: list[tuple[str, tuple[Any, ...]]] = [("open_question", ("own_pair", found.pair_id))]
    if facts.values["what"] == holidays.ASKED:
        keep_it = ("sup_keep", facts.values["holiday_id"])
        keys = [("keep_day", keep_it), ("change_time", _moving(found))]
    made = [buttons.press(renderer.label(label, facts.language), *data) for label, data in keys]
    body = Text(text.text, tuple(entities(text)), buttons.rows(made), protected=True)
    return [Part(body, silent=False)]


def open_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Not both have said 照常."""
    found: View = facts.values["view"]
    text = renderer.text("supervision_holiday_open", facts.language, **facts.values)
    label = renderer.label("open_question", facts.language)
    keyboard = buttons.row(buttons.press(label, "own_pair", found.pair_id))
    body = Text(text.text, tuple(entities(text)), keyboard, protected=True)
    return [Part(body, silent=True)]


BUTTONS: dict[str, Act] = {"days_off": again, "days_undo": take_back, "sup_keep": keep}
FORM_BUTTONS = {NOTICE: begin}
FORMS = (
    Form(
        NOTICE,
        (
            Step("notice", "days_off_notice", settle=_read),
            Step(
                "sure",
                "days_off_check",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_touches,
                returns={AGAIN: "notice"},
            ),
        ),
        _finish,
        way_on=("calendar", "open", "calendar"),
    ),
)
