"""替人写 in chat: who travels without a chat, each a button that begins an entry of hers."""

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from bot.forms import show
from bot.handlers.directory import with_navigation
from bot.handlers.numbered_pages import searching, turned_to
from bot.handlers.visit_log import WRITE, back_key
from bot.taps import Act, carried, number
from curriculum import visit_log


async def for_whom(update: Update, context: WuxueContext) -> None:
    """替人写: who travels without a chat."""
    visit_id, rest = carried(update, "visit_for", 2)
    page, words = turned_to(rest)
    await show_list(update, context, number(visit_id), words, page)
    await context.answer(update)


async def show_list(
    update: Update, context: WuxueContext, visit_id: int, words: str = "", page: int = 0
) -> None:
    """One page of them, or of who fits these words."""
    speaker = await context.speaker(update)
    found = await context.read(visit_log.without_chat, speaker, visit_id, words=words, page=page)
    keys = [buttons.press(one.name, WRITE, visit_id, one.id) for one in found.lines]
    navigation = searching(
        context,
        speaker.language,
        found,
        at=("visit_for", visit_id),
        turn=lambda rest: buttons.data("visit_for", visit_id, rest),
    )
    navigation.append(back_key(context, speaker.language, visit_id))
    text = context.text("visit_for", speaker.language, found=found)
    await show(update, context, text, with_navigation(keys, navigation))


BUTTONS: dict[str, Act] = {"visit_for": for_whom}
