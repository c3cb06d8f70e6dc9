"""What a handler works with: who is speaking, what time it is, a session, a way to answer."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import structlog
from sqlmodel import Session
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)
from telegram.error import BadRequest, NetworkError, RetryAfter
from telegram.ext import CallbackContext, ExtBot

from bot.jobs import Jobs
from bot.render import Renderer, entities
from bot.telegram_channel import NO_PREVIEW
from bot.telegram_request import NotConnected
from curriculum import people
from curriculum.errors import ConsentNeeded, Refusal
from curriculum.people import Speaker
from curriculum.rich_text import RichText
from scheduler.clock import Clock
from scheduler.postman import Postman
from scheduler.rate import REPLY, SendBudget
from storage import drafts, inbox
from storage.engine import Database
from storage.sealed import NoteKey

log = structlog.get_logger(__name__)
P = ParamSpec("P")
R = TypeVar("R")
CALLBACK_TEXT = 200
# How often a reply is tried again when Telegram asks to wait or cannot be reached.
PATIENCE = 3
# Telegram's words for a change that changes nothing, or comes after it forgot the tap: no matter.
HARMLESS = ("message is not modified", "query is too old", "query id is invalid")


class Stranger(Refusal):
    """Whoever speaks is not enrolled: one friendly sentence and nothing else."""

    code = "stranger"


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the composition root built, handed to every handler."""

    database: Database
    clock: Clock
    renderer: Renderer
    note_key: NoteKey
    postman: Postman
    budget: SendBudget
    bot_id: int
    zone: str
    default_language: str
    temporary_folder: Path
    jobs: Jobs
    # The privacy notice in force; whoever agreed to another is asked before anything else works.
    privacy_version: str
    # Whether this process sends what is due, or only receives and answers.
    delivers: bool = True
    # Held here, because the event loop alone would let a task be collected half done.
    errands: set[asyncio.Task[int]] = field(default_factory=set)
    # Which picture or voice was sent when (machine time), by (chat, attached file): a press made
    # before it can have arrived asks for nothing new.
    on_the_way: dict[tuple[int, int], datetime] = field(default_factory=dict)


@dataclass(slots=True)
class InHand:
    """The inbox row being processed, so that its mark joins the handler's own transaction."""

    row_id: int
    attempts: int
    received_at: datetime
    is_marked: bool = False
    postponed: timedelta | None = None
    failure: str | None = None
    # Which receiver has it, where there are several; None where there is only one.
    receiver: str | None = None
    # Another receiver has it now, or it was processed already: nothing of ours may count.
    is_lost: bool = False

    @property
    def result(self) -> str:
        """What became of it: done, postponed or failed."""
        if self.postponed is not None:
            return "postponed"
        return "failed" if self.failure is not None else "done"


IN_HAND: ContextVar[InHand | None] = ContextVar("IN_HAND", default=None)


