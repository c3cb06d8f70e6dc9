"""What lies beside a story in chat: a picture, document or recording that a message brings."""

from telegram import Update

from bot.context import WuxueContext
from bot.form_steps import Answers
from curriculum import stories
from curriculum.people import Speaker
from curriculum.story_texts import DOCUMENT, PICTURE, VOICE, FileLine, StoryView

CLEAR = "clear"


def asked(story: StoryView, speaker: Speaker) -> Answers:
    """What the form that takes them begins with."""
    return {
        "story": story.story_id,
        "count": len(story.files),
        "most": stories.FILES,
        "limit": stories.FILE_BYTES // 1024 // 1024,
        "language": speaker.language,
    }


async def clearing(
    update: Update, context: WuxueContext, answers: Answers
) -> list[tuple[str, str]]:
    """清空附件, where there are any."""
    language = await context.language(update)
    return [(CLEAR, context.label("files_clear", language))] if answers["count"] else []


def sent(update: Update) -> FileLine | None:
    """What a message brings for a story; None where it is nothing that is kept beside one."""
    message = update.effective_message
    if message is None:
        return None
    if message.photo:
        photo = message.photo[-1]
        return FileLine(photo.file_id, PICTURE, photo.file_size or 0)
    if message.voice is not None:
        return FileLine(message.voice.file_id, VOICE, message.voice.file_size or 0)
    if message.document is not None:
        return FileLine(message.document.file_id, DOCUMENT, message.document.file_size or 0)
    return None
