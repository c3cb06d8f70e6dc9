"""我的时间 in chat: a supervisor's free times and the terms of booking her."""

from datetime import date
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import supervision_pages as pages
from curriculum import supervision_times as times
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.supervision_times import BUFFERS, HOURS_A_MONTH, MINUTES, NOTICES, Terms

ADD, TERMS = "supervision_hours", "supervision_terms"
NO_LIMIT, NO_PLACE, YES, AGAIN = "0", "none", "yes", "again"


async def opened(update: Update, context: WuxueContext) -> None:
    """我的时间, or another page of it."""
    speaker = await context.speaker(update)
    (page,) = map(number, carried(update, "my_hours", 1))
    await context.answer(update)
    await show_times(update, context, speaker, page)


async def show_times(
    update: Update, context: WuxueContext, speaker: Speaker, page: int = 0
) -> None:
    """Her times, each to be taken away by its number, and her terms."""
    text, keyboard = await _worded(context, speaker, page)
    await show(update, context, text, keyboard)


async def _worded(
    context: WuxueContext, speaker: Speaker, page: int
) -> tuple[Any, InlineKeyboardMarkup]:
    found = await context.read(times.page, speaker, page, now=context.now())
    language = speaker.language
    lines = list(enumerate(found.spans, start=1))
    keys = [
        buttons.press(f"{context.label('drop_time', language)} {place}", "drop_time", span.time_id)
        for place, span in lines
    ]
    keys += [
        buttons.press(context.label(label, language), form, 0)
        for label, form in (("add_hours", ADD), ("set_terms", TERMS))
    ]
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda other: buttons.data("my_hours", other),
    )
    navigation.append(buttons.press(context.label("back_to_pairs", language), "accompanied", 0))
    text = context.text("supervision_times", language, page=found, lines=lines, terms=found.terms)
    return text, with_navigation(keys, navigation)


async def drop_time(update: Update, context: WuxueContext) -> None:
    """去掉 one of them."""
    speaker = await context.speaker(update)
    (time_id,) = map(number, carried(update, "drop_time", 1))
    await context.in_session(times.drop, speaker, time_id, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show_times(update, context, speaker)


async def add(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加时间: typed as people write it."""
    await _begin(update, context, forms, ADD)


async def set_terms(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改约定: step by step."""
    await _begin(update, context, forms, TERMS)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    speaker.require("supervise")
    carried(update, form, 1)
    await context.answer(update)
    await forms.start(update, context, form, {"language": speaker.language})


async def _read(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, str]:
    """What was written and the day it was written on, since 下周三 is another day next week."""
    del update, answers
    today = local_date(context.now(), ZONE)
    times.read_spans(came, today=today)
    return {"written": came, "today": today.isoformat()}


def _spans(answers: Answers) -> list[times.Span]:
    kept = answers["hours"]
    return times.read_spans(kept["written"], today=date.fromisoformat(kept["today"]))


async def _read_back(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    """What was understood, and how many sessions are booked on the days off among it."""
    speaker, spans = await context.speaker(update), _spans(answers)
    booked = await context.read(pages.booked_within, speaker, spans, now=context.now())
    return {"spans": spans, "booked": booked}


async def _finish_add(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        times.add(session, speaker, _spans(answers), now=context.now())
        drop(session, context, speaker.chat_id, ADD)

    await context.in_session(store)
    await show_times(update, context, speaker)


def _place(written: str) -> str:
    return "" if written == NO_PLACE else times.usable_place(written)


async def _finish_terms(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    terms = Terms(
        int(answers["minutes"]),
        int(answers["buffer"]),
        int(answers["notice"]),
        int(answers["limit"]) or None,
        answers["place"],
    )

    def store(session: Session) -> None:
        times.set_terms(session, speaker, terms, now=context.now())
        drop(session, context, speaker.chat_id, TERMS)

    await context.in_session(store)
    await show_times(update, context, speaker)


BUTTONS: dict[str, Act] = {"my_hours": opened, "drop_time": drop_time}
FORM_BUTTONS = {ADD: add, TERMS: set_terms}
TO_TIMES = ("my_hours", "my_hours", "0")
FORMS = (
    Form(
        ADD,
        (
            Step("hours", "supervision_hours", settle=_read),
            Step(
                "sure",
                "supervision_hours_check",
                ((YES, "confirm"), (AGAIN, "write_again")),
                facts=_read_back,
                returns={AGAIN: "hours"},
            ),
        ),
        _finish_add,
        way_on=TO_TIMES,
    ),
    Form(
        TERMS,
        (
            Step(
                "minutes",
                "supervision_minutes",
                tuple((str(n), f"minutes_{n}") for n in MINUTES),
            ),
            Step(
                "buffer",
                "supervision_buffer",
                tuple((str(n), f"buffer_{n}") for n in BUFFERS),
            ),
            Step(
                "notice",
                "supervision_notice",
                tuple((str(n), f"notice_{n}") for n in NOTICES),
            ),
            Step(
                "limit",
                "supervision_limit",
                (*((str(n), f"hours_{n}") for n in HOURS_A_MONTH), (NO_LIMIT, "no_limit")),
            ),
            Step(
                "place",
                "supervision_place",
                ((NO_PLACE, "place_later"),),
                _place,
                also_typed=True,
            ),
        ),
        _finish_terms,
        way_on=TO_TIMES,
    ),
)
