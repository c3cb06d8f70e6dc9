"""签到 at a training: the code on the wall, and the list of a half day as taps."""

import asyncio

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers import pasted_names
from bot.handlers.directory import turning, with_navigation
from bot.reports import documents
from bot.reports.training_code import code_page
from bot.reports.training_sheets import sign_in_document
from bot.taps import Act, carried, number
from bot.telegram_names import link
from curriculum import training_attendance, training_events, training_list, training_sheets
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.rich_text import RichText
from curriculum.training_attendance import BY_HAND, ON_PAPER, ROLL_CALL, Roll

LIST = "training_paste"
# What the start payload of the code on the wall begins with.
PAYLOAD = "here-"


async def scanned(update: Update, context: WuxueContext, token: str) -> None:
    """The code on the wall opened the bot: recorded, and said so only then."""
    speaker = await context.speaker(update)
    found = await context.in_session(training_attendance.sign_in, speaker, token, now=context.now())
    key = buttons.press(
        context.label("training_open", speaker.language), "training", found.event_id
    )
    text = context.text("training_here", speaker.language, found=found)
    await context.say(speaker.chat_id, text, buttons.row(key))


async def choose(update: Update, context: WuxueContext) -> None:
    """培训点名: which half day."""
    speaker = await context.speaker(update)
    event_id, _, page = carried(update, "training_rolls", 1)[0].partition(":")
    found = await context.read(training_events.read, speaker, number(event_id), now=context.now())
    periods = [one for one in found.periods if found.is_arranger or one.is_mine]
    size = training_events.PAGE
    pages = max(1, -(-len(periods) // size))
    place = min(number(page or "0"), pages - 1)
    lines = list(enumerate(periods[place * size : (place + 1) * size], start=1))
    await context.answer(update)
    language = speaker.language
    keys = [buttons.press(str(n), "training_half", one.period_id) for n, one in lines]
    navigation = turning(
        context,
        language,
        place,
        pages,
        lambda other: buttons.data("training_rolls", found.event_id, other),
    )
    if found.is_arranger:
        plan = context.label("training_halves", language)
        navigation.append(buttons.press(plan, "training_halves", found.event_id, 0))
    back = context.label("training_back", language)
    navigation.append(buttons.press(back, "training", found.event_id))
    text = context.text("training_rolls", language, title=found.title, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation))


async def opened(update: Update, context: WuxueContext) -> None:
    """A half day's list; each name is a tap."""
    speaker = await context.speaker(update)
    period_id, evidence, page = carried(update, "training_call", 3)
    found = await context.read(
        training_attendance.roll, speaker, number(period_id), page=number(page), now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_worded(context, speaker, found, evidence))


async def ticked(update: Update, context: WuxueContext) -> None:
    """A name: here, or not here after all."""
    speaker = await context.speaker(update)
    period_id, evidence, page, person_id = carried(update, "training_tick", 4)
    await context.in_session(
        training_attendance.tick,
        speaker,
        number(period_id),
        number(person_id),
        evidence=_evidence(evidence),
        now=context.now(),
    )
    await context.answer(update)
    await _again(update, context, speaker, number(period_id), evidence, page=number(page))


async def ticked_all(update: Update, context: WuxueContext) -> None:
    """本页都到: whoever on this page is not marked yet; on to the next page."""
    speaker = await context.speaker(update)
    period_id, evidence, page = carried(update, "training_tick_all", 3)
    fresh = await context.in_session(
        training_attendance.tick_page,
        speaker,
        number(period_id),
        page=number(page),
        evidence=_evidence(evidence),
        now=context.now(),
    )
    # On to the next page: who is not here is taken out by a tap on the name.
    said = context.label("training_ticked_toast", speaker.language).format(count=fresh)
    await context.answer(update, said)
    await _again(update, context, speaker, number(period_id), evidence, page=number(page) + 1)


def _evidence(written: str) -> str:
    """How the list is known; whatever else a button claims is a forged one's."""
    return written if written in BY_HAND else ""


async def _again(
    update: Update,
    context: WuxueContext,
    speaker: Speaker,
    period_id: int,
    evidence: str,
    *,
    page: int,
) -> None:
    found = await context.read(
        training_attendance.roll, speaker, period_id, page=page, now=context.now()
    )
    await show(update, context, *_worded(context, speaker, found, evidence))


def _worded(
    context: WuxueContext, speaker: Speaker, found: Roll, evidence: str
) -> tuple[RichText, InlineKeyboardMarkup]:
    language, period_id = speaker.language, found.period_id
    evidence = evidence if evidence in BY_HAND else ROLL_CALL
    lines = list(enumerate(found.lines, start=1))
    names = [
        buttons.press(
            f"{n} {line.name}", "training_tick", period_id, evidence, found.page, line.person_id
        )
        for n, line in lines
    ]
    navigation = turning(
        context,
        language,
        found.page,
        found.pages,
        lambda other: buttons.data("training_call", period_id, evidence, other),
    )
    everybody = context.label("training_all_here", language)
    navigation += [
        buttons.press(everybody, "training_tick_all", period_id, evidence, found.page),
        buttons.press(context.label("training_half", language), "training_half", period_id),
    ]
    text = context.text(
        "training_call",
        language,
        roll=found,
        lines=lines,
        is_paper=evidence == ON_PAPER,
        page=found.page + 1,
        pages=found.pages,
    )
    return text, with_navigation(names, navigation)


async def half(update: Update, context: WuxueContext) -> None:
    """One half day: how many are here, and every way to enter who is."""
    speaker = await context.speaker(update)
    (period_id,) = map(number, carried(update, "training_half", 1))
    found = await context.read(training_list.half, speaker, period_id)
    await context.answer(update)

    def key(label: str, verb: str, *ids: object) -> InlineKeyboardButton:
        return buttons.press(context.label(label, speaker.language), verb, *ids)

    keys = [
        key("call_roll", "training_call", period_id, ROLL_CALL, 0),
        key("training_on_paper", "training_call", period_id, ON_PAPER, 0),
        key("training_add_person", "training_add", found.event_id, period_id),
        key("paste_list", LIST, period_id),
        key("training_code", "training_code", period_id),
        key("training_paper", "training_paper", period_id),
    ]
    look = key("find_people", "training_look", "roll", period_id)
    back = key("training_roll", "training_rolls", found.event_id)
    text = context.text("training_half", speaker.language, half=found)
    await show(update, context, text, with_navigation(keys, [look, back]))


async def code(update: Update, context: WuxueContext) -> None:
    """签到码: a page to hang on the wall, good for this half day alone."""
    speaker = await context.speaker(update)
    (period_id,) = map(number, carried(update, "training_code", 1))
    found = await context.read(training_list.half, speaker, period_id)
    await context.answer(update)
    language, renderer = speaker.language, context.services.renderer
    url = link(renderer.bot_username, PAYLOAD + found.token)
    data = await asyncio.to_thread(code_page, found, renderer, language, url=url)
    day = local_date(found.starts_at, ZONE).isoformat()
    name = f"{context.label('training_code', language)}_{day}.pdf"
    await context.patiently(
        lambda: context.bot.send_document(speaker.chat_id, InputFile(data, filename=name))
    )


async def paper(update: Update, context: WuxueContext) -> None:
    """签到表: the list to be signed by hand, to print and to change."""
    speaker = await context.speaker(update)
    (period_id,) = map(number, carried(update, "training_paper", 1))
    found = await context.read(training_sheets.sign_in_sheet, speaker, period_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    document = sign_in_document(found, context.services.renderer, language)
    day = local_date(found.starts_at, ZONE).isoformat()
    name = f"{context.label('training_paper', language)}_{day}"
    for data, ending in (
        (await asyncio.to_thread(documents.docx, document), "docx"),
        (await asyncio.to_thread(documents.pdf, document), "pdf"),
    ):
        file = InputFile(data, filename=f"{name}.{ending}")
        await context.patiently(
            lambda file=file: context.bot.send_document(speaker.chat_id, file)  # type: ignore[misc]
        )


PASTED = pasted_names.PastedRoll(
    form=LIST,
    verb=LIST,
    of="period",
    opened=training_attendance.roll,
    match=training_list.match,
    enter=training_attendance.enter,
    entered="training_entered",
    back=("training_half", "training_half"),
)
BUTTONS: dict[str, Act] = {
    "training_rolls": choose,
    "training_half": half,
    "training_call": opened,
    "training_tick": ticked,
    "training_tick_all": ticked_all,
    "training_code": code,
    "training_paper": paper,
}
FORM_BUTTONS = {LIST: PASTED.begin}
FORMS = (PASTED.as_form(),)
