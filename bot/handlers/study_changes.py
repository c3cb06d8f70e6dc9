"""Beginning, changing and ending the weekly series, and moving one session, as forms."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers.weekly_study import show_series, show_session
from bot.taps import carried, number
from curriculum import weekly_changes, weekly_series
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.weekly_series import CHANGES
from curriculum.weekly_study import LEAVE_OUT, SHIFT, WEEKDAYS, Series
from curriculum.written_times import read_date, read_hour

SERIES, ENDING, MOVE = "study_series", "study_ending", "study_move"
HOURS = ("10:00", "14:30", "15:00", "15:30", "16:00", "19:30")
LENGTHS = ("30", "45", "60", "90")
GROUP, YES = "group", "yes"
ALONE, FOLLOWING = "alone", "following"
PLACE_LIMIT = 200
DAYS_OFFERED = 6


def _hour(written: str) -> str:
    return f"{read_hour(written):%H:%M}"


def _place(written: str) -> str:
    return "" if written == GROUP else " ".join(written.split())[:PLACE_LIMIT]


async def _hours(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    """The usual hours; any other is typed."""
    del update, context, answers
    return [(hour, hour) for hour in HOURS]


async def _days(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    """The days nearest to the session, weekdays with their dates."""
    del update
    today = local_date(context.now(), ZONE)
    old = date.fromisoformat(answers["day_was"])
    first = max(today, old - timedelta(days=old.weekday()))
    days = [first + timedelta(days=n) for n in range(DAYS_OFFERED)]
    renderer, language = context.services.renderer, answers["language"]
    return [(day.isoformat(), renderer.day(day, language)) for day in days]


async def _day(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """A day as it was chosen or typed, as an ISO date; raises DateNotUnderstood."""
    del update, answers
    return read_date(came, today=local_date(context.now(), ZONE)).isoformat()


async def begin_series(update: Update, context: WuxueContext, forms: Forms) -> None:
    """开始共学 or 改安排: the series step by step."""
    await _start(update, context, forms, SERIES, "series")


async def begin_ending(update: Update, context: WuxueContext, forms: Forms) -> None:
    """停办共学: how many are told, and whether she is sure."""
    await _start(update, context, forms, ENDING, "series_end")


async def _start(update: Update, context: WuxueContext, forms: Forms, form: str, verb: str) -> None:
    speaker = await context.speaker(update)
    cohort_id = number(carried(update, verb, 1)[0])
    found = await context.read(weekly_series.overview, speaker, cohort_id, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "cohort": cohort_id,
        "name": found.cohort_name,
        "people": found.people,
        "mark": found.mark,
        "language": speaker.language,
    }
    await forms.start(update, context, form, answers)


async def _finish_series(update: Update, context: WuxueContext, answers: Answers) -> None:
    def changed(old: Series) -> Series:
        return replace(
            old,
            weekday=answers["weekday"],
            at=time.fromisoformat(answers["hour"]),
            minutes=int(answers["minutes"]),
            place=answers["place"],
            on_holidays=answers["holidays"],
        )

    await _set(update, context, answers, SERIES, changed, is_on=True)


async def _finish_ending(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _set(update, context, answers, ENDING, lambda old: old, is_on=False)


async def _set(
    update: Update, context: WuxueContext, answers: Answers, form: str, change: Any, *, is_on: bool
) -> None:
    speaker = await context.speaker(update)
    cohort_id: int = answers["cohort"]

    def store(session: Session) -> None:
        old = weekly_series.overview(session, speaker, cohort_id, now=context.now())
        weekly_changes.set_series(
            session,
            speaker,
            cohort_id,
            change(old.series),
            is_on=is_on,
            seen=answers["mark"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, form)

    await context.in_session(store)
    await show_series(update, context, speaker, cohort_id)


async def begin_move(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间 of one session."""
    speaker = await context.speaker(update)
    gathering_id = number(carried(update, "move_study", 1)[0])
    line = await context.read(weekly_series.line, speaker, gathering_id, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "gathering": gathering_id,
        "seen": line.version,
        "starts_at": line.starts_at.isoformat(),
        "day_was": local_date(line.starts_at, ZONE).isoformat(),
        "kind": line.kind,
        "people": line.people,
        "language": speaker.language,
    }
    await forms.start(update, context, MOVE, answers)


async def _moment(update: Update, context: WuxueContext, answers: Answers) -> dict[str, datetime]:
    """When the session is now, for the words of a step."""
    del update, context
    return {"was": datetime.fromisoformat(answers["starts_at"])}


async def _new_day(update: Update, context: WuxueContext, answers: Answers) -> dict[str, date]:
    del update, context
    return {"new_day": date.fromisoformat(answers["day"])}


async def _finish_move(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        weekly_changes.move(
            session,
            speaker,
            answers["gathering"],
            day=date.fromisoformat(answers["day"]),
            at=answers["hour"],
            is_whole=answers.get("scope") == FOLLOWING,
            reason=answers["reason"],
            seen=answers["seen"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, MOVE)

    await context.in_session(store)
    await show_session(update, context, speaker, answers["gathering"])


def _is_weekly(answers: Answers) -> bool:
    return bool(answers.get("kind") == "weekly_study")


FORM_BUTTONS = {"series": begin_series, "series_end": begin_ending, "move_study": begin_move}
FORMS = (
    Form(
        SERIES,
        (
            Step("weekday", "study_weekday", tuple((day, f"on_{day}") for day in WEEKDAYS[:5])),
            Step("hour", "study_hour", take=_hour, offer=_hours),
            Step("minutes", "study_minutes", tuple((n, f"minutes_{n}") for n in LENGTHS)),
            Step("place", "study_place", ((GROUP, "in_work_group"),), _place, also_typed=True),
            Step(
                "holidays",
                "study_holidays",
                ((SHIFT, "shift_day"), (LEAVE_OUT, "leave_out")),
            ),
            Step("sure", "study_check", ((YES, "confirm"),)),
        ),
        _finish_series,
        way_on=("back_to_series", "study", "{cohort}"),
        asks_again=True,
    ),
    Form(
        ENDING,
        (Step("sure", "study_end", ((YES, "end_series"),)),),
        _finish_ending,
        way_on=("back_to_series", "study", "{cohort}"),
        asks_again=True,
    ),
    Form(
        MOVE,
        (
            Step("day", "study_day", offer=_days, settle=_day, facts=_moment),
            Step("hour", "study_hour", take=_hour, offer=_hours),
            Step(
                "scope",
                "study_scope",
                ((ALONE, "only_this"), (FOLLOWING, "change_series")),
                is_needed=_is_weekly,
            ),
            Step("reason", "study_reason", tuple((r, f"change_{r}") for r in CHANGES)),
            Step("sure", "study_move_check", ((YES, "confirm"),), facts=_new_day),
        ),
        _finish_move,
        way_on=("back_to_session", "session", "{gathering}"),
    ),
)
