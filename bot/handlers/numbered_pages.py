"""A page of a list as it is shown: a number to press for each line, the other pages, 查找."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import turning, with_navigation
from bot.taps import number

# The form that asks for words, of whatever list: bot/handlers/list_search.py.
SEARCH = "list_search"


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


class SearchedPage(Page, Protocol):
    """A page of a list that can be searched; `words` are "" for all of it."""

    @property
    def count(self) -> int:
        """How many lines fit, on all pages."""
        ...

    @property
    def words(self) -> str:
        """What was searched for."""
        ...


def turned_to(rest: str) -> tuple[int, str]:
    """(page, words) from the end of what a button of `searching` carries; raises NotThere."""
    page, _, words = rest.partition(":")
    return number(page or "0"), words


def searching(
    context: WuxueContext,
    language: str,
    found: SearchedPage,
    *,
    at: tuple[str, object],
    turn: Callable[[str], str],
    can_search: bool = True,
) -> list[InlineKeyboardButton]:
    """The other pages, and 查找 where there is more than one, or 看全部 of what was searched.

    With a way back that makes four, as many as a row holds. Not `can_search` where 查找 stands
    elsewhere.

    `at` is the list's name in bot/handlers/list_search.py and the id it is asked with; `turn` gives
    what a button carries that ends with a page, which `turned_to` reads.
    """
    words = f":{found.words}" if found.words else ""
    navigation = turning(
        context,
        language,
        found.page,
        pages_to_turn(found),
        lambda page: turn(f"{page}{words}"),
    )
    if found.words:
        every = context.label("list_all", language)
        navigation.append(InlineKeyboardButton(every, callback_data=turn("0")))
    elif found.pages > 1 and can_search:
        navigation.append(buttons.press(context.label(SEARCH, language), SEARCH, *at))
    return navigation


def pages_to_turn(found: SearchedPage) -> int:
    """How many pages can be reached: of words that no button carries only the first."""
    return found.pages if buttons.carries(found.words) else 1


@dataclass(frozen=True, slots=True)
class Place:
    """A page of a list that does not say so itself."""

    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Listing:
    """How a list is shown.

    `facts` are the template's; `ids` those of the page's lines, `verb` is the numbers' button and
    `back` what it carries behind a line's id; `turn` gives what the button of a page carries, None
    where `elsewhere`, which stands beside the pages, has them already.
    """

    template: str
    facts: Mapping[str, Any]
    ids: Sequence[int | str]
    verb: str
    turn: Callable[[int], str] | None = None
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
    turn, navigation = listing.turn, list[InlineKeyboardButton]()
    if turn is not None:
        navigation = turning(context, language, found.page, found.pages, turn)
    text = context.text(listing.template, language, **listing.facts)
    below = with_navigation([], [*navigation, *listing.elsewhere]).inline_keyboard
    rows = [row for row in (keys, *below) if row]
    await show(update, context, text, InlineKeyboardMarkup(rows), is_new=is_new)
