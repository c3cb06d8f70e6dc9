"""The forms of 外出, one's own or somebody's: from when, who stands in, read back, saved."""

from dataclasses import replace
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from sqlmodel import Session
from telegram import Update

from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop
from bot.handlers import deputies
from bot.handlers.deputies import AWAY, CHANGE
from bot.taps import Act, carried, number
from curriculum import away_of_others, deputy_choice
from curriculum import deputies as rules
from curriculum.deputy_choice import Plan
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.written_times import read_date

TODAY, TOMORROW, NEXT_MONDAY = "today", "tomorrow", "下周一"
LENGTHS = {"day": timedelta(days=1), "week": timedelta(weeks=1), "fortnight": timedelta(weeks=2)}
MONTH = "month"
# Marks what was pressed from what was typed.
PRESSED, NOBODY, SAVE = "#", "nobody", "save"
AWAY_OF = "away_of"


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


async def _absent(update: Update, context: WuxueContext, answers: Answers) -> Speaker:
    """Whoever is to be away: the speaker, or somebody below her."""
    speaker = await context.speaker(update)
    if "person" not in answers:
        return speaker
    return await context.read(away_of_others.absent, speaker, answers["person"], now=context.now())


async def _candidates(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    absent = await _absent(update, context, answers)
    since, back = _dates(answers)
    found = await context.read(
        deputy_choice.fitting, absent, since=since, back=back, now=context.now()
    )
    nobody = context.label("no_deputy", absent.language)
    return [*((f"{PRESSED}{person_id}", name) for person_id, name in found), (NOBODY, nobody)]


async def _deputy_meant(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> int | None:
    absent = await _absent(update, context, answers)
    since, back = _dates(answers)
    if came == NOBODY:
        return None
    if came.startswith(PRESSED):
        return number(came.removeprefix(PRESSED))
    return await context.read(
        deputy_choice.named, absent, came, since=since, back=back, now=context.now()
    )


async def _plan(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Plan]:
    speaker, absent = await context.speaker(update), await _absent(update, context, answers)
    since, back = _dates(answers)
    plan = await context.read(
        deputy_choice.plan,
        absent,
        since=since,
        back=back,
        deputy_id=answers["deputy"],
        now=context.now(),
    )
    if absent.person_id != speaker.person_id:
        # She could agree herself, so nobody else is asked.
        plan = replace(plan, asked=(), of=absent.name)
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


async def begin_for(update: Update, context: WuxueContext, forms: Forms) -> None:
    """外出 on the page of somebody she coordinates."""
    speaker = await context.speaker(update)
    (person_id,) = map(number, carried(update, AWAY_OF, 1))
    absent = await context.read(away_of_others.absent, speaker, person_id, now=context.now())
    await context.answer(update)
    answers: Answers = {"person": person_id, "name": absent.name, "language": speaker.language}
    await forms.start(update, context, AWAY_OF, answers)


async def _finish_for(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    since, back = _dates(answers)

    def store(session: Session) -> int:
        drop(session, context, speaker.chat_id, AWAY_OF)
        return away_of_others.set_for(
            session,
            speaker,
            answers["person"],
            since=since,
            back=back,
            deputy_id=answers["deputy"],
            now=context.now(),
        )

    row_id = await context.in_session(store)
    await deputies.show_word(update, context, row_id, back_to=answers["person"])
    context.send_what_is_due()


async def end_for(update: Update, context: WuxueContext) -> None:
    """外出结束, or 取消外出 before it began, on somebody's page."""
    speaker = await context.speaker(update)
    (row_id,) = map(number, carried(update, "end_away_of", 1))
    await context.in_session(away_of_others.end_for, speaker, row_id, now=context.now())
    await context.answer(update, context.label("changed_toast", speaker.language))
    await deputies.show_word(update, context, row_id)
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {"end_away_of": end_for}
FORM_BUTTONS = {AWAY_OF: begin_for}
_WHEN = (
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
        (*((length, f"a_{length}") for length in LENGTHS), (MONTH, "a_month")),
        also_typed=True,
        settle=_day_back,
    ),
)
_WHO = (
    Step("deputy", "away_deputy", offer=_candidates, settle=_deputy_meant),
    Step("check", "away_check", ((SAVE, "save_away"),), facts=_plan),
)
FORMS = (
    Form(
        AWAY,
        (*_WHEN, *_WHO),
        _finish,
        asks_again=True,
        way_on=("page_settings", "more", "settings"),
    ),
    Form(
        AWAY_OF,
        (*_WHEN, *_WHO),
        _finish_for,
        asks_again=True,
        way_on=("back_to_person", "person", "{person}"),
    ),
    Form(CHANGE, _WHO, _finish_change, asks_again=True, way_on=("away", "open", "away")),
)
