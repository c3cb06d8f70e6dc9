"""外出 in chat: her absence and who stands in, what is said of it, the lists handed over."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import Answers, Forms, show
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import deputies, deputy_choice, deputy_pages
from curriculum.deputy_pages import Away, Page
from curriculum.deputy_words import ABSENT, COORDINATOR, DEPUTY, OPEN, SURE
from curriculum.facts import Facts
from scheduler.channel import Part

AWAY, CHANGE = "away", "change_deputy"
OTHERS_SHOWN = 3


async def away(update: Update, context: WuxueContext, forms: Forms) -> None:
    """/away, 外出: what stands; where nothing does, from when until when and who stands in."""
    speaker = await context.speaker(update)
    found = await context.read(deputy_pages.page, speaker, now=context.now())
    if found.own is None and not found.others:
        await forms.start(update, context, AWAY, {"language": speaker.language})
        return
    await show(update, context, *_page(context, speaker.language, found), is_new=True)


async def begin(update: Update, context: WuxueContext, forms: Forms) -> None:
    """我要外出, for somebody who stands in for others already."""
    speaker = await context.speaker(update)
    speaker.require(deputy_choice.RIGHT)
    await context.answer(update)
    await forms.start(update, context, AWAY, {"language": speaker.language})


async def change(update: Update, context: WuxueContext, forms: Forms) -> None:
    """换人: the rest of the absence with somebody else."""
    speaker = await context.speaker(update)
    (row_id,) = map(number, carried(update, CHANGE, 1))
    found = await context.read(deputy_pages.own, speaker, row_id, now=context.now())
    await context.answer(update)
    answers: Answers = {
        "row": row_id,
        "since": found.since.isoformat(),
        "back": found.back.isoformat(),
        "language": speaker.language,
    }
    await forms.start(update, context, CHANGE, answers)


def _page(
    context: WuxueContext, language: str, found: Page
) -> tuple[Any, InlineKeyboardMarkup | None]:
    keys: list[InlineKeyboardButton] = []
    if found.own is not None:
        keys += _own_keys(context, language, found.own)
    else:
        keys.append(buttons.press(context.label("go_away", language), "go_away", ""))
    no = context.label("deputy_no", language)
    others = found.others[:OTHERS_SHOWN]
    keys += [buttons.press(f"{no} {one.name}", "deputy_no", one.row_id) for one in others]
    return context.text("away", language, page=found), buttons.rows(keys)


def _own_keys(context: WuxueContext, language: str, own: Away) -> list[InlineKeyboardButton]:
    ends = "am_back" if own.has_begun else "cancel_away"
    keys = [
        buttons.press(context.label("change_deputy", language), CHANGE, own.row_id),
        buttons.press(context.label(ends, language), "end_away", own.row_id),
    ]
    if own.undo_until is not None:
        keys.append(buttons.press(context.label("undo", language), "undo_away", own.row_id))
    return keys


async def show_page(update: Update, context: WuxueContext) -> None:
    """Her own absence, and those whose deputy she is, as they stand now."""
    speaker = await context.speaker(update)
    found = await context.read(deputy_pages.page, speaker, now=context.now())
    await show(update, context, *_page(context, speaker.language, found))


async def ended(update: Update, context: WuxueContext) -> None:
    """我回来了, or 取消外出 before it began."""
    await _pressed(update, context, "end_away", deputies.come_back)


async def undone(update: Update, context: WuxueContext) -> None:
    """撤销 under whatever she did last about an absence."""
    await _pressed(update, context, "undo_away", deputies.undo, toast="undone_toast")


async def agreed(update: Update, context: WuxueContext) -> None:
    """好的 of the deputy."""
    await _pressed(update, context, "deputy_yes", partial(deputies.answer, yes=True))


async def declined(update: Update, context: WuxueContext) -> None:
    """不方便 of the deputy, on any day."""
    await _pressed(update, context, "deputy_no", partial(deputies.answer, yes=False))


async def approved(update: Update, context: WuxueContext) -> None:
    """同意 of a coordinator."""
    await _pressed(update, context, "deputy_fits", partial(deputies.decide, yes=True))


async def refused(update: Update, context: WuxueContext) -> None:
    """不同意 of a coordinator."""
    await _pressed(update, context, "deputy_unfit", partial(deputies.decide, yes=False))


async def _pressed(
    update: Update,
    context: WuxueContext,
    verb: str,
    rule: Callable[..., None],
    *,
    toast: str = "changed_toast",
) -> None:
    """Do it to the absence that the button carries, and show how that stands after it."""
    speaker = await context.speaker(update)
    (row_id,) = map(number, carried(update, verb, 1))
    await context.in_session(rule, speaker, row_id, now=context.now())
    await context.answer(update, context.label(toast, speaker.language))
    await show_word(update, context, row_id)
    context.send_what_is_due()


async def show_word(
    update: Update, context: WuxueContext, row_id: int, *, back_to: int | None = None
) -> None:
    """How an absence stands after what was pressed, in the message that it was pressed under.

    `back_to` is the person on whose page it was set.
    """
    speaker = await context.speaker(update)
    found = await context.read(deputy_pages.seen, speaker, row_id, now=context.now())
    text = context.text("deputy", speaker.language, **found)
    keyboard = _word_keyboard(context.services.renderer, speaker.language, found)
    if back_to is not None:
        label = context.label("back_to_person", speaker.language)
        keys = [key for row in keyboard.inline_keyboard for key in row] if keyboard else []
        keyboard = buttons.row(*keys, buttons.press(label, "person", back_to))
    await show(update, context, text, keyboard)


def _word_keyboard(
    renderer: Renderer, language: str, values: Mapping[str, Any]
) -> InlineKeyboardMarkup | None:
    """What can be done about an absence by whoever reads of it."""
    row_id, keys = values["row_id"], _word_keys(values)
    pressed = [buttons.press(renderer.label(label, language), verb, row_id) for label, verb in keys]
    return buttons.row(*pressed) if pressed else None


def _word_keys(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    to, state = values["to"], values["state"]
    undo = [("undo", "undo_away")] if values["can_undo"] else []
    if values["is_over"]:
        return undo
    keys: list[tuple[str, str]] = []
    if to == DEPUTY and values["stands"]:
        keys = [] if state == SURE else [("deputy_yes", "deputy_yes")]
        keys.append(("deputy_no", "deputy_no"))
    elif to == COORDINATOR and state == OPEN:
        keys = [("deputy_fits", "deputy_fits"), ("deputy_unfit", "deputy_unfit")]
    elif to == ABSENT and values["set_by"]:
        keys = [("change_deputy", CHANGE), ("cancel_away", "end_away")]
    elif to == ABSENT and not values["stands"] and (state != OPEN or values["is_unanswered"]):
        keys = [("change_deputy", CHANGE)]
    return keys + undo


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """A word on an absence; it sounds only where somebody is asked something that begins soon."""
    text = renderer.text("deputy", facts.language, **facts.values)
    keyboard = _word_keyboard(renderer, facts.language, facts.values)
    is_news = facts.values["to"] == ABSENT
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=is_news)]


def handover_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """A list handed over, each open item a button; silent."""
    lines = list(enumerate(facts.values["items"], 1))
    text = renderer.text("handover", facts.language, **facts.values, lines=lines)
    keys = [[buttons.press(str(n), item.verb, item.object_id) for n, item in lines]]
    if facts.values["waiting"]:
        label = renderer.label("waiting_questions", facts.language)
        keys.append([buttons.press(label, "open", "waiting_questions")])
    keyboard = InlineKeyboardMarkup([row for row in keys if row])
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]


BUTTONS: dict[str, Act] = {
    "end_away": ended,
    "undo_away": undone,
    "deputy_yes": agreed,
    "deputy_no": declined,
    "deputy_fits": approved,
    "deputy_unfit": refused,
}
FORM_BUTTONS = {"go_away": begin, CHANGE: change}
