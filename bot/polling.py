"""Long polling on raw JSON, with a watchdog: what came is taken before it is confirmed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import (
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import BaseRequest

from bot.operations.received import Received
from bot.telegram_request import NotConnected
from scheduler.clock import Clock

log = structlog.get_logger(__name__)
POLL_SECONDS = 25
ALLOWED_UPDATES = ["message", "callback_query", "poll_answer", "my_chat_member"]
LONGEST_PAUSE_SECONDS = 30.0
REFUSED_BEFORE_GIVING_UP = 3
# An answer comes within the poll's own time and ten seconds; after this long something hangs.
LONGEST_SILENCE = timedelta(seconds=90)
WATCH_EVERY_SECONDS = 5.0


class PollingEnded(Exception):
    """Telegram refuses this token, or another bot polls with it: nothing can be received.

    The text is the name of Telegram's refusal: Conflict, Forbidden or InvalidToken.
    """


def _seconds_to_wait(error: Exception, pause: float) -> float:
    """As long as Telegram asks for, else the growing pause."""
    if not isinstance(error, RetryAfter):
        return pause
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class Polling:
    """Asks one bot's updates of Telegram; `take` stores a batch and returns its highest number.

    What `take` could not store (it raises SQLAlchemyError) is not confirmed and comes again.
    `last_answer_at` is when getUpdates was last answered, well or badly, in machine time.
    """

    def __init__(
        self,
        bot: Bot,
        clock: Clock,
        request: BaseRequest,
        take: Callable[[list[dict[str, Any]]], Awaitable[int | None]],
        received: Received,
    ) -> None:
        self._bot = bot
        self._clock = clock
        self._request = request
        self._take = take
        self._received = received
        self._quiet_until: datetime | None = None
        self.last_answer_at: datetime | None = None

    async def run(self) -> None:
        """Receive until cancelled, beginning anew after a silence; raises PollingEnded."""
        while True:
            polling = asyncio.create_task(self._poll())
            try:
                await self._silence(polling)
            finally:
                polling.cancel()
                await asyncio.gather(polling, return_exceptions=True)
            log.warning("polling_restarted", silent_since=str(self.last_answer_at))
            # Another session: a kept connection or a remembered address may be what is dead.
            await self._request.shutdown()
            await self._request.initialize()

    async def _silence(self, polling: asyncio.Task[None]) -> None:
        """Return when nothing has been answered for too long; raises what ends polling."""
        self._quiet_until = None
        began = self._clock.real()
        while True:
            pause = asyncio.ensure_future(self._clock.sleep(WATCH_EVERY_SECONDS))
            try:
                await asyncio.wait({polling, pause}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
            if polling.done():
                polling.result()
            heard = [at for at in (began, self.last_answer_at, self._quiet_until) if at is not None]
            if self._clock.real() - max(heard) > LONGEST_SILENCE:
                return

    async def _poll(self) -> None:
        # An offset only confirms what was just stored. It is not kept longer: after a quiet week
        # Telegram begins with a random update id, and a higher offset would discard what comes.
        offset: int | None = None
        pause, refused = 1.0, 0
        is_webhook_gone = False
        while not _is_told_to_end():
            try:
                if not is_webhook_gone:
                    is_webhook_gone = await self._bot.delete_webhook()
                updates = await self._get_updates(offset)
                self.last_answer_at = self._received.last_poll = self._clock.real()
                highest = await self._take(updates) if updates else None
                offset = None if highest is None else highest + 1
            except (TelegramError, SQLAlchemyError) as error:
                if _is_told_to_end():
                    return
                refused = self._judge(error, refused)
                wait = _seconds_to_wait(error, pause)
                if isinstance(error, RetryAfter):
                    self._quiet_until = self._clock.real() + timedelta(seconds=wait)
                await self._clock.sleep(wait)
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            pause, refused = 1.0, 0

    def _judge(self, error: Exception, refused: int) -> int:
        """Count refusals that waiting does not cure; raises PollingEnded at the third."""
        log.warning("polling", error=type(error).__name__)
        if not isinstance(error, TimedOut | NotConnected | SQLAlchemyError):
            self.last_answer_at = self._clock.real()
        if not isinstance(error, Conflict | Forbidden | InvalidToken):
            return 0
        if refused + 1 >= REFUSED_BEFORE_GIVING_UP:
            raise PollingEnded(type(error).__name__) from error
        return refused + 1

    async def _get_updates(self, offset: int | None) -> list[dict[str, Any]]:
        """Raw JSON: python-telegram-bot's own method would fail on one update it cannot read."""
        arguments: dict[str, Any] = {
            "timeout": POLL_SECONDS,
            "allowed_updates": json.dumps(ALLOWED_UPDATES),
            "limit": 100,
        }
        if offset is not None:
            arguments["offset"] = offset
        result: Any = await self._request.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(arguments)}",
            read_timeout=POLL_SECONDS + 10,
        )
        updates: list[dict[str, Any]] = result
        return updates


def _is_told_to_end() -> bool:
    """Whether this task was cancelled while a call was ending, which then told of it as an error.

    Python says it once; whoever stops the bot would wait for the next answer, half a minute.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