class WuxueContext(CallbackContext[ExtBot[None], dict[Any, Any], dict[Any, Any], dict[Any, Any]]):
    """A handler's second argument."""

    @property
    def services(self) -> Services:
        """What the composition root wired."""
        found: Services = self.application.bot_data["services"]
        return found

    def now(self) -> datetime:
        """Business time."""
        return self.services.clock.now()

    async def in_session(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run `fn(session, ...)` in the database thread and commit.

        The update in hand is marked as processed in the same transaction: after a crash it is
        either processed again from the start or not at all. Raises TakenOver, with nothing
        changed, when another receiver has it by now.
        """

        def run(session: Session) -> tuple[R, bool]:
            return fn(session, *args, **kwargs), True

        return await self._marking(run)

    async def as_speaker(
        self,
        update: Update,
        fn: Callable[Concatenate[Session, Speaker, P], R],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[Speaker, R]:
        """`in_session` for `fn(session, speaker, ...)`: who it is is asked in the same transaction.

        One way to the database instead of two, at every tap. Raises as `speaker` does.
        """
        who = self._asking(_chat_of(update))

        def run(session: Session) -> tuple[Speaker, R]:
            speaker = _agreed(who(session))
            return speaker, fn(session, speaker, *args, **kwargs)

        return await self.in_session(run)

    async def as_speaker_unless_none(
        self,
        update: Update,
        fn: Callable[Concatenate[Session, Speaker, P], R | None],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[Speaker, R] | None:
        """`as_speaker`, but a None of `fn` leaves the update unmarked, to be put off."""
        who = self._asking(_chat_of(update))

        def run(session: Session) -> tuple[Speaker, R] | None:
            speaker = _agreed(who(session))
            result = fn(session, speaker, *args, **kwargs)
            return None if result is None else (speaker, result)

        return await self.in_session_unless_none(run)

    async def in_session_unless_none(
        self, fn: Callable[Concatenate[Session, P], R | None], *args: P.args, **kwargs: P.kwargs
    ) -> R | None:
        """`in_session`, but a None leaves the update unmarked, to be put off."""

        def run(session: Session) -> tuple[R | None, bool]:
            result = fn(session, *args, **kwargs)
            return result, result is not None

        return await self._marking(run)

    async def _marking(self, fn: Callable[[Session], tuple[R, bool]]) -> R:
        """Run `fn`, which also says whether the update in hand is processed with that."""
        in_hand = IN_HAND.get()
        now = self.services.clock.real()

        def run(session: Session) -> tuple[R, bool]:
            result, is_processed = fn(session)
            # Marked once: what a handler changes after its first commit is ours to change.
            marks = is_processed and in_hand is not None and not in_hand.is_marked
            if marks and in_hand is not None:
                inbox.mark_done(session, in_hand.row_id, at=now, receiver=in_hand.receiver)
            return result, marks

        try:
            result, is_marked = await self.services.database.write(run)
        except inbox.TakenOver:
            if in_hand is not None:
                in_hand.is_lost = True
            raise
        if in_hand is not None and is_marked:
            in_hand.is_marked = True
        return result

    async def read(
        self, fn: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a query that changes nothing."""
        return await self.services.database.read(fn, *args, **kwargs)

    async def who(self, update: Update) -> Speaker | None:
        """The enrolled person who sent this, or None."""
        return await self.read(self._asking(_chat_of(update)))

    async def _enrolled(self, chat_id: int) -> Speaker | None:
        return await self.read(self._asking(chat_id))

    def _asking(self, chat_id: int | None) -> Callable[[Session], Speaker | None]:
        """The query for who is enrolled in a private chat."""
        services, now = self.services, self.now()

        def who(session: Session) -> Speaker | None:
            if chat_id is None:
                return None
            return people.who(
                session,
                bot=services.bot_id,
                chat_id=chat_id,
                now=now,
                privacy_version=services.privacy_version,
            )

        return who

    async def speaker(self, update: Update) -> Speaker:
        """The enrolled person who sent this; raises Stranger, ConsentNeeded for an old notice."""
        return _agreed(await self.who(update))

    async def speaker_in(self, chat_id: int) -> Speaker:
        """The enrolled person of a private chat, for a job she asked for; raises as `speaker`."""
        return _agreed(await self._enrolled(chat_id))

    async def language_of(self, chat_id: int) -> str:
        """The language of a private chat that is not being answered."""
        found = await self._enrolled(chat_id)
        return found.language if found else self.services.default_language

    async def language(self, update: Update) -> str:
        """The language to answer in: hers, else what she has just chosen, else a guess."""
        found = await self.who(update)
        if found is not None:
            return found.language
        chosen = await self._chosen_language(update)
        if chosen is not None:
            return chosen
        code = (update.effective_user.language_code or "") if update.effective_user else ""
        return "en" if code.startswith("en") else self.services.default_language

    async def _chosen_language(self, update: Update) -> str | None:
        """What somebody who is still joining chose in the form she is in the middle of."""
        if update.effective_user is None:
            return None
        draft = await self.read(
            drafts.current,
            bot=self.services.bot_id,
            chat_id=update.effective_user.id,
            note_key=self.services.note_key,
            now=self.now(),
        )
        return draft.answers.get("language") if draft is not None else None

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


def _chat_of(update: Update) -> int | None:
    # A person's private chat has her own id, so a group's taps are known by the same number.
    return update.effective_user.id if update.effective_user else None


def _agreed(found: Speaker | None) -> Speaker:
    if found is None:
        raise Stranger
    if not found.has_agreed:
        raise ConsentNeeded
    return found


def is_harmless(error: BadRequest) -> bool:
    """Whether Telegram only says that there was nothing left to do."""
    return any(words in error.message.lower() for words in HARMLESS)


def bot_id(bot: Bot | str) -> int:
    """A bot's id: the number its token begins with; ValueError for what is no token."""
    token = bot if isinstance(bot, str) else bot.token
    return int(token.split(":")[0])
