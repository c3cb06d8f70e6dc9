"""参观交流 in chat: what there is, one visit's page, going or not, 知道了, its papers."""

from functools import partial

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import turning, with_navigation
from bot.handlers.event_pages import change_one, send_calendar, show_one, stands_alone
from bot.reports.visit_sheets import calendar_of
from bot.taps import Act, carried, number
from curriculum import visit_answers, visit_list, visit_pages
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.visit_list import VisitsPage
from curriculum.visit_pages import VisitView

Key = InlineKeyboardButton
SEARCH = "visit_search"
# What a button of a page can carry of what was searched for.
WORDS_BYTES = 40
# So many places stand on a page; the programme on paper holds them all.
STOPS_SHOWN = 8
# By these a list of visits is known.
LISTS = ("visits", "visit_lists", "visit_new", "visit_logs")


async def overview(update: Update, context: WuxueContext) -> None:
    """参观交流, /visit: what concerns her; with words behind it only what holds them."""
    speaker = await context.speaker(update)
    words = " ".join(context.args or [])
    found = await context.read(visit_list.listed, speaker, words=words, now=context.now())
    await context.say(speaker.chat_id, *_listed(context, speaker, found))


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of the list, or of what was searched for."""
    speaker = await context.speaker(update)
    page, words = carried(update, "visits", 2)
    found = await context.read(
        visit_list.listed, speaker, words=words, page=number(page), now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_listed(context, speaker, found))


def _listed(
    context: WuxueContext, speaker: Speaker, found: VisitsPage
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(n), "visit", line.visit_id) for n, line in lines]
    can_turn = len(found.words.encode()) <= WORDS_BYTES
    navigation = turning(
        context,
        language,
        found.page,
        found.pages if can_turn else 1,
        lambda page: buttons.data("visits", page, found.words),
    )
    if found.words:
        every = context.label("visit_all", language)
        navigation.append(buttons.press(every, "visits", 0, ""))
    elif found.pages > 1:
        search = context.label("visit_search", language)
        navigation.append(buttons.press(search, SEARCH, ""))
    if found.can_arrange:
        new = context.label("visit_new", language)
        navigation.append(buttons.press(new, "visit_new", ""))
        blank = context.label("visit_blank", language)
        keys.append(buttons.press(blank, "visit_blank", ""))
    text = context.text("visits", language, lines=lines, words=found.words)
    return text, with_navigation(keys, navigation) if keys or navigation else None


async def begin_search(update: Update, context: WuxueContext, forms: Forms) -> None:
    """查参观: by its name, its organiser or a place."""
    speaker = await context.speaker(update)
    await context.answer(update)
    await forms.start(update, context, SEARCH, {"language": speaker.language})


async def _searched(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)
    found = await context.read(
        visit_list.listed, speaker, words=answers["words"], now=context.now()
    )
    await context.in_session(drop, context, speaker.chat_id, SEARCH)
    text, keyboard = _listed(context, speaker, found)
    await show(update, context, text, keyboard)


async def opened(update: Update, context: WuxueContext) -> None:
    """A visit's page; from a message that tells of it, as a message of its own."""
    is_new = stands_alone(update, "visit", LISTS)
    await show_one(update, context, "visit", visit_pages.read, page, is_new=is_new)


def page(
    context: WuxueContext, speaker: Speaker, visit: VisitView
) -> tuple[RichText, InlineKeyboardMarkup]:
    """One visit with what this person can do about it."""

    def key(label: str, verb: str, *ids: object) -> Key:
        return buttons.press(context.label(label, speaker.language), verb, visit.visit_id, *ids)

    keys = [key(label, verb) for label, verb in _own_acts(visit)]
    if visit.documents:
        keys.append(key("visit_files", "visit_files"))
    if visit.stops:
        keys.append(key("visit_programme", "visit_programme", "pdf"))
    if visit.state == "approved" and visit.mine == "coming" and visit.phase == "ahead":
        keys.append(key("visit_calendar", "visit_calendar"))
    travels = visit.mine in ("coming", "invited")
    if visit.state == "approved" and visit.phase != "ahead" and (travels or visit.is_arranger):
        keys.append(key("visit_log", "visit_hub"))
    if visit.is_arranger:
        keys.append(key("visit_manage", "visit_manage"))
    back = buttons.press(context.label("visit_all", speaker.language), "visits", 0, "")
    text = context.text("visit", speaker.language, visit=visit, most=STOPS_SHOWN)
    return text, with_navigation(keys, [back])


def _own_acts(visit: VisitView) -> list[tuple[str, str]]:
    """Saying yes or no, as long as the journey has not begun."""
    if visit.state != "approved" or visit.phase != "ahead" or visit.mine is None:
        return []
    go, stay = ("visit_go", "visit_go"), ("visit_stay", "visit_why")
    return [one for one, state in ((go, "coming"), (stay, "not_coming")) if visit.mine != state]


async def go(update: Update, context: WuxueContext) -> None:
    """我去: said only when it is stored."""
    answer = partial(visit_answers.answer, state="coming")
    await change_one(update, context, "visit_go", answer, page)


async def why(update: Update, context: WuxueContext) -> None:
    """去不了: asks why, four buttons, none of which must be true to its words."""
    speaker = await context.speaker(update)
    (visit_id,) = map(number, carried(update, "visit_why", 1))
    found = await context.read(visit_pages.read, speaker, visit_id, now=context.now())
    if found.mine is None:
        raise NotThere
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(context.label(f"reason_{reason}", language), "visit_no", visit_id, reason)
        for reason in visit_answers.REASONS
    ]
    back = buttons.press(context.label("visit_back", language), "visit", visit_id)
    text = context.text("visit_why", language, visit=found)
    await show(update, context, text, with_navigation(keys, [back]))


async def stay(update: Update, context: WuxueContext) -> None:
    """One of the reasons: it is stored."""
    speaker = await context.speaker(update)
    visit_id, reason = carried(update, "visit_no", 2)
    found = await context.in_session(
        visit_answers.answer,
        speaker,
        number(visit_id),
        "not_coming",
        reason=reason,
        now=context.now(),
    )
    await context.answer(update)
    await show(update, context, *page(context, speaker, found))


async def seen(update: Update, context: WuxueContext) -> None:
    """知道了, under a late change."""
    speaker = await context.speaker(update)
    visit_id, change = map(number, carried(update, "visit_seen", 2))
    found = await context.in_session(
        visit_answers.confirm, speaker, visit_id, change, now=context.now()
    )
    await context.answer(update, context.label("visit_seen_toast", speaker.language))
    await show(update, context, *page(context, speaker, found), is_new=True)


async def calendar(update: Update, context: WuxueContext) -> None:
    """加日历, 更新日历."""
    await send_calendar(update, context, "visit", visit_pages.for_calendar, calendar_of)


BUTTONS: dict[str, Act] = {
    "visits": turned,
    "visit": opened,
    "visit_go": go,
    "visit_why": why,
    "visit_no": stay,
    "visit_seen": seen,
    "visit_calendar": calendar,
}
FORM_BUTTONS = {SEARCH: begin_search}
FORMS = (
    Form(
        SEARCH,
        (Step("words", "visit_search"),),
        _searched,
        way_on=("visits", "open", "visits"),
    ),
)
