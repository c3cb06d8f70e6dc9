"""今日待办 in chat: up to seven lines, each a button, the most urgent first."""

from collections.abc import Sequence

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.render import Renderer, entities
from bot.telegram_channel import Text
from curriculum import todo
from curriculum.facts import Facts
from curriculum.rich_text import RichText
from curriculum.todo import Todo
from scheduler.channel import Part


async def overview(update: Update, context: WuxueContext) -> None:
    """/todo, 今日待办: what waits now, or that nothing does."""
    speaker = await context.speaker(update)
    found = await context.read(todo.of, speaker, now=context.now())
    text, keyboard = _worded(context.services.renderer, speaker.language, found)
    await context.say(speaker.chat_id, text, keyboard)


def _worded(
    renderer: Renderer, language: str, found: Todo
) -> tuple[RichText, InlineKeyboardMarkup | None]:
    lines = list(enumerate(found.items, 1))
    text = renderer.text("todo", language, lines=lines, more=found.more)
    keys = [buttons.press(str(n), item.verb, item.object_id) for n, item in lines]
    return text, InlineKeyboardMarkup([keys]) if keys else None


def parts(renderer: Renderer, facts: Facts) -> Sequence[Part]:
    """The morning's message, silent: nothing in it is danger."""
    text, keyboard = _worded(renderer, facts.language, facts.values["todo"])
    return [Part(Text(text.text, tuple(entities(text)), keyboard), silent=True)]
