"""线下培训 in chat: what there is, one training's page, registering, saying no, its papers."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import turning, with_navigation
from bot.handlers.event_pages import change_one, send_calendar, show_one, stands_alone
from bot.reports.training_sheets import calendar_of
from bot.taps import Act, carried, number
from curriculum import training_events, training_overview, training_seats, training_sheets
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from curriculum.training_events import EventView
from curriculum.training_overview import EventsPage

Key = InlineKeyboardButton
# What the button of a page can carry of what was searched for; longer words find few trainings.
WORDS_BYTES = 48
# By these a list of trainings is known.
LISTS = ("trainings",)


async def overview(update: Update, context: WuxueContext) -> None:
    """线下培训, /training: what concerns her."""
    speaker = await context.speaker(update)
    found = await context.read(training_overview.listed, speaker, now=context.now())
    await context.say(speaker.chat_id, *_listed(context, speaker, found))


async def turned(update: Update, context: WuxueContext) -> None:
    """Another page of the list."""
    speaker = await context.speaker(update)
    page, _, words = carried(update, "trainings", 1)[0].partition(":")
    found = await context.read(
        training_overview.listed, speaker, words=words, page=number(page), now=context.now()
    )
    await context.answer(update)
    await show(update, context, *_listed(context, speaker, found))


async def found(update: Update, context: WuxueContext, words: str) -> None:
    """What was searched for among the trainings."""
    speaker = await context.speaker(update)
    page = await context.read(training_overview.listed, speaker, words=words, now=context.now())
    await show(update, context, *_listed(context, speaker, page))


def _listed(
    context: WuxueContext, speaker: Speaker, found: EventsPage
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    language = speaker.language
    lines = list(enumerate(found.lines, start=1))
    keys = [buttons.press(str(n), "training", line.event_id) for n, line in lines]
    can_turn = len(found.words.encode()) <= WORDS_BYTES
    navigation = turning(
        context,
        language,
        found.page,
        found.pages if can_turn else 1,
        lambda page: buttons.data("trainings", page, *([found.words] if found.words else [])),
    )
    if found.words:
        everything = context.label("training_all", language)
        navigation.append(buttons.press(everything, "trainings", 0))
    elif found.pages > 1:
        look = context.label("training_look", language)
        navigation.append(buttons.press(look, "training_look", "events", 0))
    if found.can_arrange and not found.words:
        new = context.label("training_new", language)
        navigation.append(buttons.press(new, "training_new", ""))
        blank = context.label("training_blank", language)
        keys.append(buttons.press(blank, "training_blank", ""))
    text = context.text("trainings", language, lines=lines, words=found.words)
    return text, with_navigation(keys, navigation) if keys or navigation else None


async def opened(update: Update, context: WuxueContext) -> None:
    """A training's page; from a message that tells of it, as a message of its own."""
    is_new = stands_alone(update, "training", LISTS)
    await show_one(update, context, "training", training_events.read, page, is_new=is_new)


def page(
    context: WuxueContext, speaker: Speaker, event: EventView
) -> tuple[RichText, InlineKeyboardMarkup]:
    """One training with what this person can do about it."""

    def key(label: str, verb: str) -> Key:
        return buttons.press(context.label(label, speaker.language), verb, event.event_id)

    keys = [key(label, verb) for label, verb in _own_acts(event)]
    if event.documents:
        keys.append(key("training_papers", "training_papers"))
    if event.latitude is not None:
        keys.append(key("training_pin", "training_pin"))
    is_on = event.state == "published"
    if is_on and event.seat == "registered" and event.phase in ("open", "closed"):
        keys.append(key("training_calendar", "training_calendar"))
    if is_on and (event.is_trainer or event.is_arranger):
        keys.append(key("training_roll", "training_rolls"))
    if event.is_arranger:
        keys.append(key("training_manage", "training_manage"))
    back = buttons.press(context.label("training_all", speaker.language), "trainings", 0)
    return context.text("training", speaker.language, event=event), with_navigation(keys, [back])


def _own_acts(event: EventView) -> list[tuple[str, str]]:
    """Registering and saying no, where either is still open to her."""
    if event.state != "published" or event.phase not in ("open", "closed"):
        return []
    decline = ("training_no", "training_why")
    if event.seat in ("registered", "waiting"):
        return [decline]
    if not event.is_invited or event.phase == "closed":
        return []
    label = "training_join_again" if event.seat == "declined" else "training_join"
    join = (label if event.free else "training_wait", "training_join")
    return [join] if event.seat == "declined" else [join, decline]


async def join(update: Update, context: WuxueContext) -> None:
    """我要报名: said only when it is stored, with a place or a number."""
    await change_one(update, context, "training_join", training_seats.register, page)


async def why(update: Update, context: WuxueContext) -> None:
    """去不了: asks why, four buttons, none of which must be true to its words."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_why", 1))
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    await context.answer(update)
    language = speaker.language
    keys = [
        buttons.press(context.label(f"reason_{reason}", language), "training_no", event_id, reason)
        for reason in training_seats.REASONS
    ]
    back = buttons.press(context.label("training_back", language), "training", event_id)
    text = context.text("training_why", language, event=found)
    await show(update, context, text, with_navigation(keys, [back]))


async def decline(update: Update, context: WuxueContext) -> None:
    """One of the reasons: it is stored, and whoever waits longest moves up."""
    speaker = await context.speaker(update)
    event_id, reason = carried(update, "training_no", 2)
    found = await context.in_session(
        training_seats.decline, speaker, number(event_id), reason=reason, now=context.now()
    )
    await context.answer(update)
    await show(update, context, *page(context, speaker, found))
    context.send_what_is_due()


async def pin(update: Update, context: WuxueContext) -> None:
    """看位置: the place on the map."""
    speaker = await context.speaker(update)
    (event_id,) = map(number, carried(update, "training_pin", 1))
    found = await context.read(training_events.read, speaker, event_id, now=context.now())
    if found.latitude is None or found.longitude is None:
        raise NotThere
    latitude, longitude = found.latitude, found.longitude
    await context.answer(update)
    await context.patiently(lambda: context.bot.send_location(speaker.chat_id, latitude, longitude))


async def calendar(update: Update, context: WuxueContext) -> None:
    """加日历, 更新日历."""
    read = training_sheets.for_calendar
    await send_calendar(update, context, "training", read, calendar_of)


BUTTONS: dict[str, Act] = {
    "trainings": turned,
    "training": opened,
    "training_join": join,
    "training_why": why,
    "training_no": decline,
    "training_pin": pin,
    "training_calendar": calendar,
}
