"""The people of a visit in chat: its lists, one person of it, and putting people on it."""

from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import SEARCH, searching, turned_to
from bot.taps import Act, carried, number
from curriculum import visit_answers, visit_people
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_answers import LISTS, Card, ListPage

FIND, PASTE, OFFICIALS = "visit_find", "visit_paste", "visit_officials"


async def lists(update: Update, context: WuxueContext) -> None:
    """名单: how many of whom, and which list to open."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_lists", 1))
    found = await context.read(
        visit_answers.listed, speaker, visit_id, visit_answers.ALL, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *all_lists(context, speaker, found))


def all_lists(
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
    if found.counts[visit_answers.ALL] > visit_answers.PAGE:
        look = context.label(SEARCH, language)
        navigation.insert(0, buttons.press(look, SEARCH, "visit_list", visit_id))
    if found.can_change:
        add = context.label("visit_add", language)
        navigation.insert(0, buttons.press(add, "visit_add", visit_id))
    text = context.text("visit_lists", language, found=found)
    return text, with_navigation(keys, navigation)


async def listed(update: Update, context: WuxueContext) -> None:
    """One list, a page of it."""
    visit_id, name, rest = carried(update, "visit_list", 3)
    page, words = turned_to(rest)
    await _show_list(update, context, number(visit_id), name, page, words=words)
    await context.answer(update)


async def show_found(update: Update, context: WuxueContext, visit_id: int, words: str) -> None:
    """Who on any of the lists fits these words."""
    await _show_list(update, context, visit_id, visit_answers.ALL, 0, words=words)


async def again(update: Update, context: WuxueContext) -> None:
    """刷新: the same page as it stands now; says so, since often nothing looks different."""
    visit_id, name, page = carried(update, "visit_again", 3)
    await _show_list(update, context, number(visit_id), name, number(page))
    language = await context.language(update)
    await context.answer(update, context.label("visit_fresh_toast", language))


async def unconfirmed(update: Update, context: WuxueContext) -> None:
    """没确认: as it stands now, with numbers to call."""
    (visit_id,) = map(number, carried(update, "visit_unconfirmed", 1))
    await _show_list(update, context, visit_id, visit_answers.UNCONFIRMED, 0)
    await context.answer(update)


async def unanswered(update: Update, context: WuxueContext) -> None:
    """Who has not answered, from 今日待办."""
    (visit_id,) = map(number, carried(update, "visit_open", 1))
    await _show_list(update, context, visit_id, "invited", 0)
    await context.answer(update)


async def _show_list(
    update: Update,
    context: WuxueContext,
    visit_id: int,
    name: str,
    page: int,
    *,
    words: str = "",
) -> None:
    speaker = await context.speaker(update)
    found = await context.read(
        visit_answers.listed, speaker, visit_id, name, words=words, page=page, now=context.now()
    )
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [
        buttons.press(f"{n} {line.name}".strip(), "visit_line", visit_id, line.line_id)
        for n, line in lines
    ]
    navigation = searching(
        context,
        language,
        found,
        at=("visit_list", visit_id),
        turn=lambda rest: buttons.data("visit_list", visit_id, name, rest),
        # It stands above the lists: here 刷新 has its place.
        can_search=False,
    )
    if not found.words:
        fresh = context.label("visit_refresh", language)
        navigation.append(buttons.press(fresh, "visit_again", visit_id, name, found.page))
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
    found = await context.read(visit_answers.card, speaker, visit_id, line_id, now=context.now())
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
        visit_answers.answer_for,
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
        visit_answers.confirm_for, speaker, visit_id, line_id, now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await show(update, context, *_card(context, speaker, found))


async def take_off_ask(update: Update, context: WuxueContext) -> None:
    """移出名单: asks once, since that person may be told."""
    speaker = await context.speaker(update)
    visit_id, line_id = map(number, carried(update, "visit_off_ask", 2))
    found = await context.read(visit_answers.card, speaker, visit_id, line_id, now=context.now())
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
    was = await context.read(visit_answers.card, speaker, visit_id, line_id, now=now)
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
    now, line = context.now(), number(line_id)
    await context.in_session(visit_people.put_back, speaker, number(visit_id), line, state, now=now)
    found = await context.read(visit_answers.card, speaker, number(visit_id), line, now=now)
    await context.answer(update, context.label("undone_toast", speaker.language))
    await show(update, context, *_card(context, speaker, found))


async def add(update: Update, context: WuxueContext) -> None:
    """加人: one by one, from a list, or officials who are no learners."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_add", 1))
    found = await context.read(
        visit_answers.listed, speaker, visit_id, visit_answers.ALL, now=context.now()
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


BUTTONS: dict[str, Act] = {
    "visit_lists": lists,
    "visit_list": listed,
    "visit_again": again,
    "visit_unconfirmed": unconfirmed,
    "visit_open": unanswered,
    "visit_line": opened,
    "visit_say": say,
    "visit_told": told,
    "visit_off_ask": take_off_ask,
    "visit_off": take_off,
    "visit_unoff": put_back,
    "visit_add": add,
}
