"""The people of a visit in chat: its lists, one person of it, and putting people on it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session
from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers import pasted_names
from bot.handlers.directory import turning, with_navigation
from bot.taps import Act, carried, number
from curriculum import visit_pages, visit_people, visit_words
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_people import LISTS, Card, ListPage
from curriculum.visit_words import Official

# Moments travel in buttons as microseconds since then.
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
FIND, PASTE, OFFICIALS = "visit_find", "visit_paste", "visit_officials"


async def lists(update: Update, context: WuxueContext) -> None:
    """名单: how many of whom, and which list to open."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_lists", 1))
    found = await context.read(
        visit_people.listed, speaker, visit_id, visit_people.ALL, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_lists(context, speaker, found))


def _lists(
    context: WuxueContext, speaker: Speaker, found: ListPage
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, visit_id = speaker.language, found.visit_id
    keys = [
        buttons.press(
            context.label(f"visit_list_{name}", language), "visit_list", visit_id, name, 0
        )
        for name in LISTS
        if found.counts[name]
    ]
    navigation = [
        buttons.press(context.label("visit_back", language), "visit_manage", visit_id),
    ]
    if found.can_change:
        add = context.label("visit_add", language)
        navigation.insert(0, buttons.press(add, "visit_add", visit_id))
    text = context.text("visit_lists", language, found=found)
    return text, with_navigation(keys, navigation)


async def listed(update: Update, context: WuxueContext) -> None:
    """One list, a page of it."""
    visit_id, name, page = carried(update, "visit_list", 3)
    await _show_list(update, context, number(visit_id), name, number(page))


async def unconfirmed(update: Update, context: WuxueContext) -> None:
    """没确认: as it stands now, with numbers to call."""
    (visit_id,) = map(number, carried(update, "visit_unconfirmed", 1))
    await _show_list(update, context, visit_id, visit_people.UNCONFIRMED, 0)


async def unanswered(update: Update, context: WuxueContext) -> None:
    """Who has not answered, from 今日待办."""
    (visit_id,) = map(number, carried(update, "visit_open", 1))
    await _show_list(update, context, visit_id, "invited", 0)


async def _show_list(
    update: Update, context: WuxueContext, visit_id: int, name: str, page: int
) -> None:
    speaker = await context.speaker(update)
    found = await context.read(
        visit_people.listed, speaker, visit_id, name, page=page, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [
        buttons.press(f"{n} {line.name}".strip(), "visit_line", visit_id, line.line_id)
        for n, line in lines
    ]
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda other: buttons.data("visit_list", visit_id, name, other),
    )
    again = context.label("visit_refresh", language)
    navigation.append(buttons.press(again, "visit_list", visit_id, name, found.page))
    back = context.label("visit_lists", language)
    navigation.append(buttons.press(back, "visit_lists", visit_id))
    text = context.text(
        "visit_list", language, found=found, lines=lines, page=found.page + 1, pages=found.pages
    )
    await show(update, context, text, with_navigation(keys, navigation))


async def opened(update: Update, context: WuxueContext) -> None:
    """A name on a list."""
    speaker = await context.speaker(update)
    visit_id, line_id = map(number, carried(update, "visit_line", 2))
    found = await context.read(visit_people.card, speaker, visit_id, line_id, now=context.now())
    await context.answer(update)
    await show(update, context, *_card(context, speaker, found))


def _card(
    context: WuxueContext, speaker: Speaker, found: Card
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, line = speaker.language, found.line

    def key(label: str, verb: str, *ids: object) -> Any:
        return buttons.press(
            context.label(label, language), verb, found.visit_id, line.line_id, *ids
        )

    wanted = [
        (found.is_waited_for, key("visit_told", "visit_told")),
        (found.can_change and line.state != "coming", key("visit_says_go", "visit_say", "coming")),
        (
            found.can_change and line.state != "not_coming",
            key("visit_says_stay", "visit_say", "not_coming"),
        ),
        (found.can_change, key("visit_off", "visit_off_ask")),
    ]
    back = buttons.press(context.label("visit_lists", language), "visit_lists", found.visit_id)
    text = context.text("visit_line", language, found=found, line=line)
    return text, with_navigation([one for is_there, one in wanted if is_there], [back])


async def say(update: Update, context: WuxueContext) -> None:
    """他说去, 他说不去: what somebody said by telephone."""
    speaker = await context.speaker(update)
    visit_id, line_id, state = carried(update, "visit_say", 3)
    found = await context.in_session(
        visit_people.answer_for,
        speaker,
        number(visit_id),
        number(line_id),
        state,
        now=context.now(),
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *_card(context, speaker, found))


async def told(update: Update, context: WuxueContext) -> None:
    """已电话告知: she was called about a late change."""
    speaker = await context.speaker(update)
    visit_id, line_id = map(number, carried(update, "visit_told", 2))
    found = await context.in_session(
        visit_people.confirm_for, speaker, visit_id, line_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *_card(context, speaker, found))


async def take_off_ask(update: Update, context: WuxueContext) -> None:
    """移出名单: asks once, since that person may be told."""
    speaker = await context.speaker(update)
    visit_id, line_id = map(number, carried(update, "visit_off_ask", 2))
    found = await context.read(visit_people.card, speaker, visit_id, line_id, now=context.now())
    if not found.can_change:
        raise NotThere
    await context.answer(update)
    language = speaker.language
    sure = context.label("visit_off", language)
    keys = [buttons.press(sure, "visit_off", visit_id, line_id)]
    back = buttons.press(context.label("visit_lists", language), "visit_lists", visit_id)
    text = context.text("visit_off_ask", language, found=found, line=found.line)
    await show(update, context, text, with_navigation(keys, [back]))


async def take_off(update: Update, context: WuxueContext) -> None:
    """移出名单."""
    speaker = await context.speaker(update)
    visit_id, line_id = map(number, carried(update, "visit_off", 2))
    now, language = context.now(), speaker.language
    was = await context.read(visit_people.card, speaker, visit_id, line_id, now=now)
    await context.in_session(visit_people.take_off, speaker, visit_id, line_id, now=now)
    await context.answer(update)
    undo = context.label("undo", language)
    keys = [
        buttons.press(undo, "visit_unoff", visit_id, line_id, was.line.state),
        buttons.press(context.label("visit_lists", language), "visit_lists", visit_id),
    ]
    text = context.text("visit_off", language, line=was.line, is_told=was.is_approved)
    await show(update, context, text, buttons.row(*keys))


async def put_back(update: Update, context: WuxueContext) -> None:
    """撤销 of 移出名单."""
    speaker = await context.speaker(update)
    visit_id, line_id, state = carried(update, "visit_unoff", 3)
    found = await context.in_session(
        visit_people.put_back,
        speaker,
        number(visit_id),
        number(line_id),
        state,
        now=context.now(),
    )
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show(update, context, *_card(context, speaker, found))


async def take_back_added(update: Update, context: WuxueContext) -> None:
    """撤回 of 加进名单, within the minute."""
    speaker = await context.speaker(update)
    visit_id, micros = map(number, carried(update, "visit_unadd", 2))
    at = EPOCH + timedelta(microseconds=micros)
    await context.in_session(visit_people.take_back_added, speaker, visit_id, at, now=context.now())
    await context.answer(update, context.label("undone_toast", speaker.language))
    found = await context.read(
        visit_people.listed, speaker, visit_id, visit_people.ALL, now=context.now()
    )
    await show(update, context, *_lists(context, speaker, found))


async def add(update: Update, context: WuxueContext) -> None:
    """加人: one by one, from a list, or officials who are no learners."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_add", 1))
    found = await context.read(
        visit_people.listed, speaker, visit_id, visit_people.ALL, now=context.now()
    )
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(context.label(verb, language), verb, visit_id)
        for verb in (PASTE, FIND, OFFICIALS)
    ]
    back = buttons.press(context.label("visit_lists", language), "visit_lists", visit_id)
    text = context.text("visit_add", language, found=found)
    await show(update, context, text, with_navigation(keys, [back]))


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


async def _words(
    update: Update, context: WuxueContext, answers: Answers, came: str
) -> dict[str, Any]:
    speaker = await context.speaker(update)
    found = await context.read(
        visit_people.find, speaker, answers["visit"], came, now=context.now()
    )
    people = [list(one) for one in found.people]
    return {"words": came, "people": people, "count": found.count}


async def _people(update: Update, context: WuxueContext, answers: Answers) -> list[tuple[str, str]]:
    del update, context
    return [(str(person_id), name) for person_id, name in answers["words"]["people"]]


async def _found(update: Update, context: WuxueContext, answers: Answers) -> dict[str, Any]:
    del update, context
    found = answers["words"]
    return {"words": found["words"], "count": found["count"], "shown": len(found["people"])}


def _who(came: str) -> str:
    """One that was pressed; a name typed here would have to be looked for."""
    return str(number(came))


async def _finish_find(update: Update, context: WuxueContext, answers: Answers) -> None:
    await _store(update, context, answers, FIND, person_ids=[int(answers["who"])])


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


BUTTONS: dict[str, Act] = {
    "visit_lists": lists,
    "visit_list": listed,
    "visit_unconfirmed": unconfirmed,
    "visit_open": unanswered,
    "visit_line": opened,
    "visit_say": say,
    "visit_told": told,
    "visit_off_ask": take_off_ask,
    "visit_off": take_off,
    "visit_unoff": put_back,
    "visit_unadd": take_back_added,
    "visit_add": add,
}
FORM_BUTTONS = {FIND: begin_find, PASTE: begin_paste, OFFICIALS: begin_officials}
# The same questions about unsure names as everywhere, and its own last look.
UNSURE = pasted_names.STEPS[:-1]
YES = (("yes", "visit_put"),)
WAY_ON = ("visit_lists", "visit_lists", "{visit}")
FORMS = (
    Form(
        FIND,
        (
            Step("words", "visit_find", settle=_words),
            Step("who", "visit_found", offer=_people, facts=_found, take=_who),
        ),
        _finish_find,
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
        way_on=WAY_ON,
    ),
    Form(
        OFFICIALS,
        (
            Step("lines", "visit_officials", take=_officials),
            Step("sure", "visit_officials_check", YES, facts=_read_back),
        ),
        _finish_officials,
        way_on=WAY_ON,
    ),
)
