"""A process that plans and delivers as `wuxue run` does, receiving nothing: the one that is killed.

It is forked from a process that has imported everything, so that two hundred of them take seconds.
"""

import asyncio
import multiprocessing
import os
import signal
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import structlog
from telegram.ext import ExtBot

from bot.render import Renderer
from bot.telegram_channel import TelegramChannel
from bot.telegram_request import TelegramRequest
from bot.wordings import WORDINGS
from scheduler.clock import SystemClock
from scheduler.pace import ChatPace, unhurried
from scheduler.postman import Postman
from scheduler.rate import SendBudget, SharedSlots
from scheduler.ticker import Ticker
from storage.engine import Database
from tests.county import BOT
from tests.proofs.telegram_record import TOKEN

PARENT_ASKED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Order:
    """What one sender is to do; `ahead` is business time less machine time."""

    url: str
    address: str
    ahead: timedelta
    per_second: float
    is_paced: bool
    log: Path


class ShiftedClock(SystemClock):
    """Business time that runs at machine speed on another day."""

    def __init__(self, ahead: timedelta) -> None:
        super().__init__()
        self._shift = ahead

    def now(self) -> datetime:
        """Business time."""
        return self.real() + self._shift


def start_sender(order: Order) -> BaseProcess:
    """Start one; it ends by a signal, or with the test run."""
    process = _forking().Process(target=run_sender, args=(order,), daemon=True)
    process.start()
    return process


def make_ready() -> None:
    """Return when what senders are forked from has imported everything; it costs seconds once."""
    first = _forking().Process(target=_nothing)
    first.start()
    first.join()


def _nothing() -> None:
    """End at once."""


def _forking() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "tests.bot.commands.forked"])
    return context


def run_sender(order: Order) -> None:
    """The process's life."""
    log = os.open(order.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    structlog.configure(processors=[structlog.processors.JSONRenderer()])
    asyncio.run(_deliver(order))


async def _deliver(order: Order) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    clock = ShiftedClock(order.ahead)
    database = Database(order.url)
    bot: ExtBot[None] = ExtBot(
        TOKEN,
        base_url=order.address,
        request=TelegramRequest(),
        get_updates_request=TelegramRequest(),
    )
    renderer = Renderer(zone="Asia/Shanghai", wordings=WORDINGS)
    slots = SharedSlots(database, clock, bot=BOT, per_second=order.per_second)
    budget = SendBudget(
        clock, per_second=order.per_second, shared=None if database.is_sqlite else slots
    )
    channel = TelegramChannel(bot, renderer, clock)
    pace = ChatPace() if order.is_paced else unhurried()
    postman = Postman(database, clock, channel, budget, bot=BOT, pace=pace)
    ticker = Ticker(database, clock, postman, bot=BOT)
    await bot.initialize()
    renderer.bot_username = bot.username
    await ticker.start()
    await _until_told(stop)
    ticker.stop()
    postman.stop()
    await postman.drain()
    await bot.shutdown()
    database.close()


async def _until_told(stop: asyncio.Event) -> None:
    """Return at SIGTERM, or when the test run is gone and nobody would end this process."""
    parent = os.getppid()
    while not stop.is_set() and os.getppid() == parent:
        try:
            async with asyncio.timeout(PARENT_ASKED_SECONDS):
                await stop.wait()
        except TimeoutError:
            continue
