"""The forms of 外出: from when until when, who stands in, read back before it is saved."""

from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Step, drop
from bot.handlers import deputies
from bot.handlers.deputies import AWAY, CHANGE
from bot.taps import number
from curriculum import deputies as rules
from curriculum import deputy_choice
from curriculum.deputy_choice import Plan
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.written_times import read_date

TODAY, TOMORROW, NEXT_MONDAY = "today", "tomorrow", "下周一"
LENGTHS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "fortnight": timedelta(weeks=2)}
MONTH = "month"
# Marks what was pressed from what was typed.
PRESSED, NOBODY, SAVE = "#", "nobody", "save"


def _dates(answers: Answers) -> tuple[date, date]:
    return date.fromisoformat(answers["since"]), date.fromisoformat(answers["back"])


async def _first_day(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """A first day, chosen or typed, as it is kept."""
    del update, answers
    today = local_date(context.now(), ZONE)
    day = read_date(came, today=today)
    deputy_choice.require_dates(day, day + timedelta(days=1), today=today)
    return day.isoformat()


async def _day_back(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    """The day of return, chosen as a length or typed."""
    del update
    today, since = local_date(context.now(), ZONE), date.fromisoformat(answers["since"])
    if came == MONTH:
        back = since + relativedelta(months=1)
    else:
        back = since + LENGTHS[came] if came in LENGTHS else read_date(came, today=today)
    deputy_choice.require_dates(since, back, today=min(since, today))
    return back.isoformat()


async def _candidates(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    speaker = await context.speaker(update)
    since, back = _dates(answers)
    found = await context.read(
        deputy_choice.fitting, speaker, since=since, back=back, now=context.now()
    )
    nobody = context.label("no_deputy", speaker.language)
    return [*((f"{PRESSED}{person_id}", name) for person_id, name in found), (NOBODY, nobody)]


async def _deputy_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> int | None:
    speaker = await context.speaker(update)
    since, back = _dates(answers)
    if came == NOBODY:
        return None
    if came.startswith(PRESSED):
        return number(came.removeprefix(PRESSED))
    return await context.read(
        deputy_choice.named, speaker, came, since=since, back=back, now=context.now()
    )


async def _plan(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Plan]:
    speaker = await context.speaker(update)
    since, back = _dates(answers)
    plan = await context.read(
        deputy_choice.plan,
        speaker,
        since=since,
        back=back,
        deputy_id=answers["deputy"],
        now=context.now(),
    )
    return {"plan": plan}


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    since, back = _dates(answers)

    def store(session: Session) -> None:
        rules.set_away(
            session,
            speaker,
            since=since,
            back=back,
            deputy_id=answers["deputy"],
            now=context.now(),
        )
        drop(session, context, speaker.chat_id, AWAY)

    await context.in_session(store)
    await deputies.show_page(update, context)
    context.send_what_is_due()


async def _finish_change(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        rules.change_deputy(
            session, speaker, answers["row"], deputy_id=answers["deputy"], now=context.now()
        )
        drop(session, context, speaker.chat_id, CHANGE)

    await context.in_session(store)
    await deputies.show_page(update, context)
    context.send_what_is_due()


_WHO = (
    Step("deputy", "away_deputy", offer=_candidates, settle=_deputy_meant),
    Step("check", "away_check", ((SAVE, "save_away"),), facts=_plan),
)
FORMS = (
    Form(
        AWAY,
        (
            Step(
                "since",
                "away_since",
                ((TODAY, "from_today"), (TOMORROW, "from_tomorrow"), (NEXT_MONDAY, "next_monday")),
                also_typed=True,
                settle=_first_day,
            ),
            Step(
                "back",
                "away_back",
                (
                    *((length, f"a_{length}") for length in LENGTHS),
                    (MONTH, "a_month"),
                ),
                also_typed=True,
                settle=_day_back,
            ),
            *_WHO,
        ),
        _finish,
        asks_again=True,
        way_on=("page_settings", "more", "settings"),
    ),
    Form(CHANGE, _WHO, _finish_change, asks_again=True, way_on=("away", "open", "away")),
)
