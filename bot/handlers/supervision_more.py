"""督导's 更多: what a coordinator and a supervisor need now and then, off their first pages."""

from collections.abc import Sequence

from telegram import InlineKeyboardButton, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.supervision_record_pages import old_notes
from bot.taps import Act, carried

# A button: its label, its verb and what it carries.
Way = tuple[str, str, tuple[object, ...]]
OF_PAIRS: tuple[Way, ...] = (
    ("find_pair", "find_pair", (0,)),
    ("pair_sheet", "pair_sheet", (0,)),
    ("sup_queue", "sup_queue", (0,)),
    ("sup_need", "sup_need", (0, 0)),
    ("supervision_figures", "sup_figures", ("quarter",)),
)
OF_ACCOMPANIED: tuple[Way, ...] = (
    ("to_records", "sup_recs", (0, 0, "")),
    ("sup_groups", "sup_groups", (0,)),
    ("sup_trips", "sup_trips", (0,)),
)


def way_on(context: WuxueContext, language: str, verb: str) -> InlineKeyboardButton:
    """The button that leads here from a first page; `verb` says from which."""
    return buttons.press(context.label("more", language), verb, 0)


async def of_pairs(update: Update, context: WuxueContext) -> None:
    """更多 of a coordinator: finding one, many at once, who waits, hours, figures."""
    speaker = await context.speaker(update)
    carried(update, "pairs_more", 1)
    speaker.require("assign_supervision")
    text = context.text("supervision_more", speaker.language, of="pairs")
    keyboard = with_navigation(
        _keys(context, speaker.language, OF_PAIRS),
        _keys(context, speaker.language, (("back_to_pairs", "pairs", (0, "")),)),
    )
    await context.answer(update)
    await show(update, context, text, keyboard)


async def of_accompanied(update: Update, context: WuxueContext) -> None:
    """更多 of a supervisor: records, several together, journeys, notes of pairs that are over."""
    speaker = await context.speaker(update)
    carried(update, "accompanied_more", 1)
    speaker.require("supervise")
    text = context.text("supervision_more", speaker.language, of="accompanied")
    keyboard = with_navigation(
        [
            *_keys(context, speaker.language, OF_ACCOMPANIED),
            *await old_notes(context, speaker),
        ],
        _keys(context, speaker.language, (("back_to_pairs", "accompanied", (0,)),)),
    )
    await context.answer(update)
    await show(update, context, text, keyboard)


def _keys(context: WuxueContext, language: str, ways: Sequence[Way]) -> list[InlineKeyboardButton]:
    return [buttons.press(context.label(label, language), verb, *ids) for label, verb, ids in ways]


BUTTONS: dict[str, Act] = {"pairs_more": of_pairs, "accompanied_more": of_accompanied}
