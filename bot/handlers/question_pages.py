"""A page of questions as every list of them shows it: a number to press for each, and the pages."""

from typing import Protocol

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.handlers import numbered_pages
from bot.handlers.numbered_pages import Listing


class Line(Protocol):
    """One question of a page."""

    @property
    def question_id(self) -> int:
        """Which it is."""
        ...


class Page(Protocol):
    """Some lines of a list; `page` counts from 0."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """Its questions, in their order."""
        ...

    @property
    def page(self) -> int:
        """Which page it is."""
        ...

    @property
    def pages(self) -> int:
        """How many there are."""
        ...


def pressed(update: Update, button: str) -> bool:
    """Whether a button that begins so was pressed: its own message may be changed."""
    data = (update.callback_query.data or "") if update.callback_query else ""
    return data.startswith(button)


async def show_page(
    update: Update,
    context: WuxueContext,
    language: str,
    found: Page,
    *,
    template: str,
    turn: str,
    opening: tuple[str, bool],
    is_new: bool,
) -> None:
    """Show a page under `template`; `turn` is its pages' button.

    `opening` is the numbers' button, and whether it carries the page to come back to.
    """
    verb, carries_page = opening
    listing = Listing(
        template,
        {"page": found},
        [line.question_id for line in found.lines],
        verb,
        lambda other: buttons.data(turn, other),
        back=(found.page,) if carries_page else (),
    )
    await numbered_pages.show_page(update, context, language, found, listing, is_new=is_new)
