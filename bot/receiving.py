"""Receiving, wired: the inbox of one bot and what fills it, long polling or a webhook."""

import asyncio
from collections.abc import Awaitable, Callable

from telegram import Bot, Update
from telegram.request import BaseRequest

from bot.config_tables import Webhook as WebhookSettings
from bot.inbox import Inbox
from bot.webhook import Webhook
from scheduler.clock import Clock
from storage.engine import Database
from storage.sealed import NoteKey

DRAIN_SECONDS = 4.0


class Receiving:
    """Takes one bot's updates and hands each to `process`, which must not raise.

    `request` is the connection that polling waits on; with `webhook` settings it is not used.
    """

    def __init__(
        self,
        bot: Bot,
        database: Database,
        clock: Clock,
        note_key: NoteKey,
        process: Callable[[Update], Awaitable[None]],
        *,
        bot_id: int,
        request: BaseRequest,
        webhook: WebhookSettings | None,
    ) -> None:
        self.inbox = Inbox(
            bot,
            database,
            clock,
            note_key,
            process,
            bot_id=bot_id,
            request=None if webhook else request,
        )
        self._webhook = None if webhook is None else Webhook(webhook, bot, self.inbox)
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to receive; raises PortTaken and WebhookRefused."""
        if self._webhook is not None:
            await self._webhook.start()
        self._running = asyncio.create_task(self.inbox.run())

    async def wait(self) -> None:
        """Return or raise when receiving ends: PollingEnded means that it can never work.

        Where it was never started there is nothing that could end.
        """
        if self._running is not None:
            await self._running
        else:
            await asyncio.Event().wait()

    async def stop(self) -> None:
        """Take nothing new and finish what is being processed; the rest stays stored."""
        if self._webhook is not None:
            await self._webhook.stop()
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            await self.inbox.drain(DRAIN_SECONDS)
