"""An offline training as messages: the invitation, reminders, what changed, one's own place."""

from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardButton

from bot import buttons
from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum.facts import Facts
from curriculum.rich_text import RichText
from scheduler.channel import Part

JOIN = ("training_join", "training_join")
DECLINE = ("training_no", "training_why")
OPEN = ("training_open", "training")
CALENDAR = ("training_calendar_new", "training_calendar")


def _part(
    renderer: Renderer,
    facts: Facts,
    template: str,
    acts: Sequence[tuple[str, str]],
    *,
    silent: bool = True,
) -> list[Part]:
    text = renderer.text(template, facts.language, **facts.values)
    event_id = facts.values["event"].event_id
    keys = [_key(renderer, facts.language, act, event_id) for act in acts]
    return [Part(Text(text.text, tuple(entities(text)), buttons.rows(keys)), silent=silent)]


def _key(
    renderer: Renderer, language: str, act: tuple[str, str], event_id: int
) -> InlineKeyboardButton:
    label, verb = act
    return buttons.press(renderer.label(label, language), verb, event_id)


def invitation(renderer: Renderer, language: str, event: Any) -> RichText:
    """The words of an invitation."""
    return renderer.text("annual_training", language, event=event)


def invitation_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The announcement, silent, with what can be answered."""
    return _part(renderer, facts, "annual_training", (JOIN, DECLINE, OPEN))


def ahead_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """A reminder where no lesson could say it as a line; on the day itself it sounds."""
    is_ahead = bool(facts.values["days"])
    acts = (OPEN, DECLINE) if is_ahead else (OPEN,)
    return _part(renderer, facts, "training_ahead", acts, silent=is_ahead)


def changed_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What changed, or that it is cancelled; urgent ones sound."""
    is_on = facts.values["event"].state == "published"
    acts: tuple[tuple[str, str], ...] = (OPEN,)
    if facts.values["seat"] == "registered":
        acts = (OPEN, CALENDAR, DECLINE) if is_on else (OPEN, CALENDAR)
    return _part(renderer, facts, "training_changed", acts, silent=False)


def seat_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What became of somebody's own place."""
    has_place = facts.values["seat"] in ("registered", "waiting")
    acts = (OPEN, DECLINE) if has_place else (OPEN,)
    return _part(renderer, facts, "training_seat", acts, silent=False)
