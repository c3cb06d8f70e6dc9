"""An exchange visit as messages: the invitation, reminders, what changed, one's own place."""

from collections.abc import Sequence
from typing import Any

from bot import buttons
from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum.facts import Facts
from curriculum.rich_text import RichText
from scheduler.channel import Part

# A label, a verb and, behind the visit's, further ids.
Key = tuple[str, str, tuple[object, ...]]
GO: Key = ("visit_go", "visit_go", ())
STAY: Key = ("visit_stay", "visit_why", ())
OPEN: Key = ("visit_open", "visit", ())
CALENDAR: Key = ("visit_calendar_new", "visit_calendar", ())


def _part(
    renderer: Renderer, facts: Facts, template: str, acts: Sequence[Key], *, silent: bool
) -> list[Part]:
    text = renderer.text(template, facts.language, **facts.values)
    visit_id = facts.values["visit"].visit_id
    keys = [
        buttons.press(renderer.label(label, facts.language), verb, visit_id, *ids)
        for label, verb, ids in acts
    ]
    return [Part(Text(text.text, tuple(entities(text)), buttons.rows(keys)), silent=silent)]


def invitation(renderer: Renderer, language: str, visit: Any) -> RichText:
    """The words of an invitation."""
    return renderer.text("exchange_visit", language, visit=visit)


def invitation_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The invitation, silent, with what can be answered."""
    return _part(renderer, facts, "exchange_visit", (GO, STAY, OPEN), silent=True)


def ahead_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """An early reminder where no lesson could say it as a line."""
    return _part(renderer, facts, "visit_ahead", (OPEN, STAY), silent=True)


def day_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The eve with what to pack, each morning with the day's places; the mornings sound."""
    is_eve = facts.values["days"] > 0
    acts = (OPEN, STAY) if is_eve else (OPEN,)
    return _part(renderer, facts, "visit_day", acts, silent=is_eve)


def changed_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What changed, or that it is cancelled; a late one asks for 知道了."""
    is_on = facts.values["visit"].state == "approved"
    acts: list[Key] = [OPEN]
    if facts.values["mine"] == "coming":
        acts += [CALENDAR, STAY] if is_on else [CALENDAR]
    elif is_on:
        acts += [GO, STAY]
    if facts.values["is_urgent"]:
        acts.insert(0, ("visit_seen", "visit_seen", (facts.values["change"],)))
    return _part(renderer, facts, "visit_changed", acts, silent=False)


def place_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Somebody was added, and can answer, or taken off."""
    if facts.values["what"] == "added":
        return _part(renderer, facts, "visit_place", (GO, STAY, OPEN), silent=False)
    text = renderer.text("visit_place", facts.language, **facts.values)
    every = buttons.press(renderer.label("visit_all", facts.language), "visits", 0, "")
    return [Part(Text(text.text, tuple(entities(text)), buttons.row(every)), silent=False)]


def verdict_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What became of a proposal."""
    manage: Key = ("visit_manage", "visit_manage", ())
    return _part(renderer, facts, "visit_verdict", (manage,), silent=True)
