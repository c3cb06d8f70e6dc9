"""进度 in chat: one picture of the last weeks, hers alone."""

from telegram import InputFile, Update
from telegram.constants import ChatAction

from bot.context import WuxueContext
from bot.reports import progress_picture
from curriculum import progress as progress_rules


async def progress(update: Update, context: WuxueContext) -> None:
    """/progress: weeks as a strip, lessons learned and answered right, minutes."""
    speaker = await context.speaker(update)
    speaker.require("learn")
    found = await context.read(progress_rules.of, speaker, now=context.now())
    await context.answer(update)
    await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_PHOTO)
    picture = await progress_picture.draw(context.services.renderer, speaker, found)
    caption = context.text("progress_caption", speaker.language, progress=found)
    file = InputFile(picture, filename="progress.png")
    await context.patiently(
        lambda: context.bot.send_photo(speaker.chat_id, file, caption=caption.text)
    )
