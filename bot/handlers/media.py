"""看图, 听录音: a lesson's pictures and voice, sent when asked for, with their size said before."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    Message,
    ReplyParameters,
    Update,
)
from telegram.error import BadRequest

from bot import buttons
from bot.context import WuxueContext
from bot.render import Renderer
from bot.taps import Act, carried, number
from curriculum import media
from curriculum.media import PICTURE, Offer, Opened
from curriculum.people import Speaker

LABELS = {media.PICTURE: "see_picture", media.VOICE: "hear_voice"}
FILE_NAMES = {media.PICTURE: "picture.jpg", media.VOICE: "voice.ogg"}
# How long a picture may take from Telegram to a phone in the valley.
ON_THE_WAY = timedelta(seconds=10)


def kilobytes(size: int) -> int:
    """Bytes as people read them; never 0."""
    return max(1, round(size / 1024))


def below(
    keyboard: InlineKeyboardMarkup, renderer: Renderer, language: str, offers: Sequence[Offer]
) -> InlineKeyboardMarkup:
    """A lesson's keyboard with a row below it for each picture and recording: 看图(86 KB)."""
    return InlineKeyboardMarkup(
        [
            *keyboard.inline_keyboard,
            *([_button(renderer, language, offer)] for offer in offers),
        ]
    )


def _button(renderer: Renderer, language: str, offer: Offer) -> InlineKeyboardButton:
    verb = renderer.label(LABELS[offer.kind], language)
    # Latin words are set apart from what follows, Chinese ones are not.
    gap = " " if verb.isascii() else ""
    text = f"{verb}{offer.number or ''}{gap}({kilobytes(offer.size)} KB)"
    return buttons.press(text, "media", offer.id)


async def pressed(update: Update, context: WuxueContext) -> None:
    """看图 or 听录音: sent once, as a quiet reply to its lesson."""
    speaker = await context.speaker(update)
    attached_id = _attached_id(update)
    opened = await context.read(media.open_, speaker, attached_id=attached_id, now=context.now())
    toast = context.label("on_the_way_toast", speaker.language)
    await context.answer(update, toast.format(size=kilobytes(opened.size)))
    journey = (speaker.chat_id, attached_id)
    if _is_on_the_way(context, journey):
        return
    message = await _send(update, context, speaker, opened)
    if message is None:
        # Telegram does not know its own file any more, so it travels once again.
        opened = await context.read(
            media.open_, speaker, attached_id=attached_id, afresh=True, now=context.now()
        )
        message = await _send(update, context, speaker, opened)
    context.services.on_the_way[journey] = context.services.clock.real()
    file_id = _file_id(message) if message is not None else None
    if file_id is not None and opened.file_id is None:
        await context.in_session(
            media.remember, media_id=opened.media_id, bot=speaker.bot, file_id=file_id
        )


def _attached_id(update: Update) -> int:
    (written,) = carried(update, "media", 1)
    return number(written)


def _is_on_the_way(context: WuxueContext, journey: tuple[int, int]) -> bool:
    """Whether this press was made before the last one's picture can have arrived."""
    on_the_way = context.services.on_the_way
    now = context.services.clock.real()
    for old in [key for key, sent_at in on_the_way.items() if is_over(sent_at, now)]:
        del on_the_way[old]
    return journey in on_the_way


def is_over(sent_at: datetime, pressed_at: datetime) -> bool:
    """Whether a press after this sending asks for the picture again."""
    return pressed_at - sent_at > ON_THE_WAY


async def _send(
    update: Update, context: WuxueContext, speaker: Speaker, opened: Opened
) -> Message | None:
    """Send it; None when Telegram refuses the file_id it gave."""
    lesson = update.effective_message
    reply = None
    if lesson is not None and lesson.chat.id == speaker.chat_id:
        reply = ReplyParameters(lesson.message_id, allow_sending_without_reply=True)
    file = opened.file_id or InputFile(opened.content or b"", filename=FILE_NAMES[opened.kind])
    send = context.bot.send_photo if opened.kind == PICTURE else context.bot.send_voice
    try:
        return await context.patiently(
            lambda: send(
                speaker.chat_id,
                file,
                caption=opened.caption,
                disable_notification=True,
                reply_parameters=reply,
            )
        )
    except BadRequest:
        # Its words differ by what is wrong (wrong identifier, expired reference, another kind);
        # sending the file itself cures each of them, and anything else fails there again.
        if opened.file_id is None:
            raise
        return None


def _file_id(message: Message) -> str | None:
    """What Telegram calls the file it took; None where it made something else of it."""
    if message.photo:
        return message.photo[-1].file_id
    return message.voice.file_id if message.voice else None


BUTTONS: dict[str, Act] = {
    "media": pressed,
}
