"""Delivering, wired: the ticker, the postman, its budget and the channel, for one bot."""

import asyncio
from datetime import timedelta
from pathlib import Path

from telegram.ext import ExtBot

from bot.handlers import holds
from bot.render import Renderer
from bot.services import Services
from bot.telegram_channel import TelegramChannel
from scheduler.clock import Clock
from scheduler.marks import Marks
from scheduler.pace import ChatPace
from scheduler.postman import Postman
from scheduler.rate import SendBudget, SharedSlots
from scheduler.ticker import Ticker
from storage.engine import Database


class Delivering:
    """Plans what is due with one token and sends it; replies ask its budget too."""

    def __init__(
        self,
        bot: ExtBot[None],
        database: Database,
        clock: Clock,
        renderer: Renderer,
        *,
        bot_id: int,
        messages_per_second: float,
        pace: ChatPace | None,
        mark_file: Path | None,
        keep_deliveries_days: int,
        confirm_within: timedelta,
    ) -> None:
        self._bot = bot
        shared = None
        if not database.is_sqlite:
            shared = SharedSlots(database, clock, bot=bot_id, per_second=messages_per_second)
        self.budget = SendBudget(clock, per_second=messages_per_second, shared=shared)
        channel = TelegramChannel(bot, renderer, clock)
        self.postman = Postman(database, clock, channel, self.budget, bot=bot_id, pace=pace)
        self.ticker = Ticker(
            database,
            clock,
            self.postman,
            bot=bot_id,
            marks=Marks(database, clock, mark_file, bot=bot_id) if mark_file else None,
            keep_deliveries_days=keep_deliveries_days,
            confirm_within=confirm_within,
        )
        self._telling: asyncio.Task[int] | None = None

    async def start(self, services: Services) -> None:
        """Catch up on what is due, keep the beat, tell of a hold where there is one."""
        await self.ticker.start()
        self._telling = asyncio.create_task(holds.tell_in_charge(self._bot, services))

    async def stop(self) -> None:
        """Take up nothing new; what is under way is waited for with `postman.drain`."""
        self.ticker.stop()
        self.postman.stop()
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
