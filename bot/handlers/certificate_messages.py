"""A word about somebody's certificate: it is there, undone, revoked, or counts again."""

from collections.abc import Sequence

from bot import buttons
from bot.handlers.certificates import see
from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum.certificate_notes import RESTORED, THERE
from curriculum.facts import Facts
from scheduler.channel import Part


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Without a sound, with the file a tap away."""
    found = facts.values["certificate"]
    text = renderer.text("training_certificate", facts.language, certificate=found)
    keyboard = None
    if found.what in (THERE, RESTORED):
        keyboard = buttons.row(see(renderer, facts.language, found.certificate_id, found.size))
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]
