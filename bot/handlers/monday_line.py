"""一切正常 as it is sent to administrators each Monday."""

from collections.abc import Sequence

from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum.facts import Facts
from scheduler.channel import Part


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One message, silent: whatever it asks for can wait until it is read."""
    text = renderer.text("monday_line", facts.language, **facts.values)
    return [Part(Text(text.text, tuple(entities(text))), silent=True)]
