"""How a handler answers: words, in the lane before any broadcast, patiently."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import structlog
from telegram import (
    InlineKeyboardMarkup,
    InputFile,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import CallbackContext, ExtBot

from bot.render import entities
from bot.services import Services
from bot.telegram_channel import NO_PREVIEW
from bot.telegram_request import NotConnected
from curriculum.rich_text import RichText
from scheduler.rate import REPLY

log = structlog.get_logger(__name__)
R = TypeVar("R")
CALLBACK_TEXT = 200
# How often a reply is tried again when Telegram asks to wait or cannot be reached.
PATIENCE = 3
# Telegram's words for a change that changes nothing, or comes after it forgot the tap: no matter.
HARMLESS = ("message is not modified", "query is too old", "query id is invalid")


class Answering(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """What was wired, the time, and every way to say something in a chat."""

    @property
    def services(self) -> Services:
        """What the composition root wired."""
        found: Services = self.application.bot_data["services"]
        return found

    def now(self) -> datetime:
        """Business time."""
        return self.services.clock.now()

    def text(self, template: str, language: str, /, **facts: Any) -> RichText:
        """A worded message."""
        return self.services.renderer.text(template, language, **facts)

    def label(self, name: str, language: str) -> str:
        """A button's text."""
        return self.services.renderer.label(name, language)

    async def say(
        self,
        chat_id: int,
        text: RichText,
        keyboard: InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None = None,
        *,
        silent: bool = False,
        protected: bool = False,
    ) -> Message:
        """Send an answer, in the lane that is served before any broadcast."""
        return await self.patiently(
            lambda: self.bot.send_message(
                chat_id,
                text.text,
                entities=entities(text),
                reply_markup=keyboard,
                link_preview_options=NO_PREVIEW,
                disable_notification=silent,
                protect_content=protected or None,
            )
        )

    def send_what_is_due(self) -> None:
        """Let the postman look at once, without waiting for whatever broadcast it is in.

        A process that only receives leaves it to those that deliver; they look each second.
        """
        if not self.services.delivers:
            return
        errand = asyncio.create_task(self.services.postman.tick())
        self.services.errands.add(errand)
        errand.add_done_callback(self.services.errands.discard)

    async def patiently(self, call: Callable[[], Awaitable[R]]) -> R:
        """Make a sending call in the lane of replies; wait when Telegram says so, then again.

        What was changed is committed already, so giving up would leave her without a word. A call
        that may have arrived is not repeated.
        """
        for _ in range(PATIENCE):
            await self.services.budget.slot(REPLY)
            try:
                return await call()
            except RetryAfter as error:
                pause = error.retry_after
                wait = pause if isinstance(pause, timedelta) else timedelta(seconds=pause)
                self.services.budget.push_back(self.services.clock.real() + wait)
            except NotConnected:
                await self.services.clock.sleep(1)
        await self.services.budget.slot(REPLY)
        return await call()

    async def send_file(
        self, chat_id: int, data: bytes, name: str, *, caption: str | None = None
    ) -> None:
        """A file that was made here."""
        file: Any = InputFile(data, filename=name)
        await self.patiently(partial(self.bot.send_document, chat_id, file, caption=caption))

    async def send_kept(self, chat_id: int, file_ids: Iterable[str]) -> None:
        """Files that Telegram keeps, one after the other."""
        for file_id in file_ids:
            await self.patiently(partial(self.bot.send_document, chat_id, file_id))

    async def edit(
        self,
        chat_id: int,
        message_id: int,
        text: RichText,
        keyboard: InlineKeyboardMarkup | None = None,
    ) -> None:
        """Change a message in place; that it already reads so, or is gone, is no error."""
        try:
            await self.patiently(
                lambda: self.bot.edit_message_text(
                    text.text,
                    chat_id=chat_id,
                    message_id=message_id,
                    entities=entities(text),
                    reply_markup=keyboard,
                    link_preview_options=NO_PREVIEW,
                )
            )
        except BadRequest as error:
            if "no text in the message" in error.message.lower():
                # What she pressed stands under a picture, so the answer is a message of its own.
                await self.say(chat_id, text, keyboard)
            elif not (is_harmless(error) or "to edit not found" in error.message.lower()):
                raise

    async def answer(self, update: Update, text: str = "", *, alert: bool = False) -> None:
        """Answer a tap; one too old for Telegram to answer has counted all the same."""
        if update.callback_query is None:
            return
        try:
            await update.callback_query.answer(text[:CALLBACK_TEXT] or None, show_alert=alert)
        except BadRequest as error:
            if not is_harmless(error):
                raise
        except (NetworkError, RetryAfter) as error:
            # Only the flash is lost: the tap counts, and the chat shows what it changed.
            log.info("tap_not_answered", update=update.update_id, error=type(error).__name__)


def is_harmless(error: BadRequest) -> bool:
    """Whether Telegram only says that there was nothing left to do."""
    return any(words in error.message.lower() for words in HARMLESS)
