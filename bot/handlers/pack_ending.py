"""还有十课就学完了 as it is sent to whoever coordinates a cohort."""

from collections.abc import Sequence

from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum.facts import Facts
from scheduler.channel import Part


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """One message, silent: there are ten working days to think about it."""
    text = renderer.text("pack_ending", facts.language, **facts.values)
    return [Part(Text(text.text, tuple(entities(text))), silent=True)]
