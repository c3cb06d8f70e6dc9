"""An event by sheet in chat: the blank one, one that was sent, and what of it has to be mended."""

import asyncio
from collections.abc import Callable, Sequence

from telegram import Update

from bot.context import WuxueContext
from bot.event_sheets import sheet_words, word_fault
from bot.roster_cells import MAX_FILE
from bot.taps import carried
from curriculum.event_sheets import Fault
from curriculum.people import Speaker
from curriculum.rich_text import split

FAULTS_SHOWN = 15
XLSX = ".xlsx"


async def send_blank(
    update: Update, context: WuxueContext, name: str, permission: str, made: Callable[..., bytes]
) -> None:
    """空白表格, for whoever may arrange such events."""
    speaker = await context.speaker(update)
    carried(update, f"{name}_blank", 1)
    speaker.require(permission)
    await context.answer(update)
    language = speaker.language
    data = await asyncio.to_thread(made, language=language, made_at=context.now())
    file_name = f"{sheet_words(name, language)['names']['file']}{XLSX}"
    caption = context.text(f"{name}_blank", language).text
    await context.send_file(speaker.chat_id, data, file_name, caption=caption)


async def sent_workbook(
    update: Update, context: WuxueContext, permission: str
) -> tuple[Speaker, bytes, str] | None:
    """(who sent it, its bytes, its name) of a workbook; None for another file, or who may not."""
    speaker, message = await context.speaker(update), update.effective_message
    document = message.document if message is not None else None
    if document is None or not speaker.may(permission):
        return None
    name = document.file_name or ""
    if not name.lower().endswith(XLSX) or (document.file_size or 0) > MAX_FILE:
        return None
    sent = await context.bot.get_file(document.file_id)
    return speaker, bytes(await sent.download_as_bytearray()), name


async def say_faults(
    context: WuxueContext, speaker: Speaker, name: str, faults: Sequence[Fault]
) -> None:
    """Each fault by row; nothing is stored, and the same file can be sent again, mended."""
    language = speaker.language
    shown = [word_fault(name, fault, language) for fault in faults[:FAULTS_SHOWN]]
    more = len(faults) - len(shown)
    text = context.text(f"{name}_faults", language, count=len(faults), shown=shown, more=more)
    for part in split(text):
        await context.say(speaker.chat_id, part)
