"""A group session on a day off in chat: its supervisor is asked 照常 or 改时间."""

from collections.abc import Sequence
from typing import Any

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.render import Renderer, entities
from bot.taps import Act, carried, number
from bot.telegram_channel import Text
from curriculum import supervision_group_holidays as rules
from curriculum import supervision_group_words as words
from curriculum.facts import Facts
from curriculum.supervision_group_words import GroupView
from curriculum.supervision_holidays import ASKED, WORKED
from scheduler.channel import Part

KEPT = "kept"


async def keep(update: Update, context: WuxueContext) -> None:
    """照常."""
    speaker = await context.speaker(update)
    seen, group_id = map(number, carried(update, "sup_gkeep", 2))
    now = context.now()
    await context.in_session(rules.keep, speaker, group_id, seen=seen, now=now)
    await context.answer(update, context.label("noted_toast", speaker.language))
    found = await context.read(words.view, group_id, speaker.person_id, now=now)
    language = speaker.language
    text = context.text("supervision_group_holiday", language, view=found, what=KEPT)
    keyboard = _keyboard(context.services.renderer, language, found, KEPT)
    await show(update, context, text, keyboard, protected=True)


def _keyboard(
    renderer: Renderer, language: str, found: GroupView, what: str
) -> InlineKeyboardMarkup:
    """What can be done now: all three while it is asked, whatever the day is."""
    acts: list[tuple[str, tuple[Any, ...]]] = []
    if what in (ASKED, rules.OPEN):
        acts.append(("keep_day", ("sup_gkeep", found.moves, found.group_id)))
    if what != WORKED:
        acts.append(("change_time", ("sup_gmove", found.version, found.group_id)))
    acts.append(("open_question", ("sup_group", found.group_id)))
    return buttons.rows(
        [buttons.press(renderer.label(label, language), *data) for label, data in acts]
    )


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """Asked; later, that it is open still, or that the day is worked after all."""
    found, what = facts.values["view"], facts.values["what"]
    text = renderer.text("supervision_group_holiday", facts.language, **facts.values)
    keyboard = _keyboard(renderer, facts.language, found, what)
    body = Text(text.text, tuple(entities(text)), keyboard, protected=True)
    return [Part(body, silent=what == rules.OPEN)]


BUTTONS: dict[str, Act] = {"sup_gkeep": keep}
