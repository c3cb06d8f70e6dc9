"""Putting people on a visit's list in chat: looked up, pasted, or officials by name and post."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import found_people, pasted_names
from bot.handlers.visit_people import FIND, OFFICIALS, PASTE, all_lists
from bot.taps import Act, carried, number
from curriculum import visit_answers, visit_pages, visit_people, visit_words
from curriculum.errors import NotThere
from curriculum.visit_words import Official

# Moments travel in buttons as microseconds since then.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)


async def begin_find(update: Update, context: WuxueContext, forms: Forms) -> None:
    """查一个人."""
    await _begin(update, context, forms, FIND)


async def begin_paste(update: Update, context: WuxueContext, forms: Forms) -> None:
    """贴名单."""
    await _begin(update, context, forms, PASTE)


async def begin_officials(update: Update, context: WuxueContext, forms: Forms) -> None:
    """加干部."""
    await _begin(update, context, forms, OFFICIALS)


async def _begin(update: Update, context: WuxueContext, forms: Forms, form: str) -> None:
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, form, 1))
    found = await context.read(visit_pages.read, speaker, visit_id, now=context.now())
    if not found.is_arranger:
        raise NotThere
    await context.answer(update)
    answers: Answers = {
        "visit": visit_id,
        "language": speaker.language,
        "is_told": found.state == "approved",
    }
    await forms.start(update, context, form, answers)


async def _search(update: Update, context: WuxueContext, answers: Answers, came: str) -> Any:
    speaker = await context.speaker(update)
    return await context.read(visit_people.find, speaker, answers["visit"], came, now=context.now())


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, FIND, person_ids=[found_people.chosen(answers)[0]])


async def _match(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    """The list as far as it is understood: ids, who to ask about, names nobody bears."""
    speaker = await context.speaker(update)
    found = await context.read(
        visit_people.match, speaker, answers["visit"], came, now=context.now()
    )
    return pasted_names.kept(found)


async def _counted(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["list"]
    named = len(pasted_names.named(answers))
    return {"named": named, "unknown": found["unknown"], "away": found["away"]}


async def _finish_paste(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, PASTE, person_ids=pasted_names.named(answers))


def _officials(came: str) -> list[list[str]]:
    return [[o.name, o.post, o.unit_name, o.phone] for o in visit_words.officials(came)]


async def _read_back(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    return {"officials": [Official(*one) for one in answers["lines"]]}


async def _finish_officials(update: Update, context: WuxueContext, answers: Answers) -> None:
    officials = [Official(*one) for one in answers["lines"]]
    await _store(update, context, answers, OFFICIALS, officials=officials)


async def _store(
    update: Update,
    context: WuxueContext,
    answers: Answers,
    form: str,
    *,
    person_ids: list[int] | None = None,
    officials: list[Official] | None = None,
) -> None:
    speaker, visit_id = await context.speaker(update), answers["visit"]

    now = context.now()

    def store(session: Session) -> int:
        drop(session, context, speaker.chat_id, form)
        at: dict[str, Any] = {"now": now}
        if officials is not None:
            return visit_people.add_officials(session, speaker, visit_id, officials, **at)
        return visit_people.add(session, speaker, visit_id, person_ids or [], **at)

    count = await context.in_session(store)
    language = speaker.language
    keys = [
        buttons.press(context.label(label, language), verb, visit_id)
        for label, verb in (("visit_add_more", "visit_add"), ("visit_lists", "visit_lists"))
    ]
    is_told = bool(answers["is_told"]) and officials is None
    if count:
        micros = (now - EPOCH) // timedelta(microseconds=1)
        back = context.label("take_back", language)
        keys.insert(0, buttons.press(back, "visit_unadd", visit_id, micros))
    text = context.text("visit_added", language, count=count, is_told=is_told)
    await show(update, context, text, buttons.row(*keys))


async def take_back_added(update: Update, context: WuxueContext) -> None:
    """撤回 of 加进名单, within the minute."""
    speaker = await context.speaker(update)
    visit_id, micros = map(number, carried(update, "visit_unadd", 2))
    try:
        at = EPOCH + timedelta(microseconds=micros)
    except OverflowError as error:
        raise NotThere from error
    await context.in_session(visit_people.take_back_added, speaker, visit_id, at, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    found = await context.read(
        visit_answers.listed, speaker, visit_id, visit_answers.ALL, now=context.now()
    )
    await show(update, context, *all_lists(context, speaker, found))


BUTTONS: dict[str, Act] = {"visit_unadd": take_back_added}
FORM_BUTTONS = {FIND: begin_find, PASTE: begin_paste, OFFICIALS: begin_officials}
# The same questions about unsure names as everywhere, and its own last look.
UNSURE = pasted_names.UNSURE
YES = (("yes", "visit_put"),)
WAY_ON = ("visit_lists", "visit_lists", "{visit}")
FORMS = (
    Form(
        FIND,
        found_people.steps(_search, "visit_find", "visit_found"),
        _finish_find,
        asks_again=True,
        way_on=WAY_ON,
    ),
    Form(
        PASTE,
        (
            Step("list", "visit_paste", settle=_match),
            *UNSURE,
            Step("sure", "visit_pasted", YES, facts=_counted),
        ),
        _finish_paste,
        asks_again=True,
        way_on=WAY_ON,
    ),
    Form(
        OFFICIALS,
        (
            Step("lines", "visit_officials", take=_officials),
            Step("sure", "visit_officials_check", YES, facts=_read_back),
        ),
        _finish_officials,
        asks_again=True,
        way_on=WAY_ON,
    ),
)
