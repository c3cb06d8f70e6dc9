"""A page of a list as it is shown: a number to press for each line, and the other pages."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import turning


class Page(Protocol):
    """Where in a list one is; `page` counts from 0."""

    @property
    def page(self) -> int:
        """Which page it is."""
        ...

    @property
    def pages(self) -> int:
        """How many there are."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a list that does not say so itself."""

    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list is shown.

    `facts` are the template's; `ids` those of the page's lines, `verb` is the numbers' button and
    `back` what it carries behind a line's id; `turn` gives what the button of a page carries;
    `elsewhere` stands beside the pages.
    """

    template: str
    facts: Mapping[str, Any]
    ids: Sequence[int | str]
    verb: str
    turn: Callable[[int], str]
    back: tuple[object, ...] = ()
    elsewhere: Sequence[InlineKeyboardButton] = field(default=())


async def show_page(
    update: Update,
    context: WuxueContext,
    language: str,
    found: Page,
    listing: Listing,
    *,
    is_new: bool = False,
) -> None:
    """Show a page in the message that was pressed, or in a new one."""
    keys = [
        buttons.press(str(place), listing.verb, line_id, *listing.back)
        for place, line_id in enumerate(listing.ids, start=1)
    ]
    navigation = turning(context, language, found.page, found.pages, listing.turn)
    text = context.text(listing.template, language, **listing.facts)
    rows = [row for row in (keys, [*navigation, *listing.elsewhere]) if row]
    await show(update, context, text, InlineKeyboardMarkup(rows), is_new=is_new)
