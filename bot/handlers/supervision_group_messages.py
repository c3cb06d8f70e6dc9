"""A group session as messages: called to it, moved, cancelled, an hour before, who cannot come."""

from collections.abc import Sequence
from typing import Any

from bot import buttons
from bot.render import Renderer, entities
from bot.telegram_channel import Edit, Text
from curriculum.facts import Facts
from curriculum.supervision_group_words import GroupView
from scheduler.channel import Part

# A button: its label, and what it carries.
Key = tuple[str, tuple[Any, ...]]


def answers_of(found: GroupView) -> list[Key]:
    """能去 and 去不了, but for what she has said."""
    offered: list[Key] = []
    if found.answer != "coming":
        offered.append(("group_come", ("sup_seat", 1, found.group_id)))
    if found.answer != "declined":
        offered.append(("group_not", ("sup_seat", 0, found.group_id)))
    return offered


def calendar_of(found: GroupView) -> Key:
    """日历, its file as it stands."""
    return "calendar_file", ("sup_gcalendar", found.group_id)


def _open(found: GroupView) -> Key:
    return "open_question", ("sup_group", found.group_id)


def word_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Invited, moved, cancelled, or it takes place after all."""
    found: GroupView = facts.values["view"]
    keys = [*(answers_of(found) if found.state == "planned" else []), calendar_of(found)]
    return _parts(renderer, facts, "supervision_group", keys)


def card_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """An hour before."""
    found: GroupView = facts.values["view"]
    return _parts(renderer, facts, "supervision_group_card", [_open(found)])


def answer_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One cannot come, or can after all."""
    found: GroupView = facts.values["view"]
    return _parts(renderer, facts, "supervision_group_answer", [_open(found)], silent=True)


def hint_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Several could meet together, or that was taken back."""
    keys = [] if facts.values["is_taken_back"] else [("set_group", ("sup_together", 0))]
    return _parts(renderer, facts, "supervision_group_hint", keys, silent=True)


def old_parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """What stands in the chat of a session that was moved since."""
    text = renderer.text("supervision_group_old", facts.language, **facts.values)
    body = Text(text.text, tuple(entities(text)), protected=True)
    return [Part(Edit(body, message), silent=True) for message in facts.values["message_ids"]]


def _parts(
    renderer: Renderer,
    facts: Facts,
    template: str,
    keys: Sequence[Key],
    *,
    silent: bool = False,
) -> Sequence[Part]:
    text = renderer.text(template, facts.language, **facts.values)
    made = [buttons.press(renderer.label(label, facts.language), *data) for label, data in keys]
    keyboard = buttons.rows(made) if made else None
    return [Part(Text(text.text, tuple(entities(text)), keyboard, protected=True), silent=silent)]
