"""One try-out question after joining: how answering feels, recorded nowhere."""

from telegram import InlineKeyboardMarkup, Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.taps import Act, carried
from curriculum.errors import NotThere

# One question in each language; its words and the right letter stand in practice.md.j2.
LETTERS = "ABC"


async def offer(context: WuxueContext, chat_id: int, language: str) -> None:
    """Ask it, without a sound: the week shown before made one."""
    await context.say(
        chat_id,
        context.text("practice", language, chosen=None),
        _keyboard(),
        silent=True,
    )


def _keyboard() -> InlineKeyboardMarkup:
    return buttons.rows([buttons.press(letter, "practice", letter) for letter in LETTERS])


async def pressed(update: Update, context: WuxueContext) -> None:
    """An answer, right or wrong: a kind word in the same message, and nothing is written down."""
    (letter,) = carried(update, "practice", 1)
    if letter not in list(LETTERS):
        raise NotThere
    await context.answer(update)
    language = await context.language(update)
    await show(update, context, context.text("practice", language, chosen=letter))


BUTTONS: dict[str, Act] = {
    "practice": pressed,
}
