"""写日志 in chat: an entry of some day, one's own or another's; other words, another day."""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session
from telegram import Update

from bot import guarding
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import danger
from bot.handlers.visit_log import (
    CHANGE,
    OTHER_DAY,
    WRITE,
    WRITE_OF,
    entry_page,
)
from bot.taps import carried, number
from curriculum import visit_log, visit_log_changes
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_access import usable
from curriculum.visit_log import LIMITS, TEXT, EntryView, Words


async def write(update: Update, context: WuxueContext, forms: Forms) -> None:
    """写日志: of today while the journey lasts, else it is asked of which day."""
    visit_id, line_id = map(number, carried(update, WRITE, 2))
    await _begin(update, context, forms, (visit_id, line_id))


async def write_of(update: Update, context: WuxueContext, forms: Forms) -> None:
    """写日志 under the evening's question: of the day that it asks about."""
    visit_id, day = carried(update, WRITE_OF, 2)
    await _begin(update, context, forms, (number(visit_id), 0), date.fromisoformat(_a_day(day)))


async def _begin(
    update: Update,
    context: WuxueContext,
    forms: Forms,
    whose: tuple[int, int],
    asked: date | None = None,
) -> None:
    """The form for (visit, line) `whose`; line 0 is one's own."""
    visit_id, line_id = whose
    speaker = await context.speaker(update)
    days = await context.read(visit_log.days_to_write, speaker, visit_id, now=context.now())
    name = ""
    if line_id:
        name = await context.read(visit_log.name_of, speaker, visit_id, line_id)
    wanted = asked or local_date(context.now(), ZONE)
    await context.answer(update)
    answers = begun(speaker, visit_id, days, wanted) | {"line": line_id, "name": name}
    await forms.start(update, context, WRITE, answers)


def begun(speaker: Speaker, visit_id: int, days: Sequence[date], wanted: date) -> Answers:
    """What the form of an entry begins with: of the day wanted, else it is asked of which."""
    known = wanted if wanted in days else days[0] if len(days) == 1 else None
    return {
        "visit": visit_id,
        "line": 0,
        "name": "",
        "day": known.isoformat() if known else "",
        "days": [day.isoformat() for day in days],
        "kind": TEXT,
        "files": [],
        "seconds": 0,
        "language": speaker.language,
    }


def words_of(answers: Answers, text: str | None = None) -> Words:
    """What an entry being written is to keep, by default with the words that were given."""
    files = answers.get("files", ())
    return Words(
        answers["kind"],
        answers["text"] if text is None else text,
        tuple(file_id for file_id, _ in files),
        sum(size for _, size in files),
        answers.get("seconds", 0),
    )


async def _days(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    del update
    renderer = context.services.renderer
    return [
        (day, renderer.day(date.fromisoformat(day), answers["language"])) for day in answers["days"]
    ]


def _a_day(came: str) -> str:
    try:
        return date.fromisoformat(came).isoformat()
    except ValueError as error:
        raise NotThere from error


async def _other_day(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    """写别的天, where there is another."""
    del update
    if len(answers["days"]) < 2:
        return []
    return [(OTHER_DAY, context.label("visit_other_day", answers["language"]))]


async def _asked(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    del update, context
    return {
        "day": date.fromisoformat(answers["day"]),
        "limit": LIMITS[answers["kind"]],
        "files": len(answers.get("files", ())),
        "seconds": answers.get("seconds", 0),
    }


async def _maybe(update: Update, context: WuxueContext, answers: Answers) -> dict[str, object]:
    del update, context
    day = date.fromisoformat(answers["day"])
    return {"day": day, "files": len(answers["files"]), "title": answers["title"]}


async def _settle(update: Update, context: WuxueContext, answers: Answers, came: str) -> str:
    del update, context
    return usable(came, LIMITS[answers["kind"]])


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    words = words_of(answers)

    def store(session: Session) -> EntryView:
        drop(session, context, speaker.chat_id, WRITE)
        return visit_log.write(
            session,
            speaker,
            answers["visit"],
            date.fromisoformat(answers["day"]),
            words,
            line_id=answers["line"],
            now=context.now(),
        )

    entry = await context.in_session(store)
    erased = await guarding.erase(update, context, answers, "text")
    page = entry_page(context, speaker, entry, is_new=True, erased=erased)
    await show(update, context, *page)


async def change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """改一改."""
    speaker = await context.speaker(update)
    (entry_id,) = map(number, carried(update, CHANGE, 1))
    found = await context.read(visit_log.read, speaker, entry_id, now=context.now())
    if not found.is_mine or found.is_dropped:
        raise NotThere
    await context.answer(update)
    days = await context.read(visit_log.days_to_write, speaker, found.visit_id, now=context.now())
    answers: Answers = {
        "entry": entry_id,
        "kind": found.kind,
        "old": found.text,
        "limit": LIMITS[found.kind],
        "days": [day.isoformat() for day in days if day != found.day],
        "language": speaker.language,
    }
    await forms.start(update, context, CHANGE, answers)


async def _to_other_day(
    update: Update, context: WuxueContext, answers: Answers
) -> Sequence[tuple[str, str]]:
    """改日期, where there is another day."""
    del update
    if not answers.get("days"):
        return []
    return [(OTHER_DAY, context.label("visit_entry_move", answers["language"]))]


def _never(answers: Answers) -> bool:
    """Of a step that only a button of another leads to."""
    del answers
    return False


async def _finish_change(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    is_moved = "day" in answers

    def store(session: Session) -> EntryView:
        drop(session, context, speaker.chat_id, CHANGE)
        if is_moved:
            day = date.fromisoformat(answers["day"])
            return visit_log_changes.move(
                session, speaker, answers["entry"], day, now=context.now()
            )
        return visit_log_changes.change(
            session, speaker, answers["entry"], answers["text"], now=context.now()
        )

    entry = await context.in_session(store)
    erased = "" if is_moved else await guarding.erase(update, context, answers, "text")
    await show(update, context, *entry_page(context, speaker, entry, erased=erased))


FORM_BUTTONS = {WRITE: write, WRITE_OF: write_of, CHANGE: change}
TEXT_STEP, GUARD = guarding.behind_guard(
    Step(
        "text",
        "visit_write",
        settle=_settle,
        offer=_other_day,
        returns={OTHER_DAY: "day"},
        is_needed=guarding.is_asked,
        facts=_asked,
    )
)
NEW_TEXT, NEW_GUARD = guarding.behind_guard(
    Step(
        "text",
        "visit_entry_change",
        settle=_settle,
        offer=_to_other_day,
        returns={OTHER_DAY: "day"},
    )
)
FORMS = (
    Form(
        WRITE,
        (
            Step(
                "maybe",
                "visit_log_maybe",
                (("yes", "visit_into_log"),),
                is_needed=lambda answers: bool(answers.get("unasked")),
                facts=_maybe,
            ),
            Step(
                "day",
                "visit_write_day",
                offer=_days,
                take=_a_day,
                is_needed=lambda answers: not answers["day"],
            ),
            TEXT_STEP,
            danger.STEP,
            GUARD,
        ),
        _finish,
        declined=danger.declined(WRITE),
        way_on=("visit_hub", "visit_hub", "{visit}"),
    ),
    Form(
        CHANGE,
        (
            NEW_TEXT,
            danger.STEP,
            NEW_GUARD,
            Step(
                "day",
                "visit_entry_day",
                offer=_days,
                take=_a_day,
                is_needed=_never,
            ),
        ),
        _finish_change,
        declined=danger.declined(CHANGE),
        way_on=("look", "visit_entry", "{entry}"),
    ),
)
