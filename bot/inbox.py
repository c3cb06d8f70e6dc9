"""Telegram's updates in: stored before they are confirmed, processed in order per sender.

python-telegram-bot's Updater confirms what is still waiting in memory (a SIGKILL lost 6 of 10),
so receiving is done here, on raw JSON, by polling or by webhook. On PostgreSQL several receivers
share the table: each update is leased to one of them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, Update
from telegram.request import BaseRequest

from bot.operations.received import Received
from bot.polling import Polling
from bot.processing import Processing
from bot.raw_updates import NotAnUpdate, as_row
from scheduler.clock import Clock
from storage import inbox, inbox_claims
from storage.engine import Database
from storage.inbox import Waiting
from storage.sealed import NoteKey

log = structlog.get_logger(__name__)
AT_ONCE = 32
# With so many in hand no more are read from the table, whatever waits there.
BATCH = 500
# The most that is leased to one receiver: the others should have work too.
LEASED_AT_ONCE = 64
LOOK_AGAIN_SECONDS = 2.0
# How soon to look when something waits that another receiver has, or that stands behind a gap.
LOOK_SOON_SECONDS = 0.05
# How long another receiver waits before it takes over what a dead one had.
LEASE = timedelta(seconds=5)
EXTEND_EVERY_SECONDS = 1.5
# How long an update that came by webhook waits for one with an earlier number.
GAP = timedelta(seconds=1)


class Inbox:
    """Receives for one bot and hands updates on; `process` must not raise.

    Without `request` it does not poll: a webhook brings the updates to `keep`.
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
        request: BaseRequest | None,
    ) -> None:
        self.received = Received()
        self._database = database
        self._clock = clock
        self._note_key = note_key
        self._bot_id = bot_id
        self._polling = request and Polling(bot, clock, request, self._take, self.received)
        self._gap = GAP if request is None else None
        # SQLite has one receiver, so nothing needs to be leased there.
        self._receiver = None if database.is_sqlite else token_hex(8)
        self._processing = Processing(
            bot, database, clock, process, self.received, receiver=self._receiver
        )
        self._most = BATCH if database.is_sqlite else LEASED_AT_ONCE
        self._queues: dict[int, deque[Waiting]] = {}
        self._in_hand: set[int] = set()
        # Rows finished since the last look began: that look may still have seen them waiting.
        self._just_closed: set[int] = set()
        self._looking = asyncio.Lock()
        self._news = asyncio.Event()
        self._is_more = False
        # How many batches a webhook brought, the last one when, and how many a look has seen.
        self._kept, self._looked_at = 0, 0
        self._kept_at: datetime | None = None
        self._is_ending = False
        self._workers: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)

    @property
    def last_poll_at(self) -> datetime | None:
        """When getUpdates was last answered (machine time); None before, and with a webhook."""
        return self._polling.last_answer_at if self._polling else None

    async def run(self) -> None:
        """Receive until cancelled; raises PollingEnded when it can never work."""
        self.received.polling_since = self._clock.real()
        self._news.set()
        beside = [asyncio.create_task(self._look_again())]
        if self._receiver is not None:
            beside.append(asyncio.create_task(self._extend(self._receiver)))
        try:
            if self._polling:
                await self._polling.run()
            else:
                await asyncio.gather(*beside)
        finally:
            for task in beside:
                task.cancel()

    async def drain(self, seconds: float) -> None:
        """Wait for what is being processed; what is not begun stays stored for the next start."""
        self._is_ending = True
        self._queues.clear()
        if self._workers:
            await asyncio.wait(self._workers, timeout=seconds)
        if self._receiver is not None:
            try:
                await self._database.write(
                    inbox_claims.let_go, receiver=self._receiver, bot=self._bot_id
                )
            except SQLAlchemyError as error:
                log.warning("not_let_go", error=type(error).__name__)

    async def idle(self) -> None:
        """Return when everything received so far has been processed (for the rehearsal)."""
        while self._workers or self._looked_at < self._kept:
            if self._workers:
                await asyncio.wait(self._workers)
            else:
                await self._clock.sleep(LOOK_SOON_SECONDS / 10)

    async def keep(self, updates: list[Any]) -> None:
        """Store raw updates; when this returns, they may be confirmed. They are processed soon.

        Raises NotAnUpdate, and what the database raises.
        """
        await self._store([as_row(update) for update in updates])
        self._kept += 1
        self._kept_at = self._clock.real()
        self._news.set()

    async def _take(self, updates: list[dict[str, Any]]) -> int | None:
        """Store a batch of a poll, hand it on; the highest number, which confirms all of it."""
        rows = []
        for update in updates:
            try:
                rows.append(as_row(update))
            except NotAnUpdate:
                log.warning("not_an_update")
        if not rows:
            return None
        await self._store(rows)
        await self._dispatch()
        return max(update_id for update_id, _, _ in rows)

    async def _store(self, rows: list[tuple[int, int, str]]) -> None:
        """One transaction for the batch; only then may it be confirmed."""
        await self._database.write(
            inbox.store, rows, bot=self._bot_id, note_key=self._note_key, now=self._clock.real()
        )

    async def _look_again(self) -> None:
        """Look when a webhook brought something, when there is room again, and now and then.

        Now and then for what was put off: an answer to a quiz we did not know yet.
        """
        while True:
            await self._news_or(LOOK_SOON_SECONDS if self._is_more else LOOK_AGAIN_SECONDS)
            try:
                await self._dispatch()
            except SQLAlchemyError as error:
                log.warning("not_dispatched", error=type(error).__name__)
                await self._clock.sleep(LOOK_AGAIN_SECONDS)

    async def _news_or(self, seconds: float) -> None:
        news = asyncio.ensure_future(self._news.wait())
        pause = asyncio.ensure_future(self._clock.sleep(seconds))
        try:
            await asyncio.wait({news, pause}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            pause.cancel()

    async def _extend(self, receiver: str) -> None:
        """Tell the other receivers that this one lives and still works on what it has."""
        while True:
            await self._clock.sleep(EXTEND_EVERY_SECONDS)
            if not self._in_hand:
                continue
            try:
                await self._database.write(
                    inbox_claims.extend, list(self._in_hand), receiver=receiver, lease=LEASE
                )
            except SQLAlchemyError as error:
                log.warning("lease_not_extended", error=type(error).__name__)

    async def _dispatch(self) -> None:
        async with self._looking:
            self._news.clear()
            self._just_closed.clear()
            if len(self._in_hand) >= self._most:
                self._is_more = True
                return
            kept = self._kept
            self._hand_on(await (self._claim() if self._receiver else self._look()))
            self._looked_at = kept

    async def _look(self) -> list[Waiting]:
        """What waits, where this is the only receiver."""
        real = self._clock.real()
        limit = len(self._in_hand) + BATCH
        waiting = await self._database.read(
            inbox.waiting,
            bot=self._bot_id,
            note_key=self._note_key,
            real=real,
            limit=limit,
            gap=self._gap,
        )
        # What came by webhook just now may stand behind a gap, where this look did not see it.
        is_behind_gap = self._kept_at is not None and real - self._kept_at < 2 * GAP
        self._is_more = len(waiting) == limit or is_behind_gap
        return waiting

    async def _claim(self) -> list[Waiting]:
        """What waits and no other receiver has, leased to this one."""
        claim = await self._database.write(
            inbox_claims.claim,
            bot=self._bot_id,
            note_key=self._note_key,
            receiver=self._receiver or "",
            real=self._clock.real(),
            lease=LEASE,
            limit=self._most - len(self._in_hand),
            gap=self._gap,
        )
        self._is_more = claim.is_more
        return claim.updates

    def _hand_on(self, waiting: list[Waiting]) -> None:
        """To each sender's queue, what neither is in hand nor was finished while we looked."""
        for row in waiting:
            if row.row_id in self._in_hand or row.row_id in self._just_closed:
                continue
            if self._is_ending:
                return
            self._in_hand.add(row.row_id)
            queue = self._queues.get(row.sender)
            if queue is not None:
                queue.append(row)
                continue
            self._queues[row.sender] = deque([row])
            worker = asyncio.create_task(self._work(row.sender))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)

    async def _work(self, sender: int) -> None:
        while queue := self._queues.get(sender):
            row = queue.popleft()
            async with self._places:
                try:
                    await self._processing.one(row)
                except Exception as error:
                    # A full disk, for instance. The row still waits and is looked at again; the
                    # sender's next ones must not wait for a restart.
                    log.error("update_not_closed", row=row.row_id, error=type(error).__name__)  # noqa: TRY400
            self._in_hand.discard(row.row_id)
            self._just_closed.add(row.row_id)
        self._queues.pop(sender, None)
        if self._is_more and len(self._in_hand) < self._most / 2:
            self._news.set()
