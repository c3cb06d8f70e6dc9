"""送达情况 in chat: day by day what arrived, whom to call, 再发一次 with 撤回."""

from datetime import date

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.schedule import show_lesson
from bot.taps import Act, carried, number
from curriculum import arrivals, sending_again
from curriculum.arrivals import Overview
from curriculum.errors import NotThere
from curriculum.people import Speaker

ON_A_PAGE = 5
Row = list[InlineKeyboardButton]
TODAY = "today"


async def overview(update: Update, context: WuxueContext) -> None:
    """/delivery, 送达情况: today."""
    await _show_day(update, context, None, 0, is_new=True)


async def turned(update: Update, context: WuxueContext) -> None:
    """Another day, another page of one, or back to the day from one cohort."""
    day, page = carried(update, "arrivals", 2)
    await _show_day(update, context, _day(day), number(page), is_new=False)
    await context.answer(update)


async def _show_day(
    update: Update, context: WuxueContext, day: date | None, page: int, *, is_new: bool
) -> None:
    speaker = await context.speaker(update)
    found = await context.read(arrivals.overview, speaker, day, now=context.now())
    page = min(page, max(0, (len(found.lines) - 1) // ON_A_PAGE))
    lines = list(enumerate(found.lines[page * ON_A_PAGE : (page + 1) * ON_A_PAGE], 1))
    keys = [buttons.press(str(number), "arrival", line.name) for number, line in lines]
    rows = [keys, _unreachable_key(context, speaker, found), _turns(context, speaker, found, page)]
    text = context.text("arrivals", speaker.language, day=found.day, lines=lines)
    await show(
        update, context, text, InlineKeyboardMarkup([row for row in rows if row]), is_new=is_new
    )


def _unreachable_key(context: WuxueContext, speaker: Speaker, found: Overview) -> Row:
    if not found.unreachable:
        return []
    return [buttons.press(context.label("unreachable_people", speaker.language), "unreachable", 0)]


def _turns(context: WuxueContext, speaker: Speaker, found: Overview, page: int) -> Row:
    turns = [
        ("previous_day", found.previous_day, 0),
        ("previous_page", found.day if page else None, page - 1),
        ("next_page", found.day if len(found.lines) > (page + 1) * ON_A_PAGE else None, page + 1),
        ("next_day", found.next_day, 0),
    ]
    return [
        buttons.press(context.label(name, speaker.language), "arrivals", day.isoformat(), number)
        for name, day, number in turns
        if day is not None
    ]


async def opened(update: Update, context: WuxueContext) -> None:
    """One cohort's date: the numbers, the reasons, and sending it again where some missed it."""
    speaker = await context.speaker(update)
    name = carried(update, "arrival", 1)[0]
    line = await context.read(arrivals.one, speaker, name, now=context.now())
    again = await context.read(sending_again.preview, speaker, name, now=context.now())
    await context.answer(update)
    language = speaker.language
    rows = [_back_to(context, speaker, name)]
    if again.number:
        key = buttons.press(context.label("send_again", language), "again", name)
        rows.insert(0, [key])
    text = context.text("arrival", language, line=line, missed=again.number)
    await show(update, context, text, InlineKeyboardMarkup(rows))


def _back_to(context: WuxueContext, speaker: Speaker, name: str) -> Row:
    day = name.partition(":")[2]
    return [buttons.press(context.label("back", speaker.language), "arrivals", day, 0)]


async def previewed(update: Update, context: WuxueContext) -> None:
    """再发一次: the messages as they will look, to how many, and one more press."""
    speaker = await context.speaker(update)
    name = carried(update, "again", 1)[0]
    again = await context.read(sending_again.preview, speaker, name, now=context.now())
    await context.answer(update)
    language = speaker.language
    if again.values is not None and again.number:
        await show_lesson(context, speaker, again.values)
    keys = [buttons.press(context.label("back", language), "arrival", name)]
    if again.number:
        keys.insert(0, buttons.press(context.label("send", language), "send_again", name))
    text = context.text("send_again", language, again=again)
    await context.say(speaker.chat_id, text, buttons.row(*keys))


async def sent_again(update: Update, context: WuxueContext) -> None:
    """发送: owed again, at once or in a minute with 撤回."""
    speaker = await context.speaker(update)
    name = carried(update, "send_again", 1)[0]
    again = await context.in_session(sending_again.send_again, speaker, name, now=context.now())
    await context.answer(update)
    language = speaker.language
    keys = [buttons.press(context.label("arrivals", language), "arrivals", TODAY, 0)]
    if again.entry_id is not None:
        keys.insert(
            0, buttons.press(context.label("take_back", language), "take_back", again.entry_id)
        )
    text = context.text("sent_again", language, again=again)
    await show(update, context, text, buttons.row(*keys))
    if again.number and not again.waits:
        context.send_what_is_due()


async def took_back(update: Update, context: WuxueContext) -> None:
    """撤回: what has not gone out stands again as it stood."""
    speaker = await context.speaker(update)
    entry = carried(update, "take_back", 1)[0]
    count = await context.in_session(
        sending_again.take_back, speaker, number(entry), now=context.now()
    )
    await context.answer(update)
    key = buttons.press(context.label("arrivals", speaker.language), "arrivals", TODAY, 0)
    text = context.text("taken_back", speaker.language, count=count)
    await show(update, context, text, buttons.row(key))


async def unreachable(update: Update, context: WuxueContext) -> None:
    """联系不上: names, phones and since when, to be called."""
    speaker = await context.speaker(update)
    page = carried(update, "unreachable", 1)[0]
    found = await context.read(arrivals.unreachable, speaker, number(page))
    await context.answer(update)
    language = speaker.language
    turns = [("previous_page", found.page - 1), ("next_page", found.page + 1)]
    keys = [
        buttons.press(context.label(name, language), "unreachable", number)
        for name, number in turns
        if 0 <= number < found.pages
    ]
    keys.insert(0, buttons.press(context.label("back", language), "arrivals", TODAY, 0))
    text = context.text("unreachable", language, found=found)
    await show(update, context, text, InlineKeyboardMarkup([keys]))


def _day(written: str) -> date | None:
    """The day a button names; None means today."""
    if written == TODAY:
        return None
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise NotThere from error


BUTTONS: dict[str, Act] = {
    "arrivals": turned,
    "arrival": opened,
    "unreachable": unreachable,
    "again": previewed,
    "send_again": sent_again,
    "take_back": took_back,
}
