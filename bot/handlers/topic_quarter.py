"""季度图 in chat: three months of topics as a picture; for a supervisor, whom she might call."""

from telegram import InputFile, Update
from telegram.constants import ChatAction

from bot.context import WuxueContext
from bot.reports import topics_picture
from curriculum import topic_quarter
from curriculum.errors import NotThere


async def quarter(update: Update, context: WuxueContext) -> None:
    """The picture for whoever coordinates; the units that ask nothing for supervisors alone."""
    speaker = await context.speaker(update)
    coordinates, supervises = speaker.may("lead_topic"), speaker.may("see_workers")
    if not (coordinates or supervises):
        raise NotThere
    await context.answer(update)
    language, now = speaker.language, context.now()
    if coordinates:
        found = await context.read(topic_quarter.of, speaker, now=now)
        text = context.text("topic_quarter", language, found=found)
        if found.subjects:
            await context.bot.send_chat_action(speaker.chat_id, ChatAction.UPLOAD_PHOTO)
            picture = await topics_picture.draw(context.services.renderer, language, found)
            file = InputFile(picture, filename="topics.png")
            await context.patiently(
                lambda: context.bot.send_photo(speaker.chat_id, file, caption=text.text)
            )
        else:
            await context.say(speaker.chat_id, text)
    if supervises:
        units = await context.read(topic_quarter.asking_nothing, speaker, now=now)
        await context.say(speaker.chat_id, context.text("topic_silent", language, units=units))


BUTTONS = {"quarter": quarter}
