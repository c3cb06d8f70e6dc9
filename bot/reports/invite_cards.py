"""Cut-out cards, ten on an A4 page: name, station, a link to scan and a code to type."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bot.reports import typeset
from bot.reports.qr_code import svg
from bot.roster_wording import sheet_words
from bot.telegram_names import link
from curriculum.roster import ImportedPerson

A_PAGE = 10
# Typed by hand: two groups of four are easier to read.
GROUP = 4


def invite_cards(
    people: Sequence[ImportedPerson],
    *,
    language: str,
    bot_username: str,
    day: Callable[[datetime], str],
    on_card: Callable[[int], None] | None = None,
) -> bytes:
    """A PDF with one card per person who has a link and a code, in the given order.

    `day` words the date before which a card is good; `on_card` is called with the count of cards
    prepared. Raises ValueError for somebody without a link.
    """
    return typeset.pdf(
        "invite_cards",
        card_facts(people, language=language, bot_username=bot_username, day=day, on_card=on_card),
    )


def card_facts(
    people: Sequence[ImportedPerson],
    *,
    language: str,
    bot_username: str,
    day: Callable[[datetime], str],
    on_card: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """What the layout draws, page by page."""
    words = sheet_words(language)["cards"]
    cards = []
    for count, person in enumerate(people, 1):
        if not person.token or person.until is None:
            raise ValueError("a card without a link")
        cards.append(
            {
                "name": person.name,
                "unit": person.unit.replace("/", " / "),
                "code": f"{person.code[:GROUP]} {person.code[GROUP:]}",
                "until": words["until"].format(day=day(person.until)),
                "number": words["number"].format(number=person.number),
                "qr": svg(link(bot_username, person.token)),
            }
        )
        if on_card is not None:
            on_card(count)
    return {
        "words": {"title": words["title"], "scan": words["scan"].format(bot=bot_username)},
        "pages": [cards[start : start + A_PAGE] for start in range(0, len(cards), A_PAGE)],
    }
