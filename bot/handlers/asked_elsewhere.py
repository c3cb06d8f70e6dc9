"""Asking by a reply to a lesson, in the work group by naming the bot, or by voice."""

from telegram import Message, Update

from bot import guarding
from bot.context import WuxueContext
from bot.forms import Answers, Forms
from bot.handlers.questions import MAYBE_QUESTION, QUESTION
from bot.taps import Act, carried, number
from curriculum import lesson_answers, question_voices, questions, work_groups
from curriculum.question_errors import QuestionEmpty, QuestionTooLong

MENTION = "mention"


async def replied(update: Update, context: WuxueContext, forms: Forms) -> bool:
    """A reply to a lesson in the private chat is a question about it; False for anything else."""
    message = update.effective_message
    lesson = await _lesson(context, message)
    if not lesson or message is None or not message.text:
        return False
    speaker = await context.speaker(update)
    speaker.require("ask")
    answers: Answers = {"lesson": lesson, "voice": "", "language": speaker.language}
    answers |= guarding.given(update, "text", questions.readable(message.text))
    await forms.start(update, context, QUESTION, answers)
    return True


async def _lesson(context: WuxueContext, message: Message | None) -> str:
    """The occasion of the lesson a message replies to, "" where it does not."""
    answered = message.reply_to_message if message is not None else None
    if message is None or answered is None:
        return ""
    return await context.read(
        lesson_answers.occasion_of_message, message.chat.id, answered.message_id
    )


async def in_group(update: Update, context: WuxueContext, forms: Forms) -> None:
    """Words to the bot in a work group: taken up in private; in the group nothing is said.

    A stranger, or words that can be no question, get no answer at all.
    """
    speaker, message = await context.who(update), update.effective_message
    if speaker is None or message is None or not speaker.has_agreed or not speaker.may("ask"):
        return
    if not await context.read(
        work_groups.is_linked, bot=context.services.bot_id, chat_id=message.chat.id
    ):
        return
    lesson = await _lesson(context, message)
    words = _to_the_bot(message, context.bot.username)
    if not (lesson or _is_named(message, context.bot.username)):
        return
    try:
        text = questions.readable(words)
    except (QuestionEmpty, QuestionTooLong):
        return
    answers: Answers = {"lesson": lesson, "voice": "", "language": speaker.language}
    answers |= guarding.given(update, "text", text)
    await forms.start(update, context, MAYBE_QUESTION, answers)


def _is_named(message: Message, username: str) -> bool:
    return any(
        words.lower() == f"@{username}".lower()
        for words in message.parse_entities([MENTION]).values()
    ) or (message.text or "").startswith("/ask")


def _to_the_bot(message: Message, username: str) -> str:
    """What was said, without the bot's name and the command."""
    words = (message.text or "").replace(f"@{username}", " ")
    return words.removeprefix("/ask").strip()


async def spoken(update: Update, context: WuxueContext, forms: Forms) -> None:
    """A voice message: kept for a question, and asked for in one written sentence."""
    speaker, message = await context.speaker(update), update.effective_message
    speaker.require("ask")
    if message is None or message.voice is None:
        return
    question_voices.check_size(message.voice.file_size or 0)
    lesson = await _lesson(context, message)
    answers: Answers = {
        "lesson": lesson,
        "voice": message.voice.file_id,
        "language": speaker.language,
    }
    await forms.start(update, context, QUESTION, answers)


async def heard(update: Update, context: WuxueContext) -> None:
    """听录音 under a question that waits."""
    speaker = await context.speaker(update)
    (question_id,) = map(number, carried(update, "question_voice", 1))
    content = await context.read(question_voices.open_, speaker, question_id)
    await context.answer(update)
    await context.patiently(
        lambda: context.bot.send_voice(
            speaker.chat_id, content, filename="voice.ogg", disable_notification=True
        )
    )


BUTTONS: dict[str, Act] = {"question_voice": heard}
