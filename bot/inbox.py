"""Telegram's updates in: stored before they are confirmed, processed in order per sender.

python-telegram-bot's Updater confirms what is still waiting in memory (a SIGKILL lost 6 of 10),
so polling is done here, on raw JSON.
"""

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, Update
from telegram.error import Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.context import IN_HAND, InHand
from bot.operations.received import Received
from scheduler.clock import Clock
from storage import inbox
from storage.engine import Database
from storage.inbox import Waiting
from storage.sealed import NoteKey, WrongKey

log = structlog.get_logger(__name__)
POLL_SECONDS = 25
ALLOWED_UPDATES = ["message", "callback_query", "poll_answer", "my_chat_member"]
# Where each kind of update names its sender.
SENDERS = (
    ("message", ("from", "chat")),
    ("callback_query", ("from",)),
    ("my_chat_member", ("from", "chat")),
    ("poll_answer", ("user", "voter_chat")),
)
AT_ONCE = 32
BATCH = 500
LONGEST_PAUSE_SECONDS = 30.0
REFUSED_BEFORE_GIVING_UP = 3
LOOK_AGAIN_SECONDS = 2.0


class PollingEnded(Exception):
    """Telegram refuses this token, or another bot polls with it: nothing can be received."""


def sender_of(payload: dict[str, Any]) -> int:
    """Whose update this is; order is kept for each sender. 0 for a shape that does not say.

    Never raises: one update of an unknown shape must not end the receiving of all others.
    """
    for kind, who in SENDERS:
        part = payload.get(kind)
        if not isinstance(part, dict):
            continue
        for name in who:
            sender = part.get(name)
            if isinstance(sender, dict) and isinstance(sender.get("id"), int):
                return int(sender["id"])
    return 0


def _seconds_to_wait(error: Exception, pause: float) -> float:
    """As long as Telegram asks for, else the growing pause."""
    if not isinstance(error, RetryAfter):
        return pause
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


class Inbox:
    """Receives for one bot and hands updates on; `process` must not raise."""

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
    ) -> None:
        self.received = Received()
        self._bot = bot
        self._request = request
        self._database = database
        self._clock = clock
        self._note_key = note_key
        self._process = process
        self._bot_id = bot_id
        self._queues: dict[int, deque[Waiting]] = {}
        self._in_hand: set[int] = set()
        # Rows finished since the last look began: that look may still have seen them waiting.
        self._just_closed: set[int] = set()
        self._looking = asyncio.Lock()
        self._workers: set[asyncio.Task[None]] = set()
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(self) -> None:
        """Receive until cancelled; raises PollingEnded when it can never work."""
        self.received.polling_since = self._clock.real()
        await self._dispatch()
        looking = asyncio.create_task(self._look_again())
        try:
            await self._poll()
        finally:
            looking.cancel()

    async def drain(self, seconds: float) -> None:
        """Wait for what is being processed; what is not begun stays stored for the next start."""
        self._queues.clear()
        if self._workers:
            await asyncio.wait(self._workers, timeout=seconds)

    async def idle(self) -> None:
        """Return when everything received so far has been processed (for the rehearsal)."""
        while self._workers:
            await asyncio.wait(self._workers)

    async def _poll(self) -> None:
        # An offset only confirms what was just stored. It is not kept longer: after a quiet week
        # Telegram begins with a random update id, and a higher offset would discard what comes.
        offset: int | None = None
        pause, refused = 1.0, 0
        is_webhook_gone = False
        while True:
            try:
                if not is_webhook_gone:
                    is_webhook_gone = await self._bot.delete_webhook()
                updates = await self._get_updates(offset)
                self.received.last_poll = self._clock.real()
                offset = await self._store(updates) + 1 if updates else None
                if updates:
                    await self._dispatch()
            except (TelegramError, SQLAlchemyError) as error:
                # What was not stored is not confirmed either, so it comes again.
                refused = self._judge(error, refused)
                await self._clock.sleep(_seconds_to_wait(error, pause))
                pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
                continue
            pause, refused = 1.0, 0

    def _judge(self, error: Exception, refused: int) -> int:
        """Count refusals that waiting does not cure; raises PollingEnded at the third."""
        log.warning("polling", error=type(error).__name__)
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

    async def _store(self, updates: list[dict[str, Any]]) -> int:
        """One transaction for the batch; only then may the next poll confirm it."""
        rows = [
            (int(update["update_id"]), sender_of(update), json.dumps(update, ensure_ascii=False))
            for update in updates
        ]
        await self._database.write(
            inbox.store, rows, bot=self._bot_id, note_key=self._note_key, now=self._clock.real()
        )
        return max(update_id for update_id, _, _ in rows)

    async def _look_again(self) -> None:
        """Pick up what was put off, for instance an answer to a quiz we did not know yet."""
        while True:
            await self._clock.sleep(LOOK_AGAIN_SECONDS)
            try:
                await self._dispatch()
            except SQLAlchemyError as error:
                log.warning("not_dispatched", error=type(error).__name__)

    async def _dispatch(self) -> None:
        async with self._looking:
            self._just_closed.clear()
            waiting = await self._database.read(
                inbox.waiting,
                bot=self._bot_id,
                note_key=self._note_key,
                real=self._clock.real(),
                limit=len(self._in_hand) + BATCH,
            )
            self._hand_on(waiting)

    def _hand_on(self, waiting: list[Waiting]) -> None:
        """To each sender's queue, what neither is in hand nor was finished while we looked."""
        for row in waiting:
            if row.row_id in self._in_hand or row.row_id in self._just_closed:
                continue
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
                    await self._one(row)
                except Exception as error:
                    # A full disk, for instance. The row still waits and is looked at again; the
                    # sender's next ones must not wait for a restart.
                    log.error("update_not_closed", row=row.row_id, error=type(error).__name__)  # noqa: TRY400
            self._in_hand.discard(row.row_id)
            self._just_closed.add(row.row_id)
        self._queues.pop(sender, None)

    async def _one(self, row: Waiting) -> None:
        at = self._clock.real()
        try:
            if row.payload is None:
                raise WrongKey  # noqa: TRY301  reported and kept like any unreadable update
            update = Update.de_json(json.loads(row.payload), self._bot)
        except Exception as error:
            log.warning("update_not_parsable", row=row.row_id, error=type(error).__name__)
            self.received.processed("unparsable")
            await self._database.write(
                inbox.mark_unparsable, row.row_id, at=at, error=type(error).__name__
            )
            return
        in_hand = InHand(row.row_id, row.attempts, row.received_at)
        token = IN_HAND.set(in_hand)
        try:
            await self._process(update)
        finally:
            IN_HAND.reset(token)
        await self._close(in_hand)

    async def _close(self, in_hand: InHand) -> None:
        at = self._clock.real()
        self.received.processed(in_hand.result)
        if in_hand.postponed is not None:
            await self._database.write(inbox.postpone, in_hand.row_id, until=at + in_hand.postponed)
        elif in_hand.failure is not None:
            await self._database.write(
                inbox.mark_failed, in_hand.row_id, at=at, error=in_hand.failure
            )
        elif not in_hand.is_marked:
            await self._database.write(inbox.mark_done, in_hand.row_id, at=at)
