"""The Channel over Telegram: sends worded parts and says in our own words why one did not go."""

from dataclasses import dataclass
from datetime import timedelta

from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputPollOption,
    LinkPreviewOptions,
    MessageEntity,
    Poll,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.render import Renderer
from bot.telegram_request import NotConnected
from curriculum.facts import Facts
from scheduler.channel import ChannelError, Part, Receipt
from scheduler.clock import Clock

# Lessons and reminders carry links as sources, not as pictures.
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Telegram's words for a chat that is gone for good.
GONE = ("chat not found", "user is deactivated", "bot was kicked", "peer_id_invalid")


@dataclass(frozen=True, slots=True)
class Text:
    """A text message, ready to send."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None


@dataclass(frozen=True, slots=True)
class Quiz:
    """A native quiz: not anonymous, since answering it is what gets recorded."""

    question: str
    options: tuple[str, ...]
    answer: int
    explanation: str


def _why_gone(words: str) -> str:
    """Why a chat cannot be reached, as staff see it in 送达情况."""
    if "blocked by the user" in words:
        return "blocked"
    if "deactivated" in words:
        return "deactivated"
    if "was kicked" in words or "not a member" in words:
        return "removed"
    return "unreachable"


class TelegramChannel:
    """One bot's channel."""

    def __init__(self, bot: Bot, renderer: Renderer, clock: Clock) -> None:
        self._bot = bot
        self._renderer = renderer
        self._clock = clock

    def parts(self, facts: Facts) -> tuple[Part, ...]:
        """Word a message, once per content_key and language."""
        return self._renderer.parts(facts)

    async def send(self, chat_id: int, part: Part) -> Receipt:
        """Send one part; raises ChannelError."""
        try:
            return await self._send(chat_id, part)
        except TelegramError as error:
            raise self._translated(error) from error

    async def _send(self, chat_id: int, part: Part) -> Receipt:
        body: Text | Quiz = part.body
        if isinstance(body, Quiz):
            message = await self._bot.send_poll(
                chat_id,
                question=body.question,
                options=[InputPollOption(option) for option in body.options],
                type=Poll.QUIZ,
                is_anonymous=False,
                correct_option_ids=[body.answer],  # type: ignore[list-item]
                explanation=body.explanation or None,
                disable_notification=part.silent,
            )
            poll_id = message.poll.id if message.poll else None
            return Receipt(message.chat.id, message.message_id, poll_id)
        message = await self._bot.send_message(
            chat_id,
            body.text,
            entities=body.entities,
            reply_markup=body.keyboard,
            disable_notification=part.silent,
            link_preview_options=NO_PREVIEW,
        )
        return Receipt(message.chat.id, message.message_id)

    def _translated(self, error: TelegramError) -> ChannelError:  # noqa: PLR0911  one line a refusal
        """Telegram's refusal as the postman understands it."""
        words = error.message.lower()
        if isinstance(error, RetryAfter):
            pause = error.retry_after
            wait = pause if isinstance(pause, timedelta) else timedelta(seconds=pause)
            return ChannelError("too_many_requests", retry_at=self._clock.real() + wait)
        if isinstance(error, ChatMigrated):
            return ChannelError("migrated", moved_to=error.new_chat_id)
        if isinstance(error, Forbidden) or any(gone in words for gone in GONE):
            return ChannelError(_why_gone(words), permanent=True, unreachable=True)
        if isinstance(error, BadRequest):
            return ChannelError("refused", permanent=True)
        if isinstance(error, InvalidToken):
            return ChannelError("token_refused")
        if isinstance(error, NotConnected):
            return ChannelError("not_connected")
        if isinstance(error, TimedOut):
            return ChannelError("no_answer", in_doubt=True)
        if isinstance(error, NetworkError):
            return ChannelError("gateway")
        return ChannelError("unknown")
