"""A gathering as messages: the card edited through its life, the word of a change."""

from collections.abc import Mapping, Sequence
from typing import Any

from telegram import InlineKeyboardMarkup

from bot import buttons
from bot.render import Renderer, entities
from bot.telegram_channel import Edit, Text
from curriculum.attendance import ABSENT, APOLOGY, MADE_UP, TO_CONFIRM
from curriculum.facts import Facts
from curriculum.gathering_cards import BEGUN, CLOSED, COMING, FAR, NEAR, RECORDED
from curriculum.rich_text import RichText
from scheduler.channel import Part

# Which acts of a learner's a card offers in each state: (label, verb).
OWN_ACTS: Mapping[str, tuple[tuple[str, str], ...]] = {
    COMING: (("here", "here"), ("apologise", "apology")),
    CLOSED: (("here", "here"),),
    APOLOGY: (("undo", "apology_undo"),),
    ABSENT: (("here", "here"),),
}
# What its facilitator does besides: before she has said yes, before its day, and from then on.
ASKED_ACTS = (("i_lead", "lead"), ("not_this_time", "hand_on"))
TURN_ACTS = (("swap_turns", "swap"),)
LEADING_ACTS = (("call_roll", "roll"), ("write_minutes", "minutes"))
STANDING = (COMING, CLOSED, RECORDED, TO_CONFIRM, APOLOGY, ABSENT, MADE_UP)


def worded(
    renderer: Renderer, language: str, card: Mapping[str, Any]
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    """A card's words and buttons."""
    text = renderer.text("gathering", language, card=card)
    return text, _keyboard(renderer, language, card)


def _keyboard(
    renderer: Renderer, language: str, card: Mapping[str, Any]
) -> InlineKeyboardMarkup | None:
    acts: list[tuple[str, str]] = []
    if card["learns"]:
        # Before its hour nobody can be there yet.
        own = OWN_ACTS.get(card["state"], ())
        acts += [act for act in own if card["phase"] != FAR or act[1] != "here"]
    if card["may_make_up"]:
        acts.append(("make_up", "make_up"))
    if card["is_facilitator"] and card["state"] in STANDING:
        acts += _leading(card)
    if not acts:
        return None
    return buttons.rows(
        [
            buttons.press(renderer.label(label, language), verb, card["gathering_id"])
            for label, verb in acts
        ]
    )


def _leading(card: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    if card["phase"] == BEGUN:
        return LEADING_ACTS
    if card["is_confirmed"]:
        return LEADING_ACTS if card["phase"] == NEAR else TURN_ACTS
    # The message an hour before stands until after the session, when the turn is hers anyway.
    return (ASKED_ACTS[0], *LEADING_ACTS) if card["phase"] == NEAR else ASKED_ACTS


def card_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The one message an hour before, with a sound."""
    return [Part(_text(renderer, facts), silent=False)]


def _text(renderer: Renderer, facts: Facts) -> Text:
    text, keyboard = worded(renderer, facts.language, facts.values)
    return Text(text.text, tuple(entities(text)), keyboard)


def update_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The same message as it reads now; a new one, silent, for whoever never had it."""
    text, message_id = _text(renderer, facts), facts.values["message_id"]
    return [Part(text if message_id is None else Edit(text, message_id), silent=True)]


def ahead_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The day before, where no lesson could say it as a line."""
    text = renderer.text("gathering_ahead", facts.language, **facts.values)
    return [Part(Text(text.text, tuple(entities(text))), silent=True)]


def changed_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Moved or cancelled, with the reason."""
    text = renderer.text("gathering_changed", facts.language, card=facts.values)
    return [Part(Text(text.text, tuple(entities(text))), silent=False)]
