"""The Channel over Telegram: sends worded parts and says in our own words why one did not go."""

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from typing import Any, cast

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
from bot.telegram_request import NotConnected, TelegramRequest
from curriculum.facts import Facts
from scheduler.channel import ChannelError, Part, Receipt
from scheduler.clock import Clock

# Lessons and reminders carry links as sources, not as pictures.
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
# Telegram's words for an edit that changes nothing, and for one that is no longer possible.
UNCHANGED = "message is not modified"
NOT_EDITABLE = ("message to edit not found", "can't be edited")
# Telegram's words for a chat that is gone for good.
GONE = ("chat not found", "user is deactivated", "bot was kicked", "peer_id_invalid")


@dataclass(frozen=True)
class Text:
    """A text message, ready to send."""

    text: str
    entities: tuple[MessageEntity, ...] = ()
    keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None
    # Whether it may neither be forwarded nor saved: what two of a supervision pair are told.
    protected: bool = False

    @cached_property
    def arguments(self) -> bytes:
        """What sendMessage takes besides its chat, serialised once for all who get it."""
        given: dict[str, Any] = {
            "text": self.text,
            "link_preview_options": NO_PREVIEW.to_dict(),
            "entities": [entity.to_dict() for entity in self.entities],
        }
        if self.keyboard is not None:
            given["reply_markup"] = self.keyboard.to_dict()
        if self.protected:
            given["protect_content"] = True
        return json.dumps(given, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Quiz:
    """A native quiz: not anonymous, since answering it is what gets recorded."""

    question: str
    options: tuple[str, ...]
    answer: int
    explanation: str

    @cached_property
    def arguments(self) -> bytes:
        """What sendPoll takes besides its chat, serialised once for all who get it."""
        given: dict[str, Any] = {
            "question": self.question,
            "options": [InputPollOption(option).to_dict() for option in self.options],
            "type": Poll.QUIZ,
            "is_anonymous": False,
            "correct_option_ids": [self.answer],
        }
        if self.explanation:
            given["explanation"] = self.explanation
        return json.dumps(given, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Edit:
    """A message that stands in the chat already, as it reads from now on."""

    text: Text
    message_id: int

    @cached_property
    def arguments(self) -> bytes:
        """What editMessageText takes besides its chat; a message stays as protected as it was."""
        text = replace(self.text, protected=False)
        return b'{"message_id":%d,%s' % (self.message_id, text.arguments[1:])


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
    """One bot's channel.

    A broadcast says the same to thousands, so its calls are put together here from what was
    serialised once; python-telegram-bot's objects make the words, and its request judges the
    answers.
    """

    def __init__(self, bot: Bot, renderer: Renderer, clock: Clock) -> None:
        self._addresses = {
            Text: f"{bot.base_url}/sendMessage",
            Quiz: f"{bot.base_url}/sendPoll",
            Edit: f"{bot.base_url}/editMessageText",
        }
        self._request = cast(TelegramRequest, bot.request)
        self._renderer = renderer
        self._clock = clock

    def parts(self, facts: Facts) -> tuple[Part, ...]:
        """Word a message, once per content_key and language."""
        return self._renderer.parts(facts)

    async def send(self, chat_id: int, part: Part) -> Receipt:
        """Send one part; raises ChannelError."""
        body: Text | Quiz | Edit = part.body
        arguments = b'{"chat_id":%d,%s' % (chat_id, body.arguments[1:])
        if not isinstance(body, Edit):
            silent = b"true" if part.silent else b"false"
            arguments = b'{"disable_notification":%s,%s' % (silent, arguments[1:])
        try:
            message = await self._request.post_json(self._addresses[type(body)], arguments)
            poll = message.get("poll")
            return Receipt(message["chat"]["id"], message["message_id"], poll and poll["id"])
        except TelegramError as error:
            if isinstance(body, Edit) and isinstance(error, BadRequest):
                words = error.message.lower()
                if UNCHANGED in words:
                    return Receipt(chat_id, body.message_id)
                if any(gone in words for gone in NOT_EDITABLE):
                    return await self.send(chat_id, replace(part, body=body.text))
            raise self._translated(error) from error

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
