"""改为线上 in chat: a whole journey in one tap, its link, who has seen it, and 撤销."""

from datetime import date

from sqlmodel import Session
from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Form, Forms, Step, drop, show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.taps import Act, carried, number
from curriculum import supervision_trips as rules
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.supervision_times import usable_place

LINK = "sup_link"


async def overview(update: Update, context: WuxueContext) -> None:
    """我的出行: the journeys with somebody to meet, each moved online by one tap."""
    page, words = turned_to(carried(update, "sup_trips", 1)[0])
    await show_list(update, context, 0, words, page)
    await context.answer(update)


async def show_list(
    update: Update, context: WuxueContext, of: int, words: str = "", page: int = 0
) -> None:
    """One page of them, or of those that these words name; they are of whoever asks (`of` 0)."""
    del of
    speaker = await context.speaker(update)
    found = await context.read(
        rules.journeys_page, speaker, words=words, page=page, now=context.now()
    )
    lines = list(enumerate(found.lines, start=1))
    language = speaker.language
    label = context.label("to_online", language)
    keys = [
        buttons.press(f"{label} {place}", "sup_online", f"{one.first:%Y%m%d}")
        for place, one in lines
    ]
    navigation = searching(
        context,
        language,
        found,
        at=("sup_trips", 0),
        turn=lambda rest: buttons.data("sup_trips", rest),
    )
    navigation.append(buttons.press(context.label("back_to_pairs", language), "accompanied", 0))
    text = context.text("supervision_trips", language, found=found, lines=lines)
    await show(update, context, text, with_navigation(keys, navigation), protected=True)


async def to_online(update: Update, context: WuxueContext) -> None:
    """改为线上: every session in person of that journey, at once."""
    speaker = await context.speaker(update)
    (written,) = carried(update, "sup_online", 1)
    trip_id = await context.in_session(
        rules.to_online, speaker, read_day(written), now=context.now()
    )
    await context.answer(update, context.label("changed_toast", speaker.language))
    await _show(update, context, speaker, trip_id)
    context.send_what_is_due()


def read_day(written: str) -> date:
    """A day as a button carries it, YYYYMMDD; raises NotThere."""
    digits = f"{number(written):08d}"
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise NotThere from error


async def opened(update: Update, context: WuxueContext) -> None:
    """A journey that moved online: who has seen it by now."""
    speaker = await context.speaker(update)
    (trip_id,) = map(number, carried(update, "sup_trip", 1))
    await context.answer(update)
    await _show(update, context, speaker, trip_id)


async def _show(update: Update, context: WuxueContext, speaker: Speaker, trip_id: int) -> None:
    found = await context.read(rules.page, speaker, trip_id)
    language, may_undo = speaker.language, found.may_undo(context.now())
    keys = []
    if may_undo:
        keys.append(buttons.press(context.label("undo", language), "sup_tundo", trip_id))
    if not found.is_undone:
        keys += [
            buttons.press(context.label("give_link", language), LINK, trip_id),
            buttons.press(context.label("see_again", language), "sup_trip", trip_id),
        ]
    back = buttons.press(context.label("back_to_pairs", language), "accompanied", 0)
    text = context.text("supervision_trip", language, page=found, may_undo=may_undo)
    await show(update, context, text, with_navigation(keys, [back]), protected=True)


async def take_back(update: Update, context: WuxueContext) -> None:
    """撤销 of the whole journey."""
    speaker = await context.speaker(update)
    (trip_id,) = map(number, carried(update, "sup_tundo", 1))
    await context.in_session(rules.take_back, speaker, trip_id, now=context.now())
    await context.answer(update, context.label("taken_back_toast", speaker.language))
    await _show(update, context, speaker, trip_id)
    context.send_what_is_due()


async def seen(update: Update, context: WuxueContext) -> None:
    """知道了."""
    speaker = await context.speaker(update)
    version, booking_id = map(number, carried(update, "sup_known", 2))
    await context.in_session(rules.seen, speaker, booking_id, version=version, now=context.now())
    await context.answer(update, context.label("noted_toast", speaker.language))


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """发链接: one for every session of the journey."""
    speaker = await context.speaker(update)
    (trip_id,) = map(number, carried(update, LINK, 1))
    found = await context.read(rules.page, speaker, trip_id)
    if found.is_undone:
        raise NotThere
    await context.answer(update)
    answers: Answers = {"trip": trip_id, "language": speaker.language}
    await forms.start(update, context, LINK, answers)


async def _finish(update: Update, context: WuxueContext, answers: Answers) -> None:
    speaker = await context.speaker(update)

    def store(session: Session) -> None:
        rules.set_link(session, speaker, answers["trip"], answers["link"], now=context.now())
        drop(session, context, speaker.chat_id, LINK)

    await context.in_session(store)
    await _show(update, context, speaker, answers["trip"])
    context.send_what_is_due()


BUTTONS: dict[str, Act] = {
    "sup_trips": overview,
    "sup_online": to_online,
    "sup_trip": opened,
    "sup_tundo": take_back,
    "sup_known": seen,
}
FORM_BUTTONS = {LINK: begin}
FORMS = (
    Form(
        LINK,
        (Step("link", "supervision_link", take=usable_place),),
        _finish,
        protected=True,
        way_on=("sup_trips", "sup_trip", "{trip}"),
    ),
)
