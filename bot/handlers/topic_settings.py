"""专题设置 in chat: whether a cohort holds its monthly topic, when, and closing how long before."""

from dataclasses import replace
from datetime import time

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.taps import carried, number
from curriculum import topic_settings, weekly_series
from curriculum.errors import NotThere, NumbersNotUnderstood
from curriculum.people import Speaker
from curriculum.topic_dates import WEEKDAYS
from curriculum.topic_settings import Settings
from curriculum.written_times import read_hour

RULE = "topic_rule"
ON_A_PAGE = 6
MOST_DAYS = 20


async def opened(update: Update, context: WuxueContext) -> None:
    """专题设置: of the one cohort there is, else which of them (0 and a page)."""
    speaker = await context.speaker(update)
    speaker.require("lead_topic")
    cohort_id, page = map(number, carried(update, "topic_settings", 2))
    within = await context.read(weekly_series.cohorts_within, speaker)
    if not cohort_id and len(within) == 1:
        cohort_id = within[0][0]
    if cohort_id:
        await _show(update, context, speaker, cohort_id)
    else:
        language = speaker.language
        keys = [
            buttons.press(name, "topic_settings", one, 0)
            for one, name in within[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]
        ]
        turns = [
            buttons.press(context.label(name, language), "topic_settings", 0, other)
            for name, other in (("previous_page", page - 1), ("next_page", page + 1))
            if 0 <= other * ON_A_PAGE < len(within)
        ]
        await show(
            update, context, context.text("topic_which", language), with_navigation(keys, turns)
        )
    await context.answer(update)


async def _show(update: Update, context: WuxueContext, speaker: Speaker, cohort_id: int) -> None:
    found = await context.read(topic_settings.of, speaker, cohort_id)
    language = speaker.language
    turn = "end_topic" if found.is_on else "begin_topic"
    keys = [
        buttons.press(context.label(turn, language), "topic_turn", found.mark, cohort_id),
        buttons.press(context.label("change_time", language), "topic_rule", found.mark, cohort_id),
    ]
    back = buttons.press(context.label("topics", language), "topics", 0)
    await show(
        update,
        context,
        context.text("topic_settings", language, found=found),
        InlineKeyboardMarkup([keys, [back]]),
    )


async def turned(update: Update, context: WuxueContext) -> None:
    """办专题 or 停办专题."""
    speaker = await context.speaker(update)
    mark, cohort = carried(update, "topic_turn", 2)
    cohort_id, now = number(cohort), context.now()

    def run(session: Session) -> None:
        found = topic_settings.of(session, speaker, cohort_id)
        wished = replace(found, is_on=not found.is_on)
        topic_settings.change(session, speaker, wished, seen=mark, now=now)

    await context.in_session(run)
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show(update, context, speaker, cohort_id)


async def ask(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改时间: weekday, hour, closing, approval, one after the other."""
    speaker = await context.speaker(update)
    mark, cohort = carried(update, "topic_rule", 2)
    found = await context.read(topic_settings.of, speaker, number(cohort))
    await context.answer(update)
    answers: Answers = {
        "cohort": found.cohort_id,
        "mark": mark,
        "closes_now": found.closes,
        "due_now": found.due,
        "hour_now": f"{found.hour:%H:%M}",
        "language": speaker.language,
    }
    await forms.start(update, context, RULE, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def run(session: Session) -> Settings:
        found = topic_settings.of(session, speaker, answers["cohort"])
        wished = replace(
            found,
            weekday=answers["weekday"],
            hour=time.fromisoformat(answers["hour"]),
            closes=answers["closes"],
            due=answers["due"],
        )
        drop(session, context, speaker.chat_id, RULE)
        return topic_settings.change(
            session, speaker, wished, seen=answers["mark"], now=context.now()
        )

    await context.in_session(run)
    await _show(update, context, speaker, answers["cohort"])


def _weekday(came: str) -> str:
    if came not in WEEKDAYS:
        raise NotThere
    return came


def _hour(written: str) -> str:
    return f"{read_hour(written):%H:%M}"


def _days(written: str) -> int:
    words = written.strip().removesuffix("天").strip()
    if not words.isdecimal() or not 1 <= int(words) <= MOST_DAYS:
        raise NumbersNotUnderstood(last=MOST_DAYS)
    return int(words)


BUTTONS = {"topic_settings": opened, "topic_turn": turned}
FORM_BUTTONS = {"topic_rule": ask}
FORMS = (
    Form(
        RULE,
        (
            Step(
                "weekday",
                "topic_rule_weekday",
                tuple((day, f"on_{day}") for day in WEEKDAYS[:5]),
                take=_weekday,
            ),
            Step("hour", "topic_rule_hour", take=_hour),
            Step("closes", "topic_rule_closes", take=_days),
            Step("due", "topic_rule_due", take=_days),
        ),
        _finish,
        way_on=("topic_settings", "topic_settings", "{cohort}", "0"),
    ),
)
