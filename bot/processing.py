"""One stored update through the handlers, and what became of it written into its row."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime

import structlog
from sqlmodel import Session
from telegram import Bot, Update

from bot.in_hand import IN_HAND, InHand
from bot.operations.received import Received
from bot.raw_updates import whole
from scheduler.clock import Clock
from storage import inbox, inbox_parts
from storage.engine import Database
from storage.inbox import TakenOver, Waiting
from storage.sealed import WrongKey

log = structlog.get_logger(__name__)


class Processing:
    """Hands updates to `process`, which must not raise; `receiver` is who leased them, if any."""

    def __init__(
        self,
        bot: Bot,
        database: Database,
        clock: Clock,
        process: Callable[[Update], Awaitable[None]],
        received: Received,
        *,
        receiver: str | None,
    ) -> None:
        self._bot = bot
        self._database = database
        self._clock = clock
        self._process = process
        self._received = received
        self._receiver = receiver
        # Parts of a text that were processed with another one, and may stand in a queue still.
        self._joined: set[int] = set()

    async def one(self, row: Waiting) -> None:
        """Process an update; only writing down what became of it may raise."""
        if row.row_id in self._joined:
            self._joined.discard(row.row_id)
            return
        at = self._clock.real()
        try:
            if row.payload is None:
                raise WrongKey  # noqa: TRY301  reported and kept like any unreadable update
            update = whole(Update.de_json(json.loads(row.payload), self._bot))
        except Exception as error:
            log.warning("update_not_parsable", row=row.row_id, error=type(error).__name__)
            self._received.processed("unparsable")
            await self._database.write(
                inbox.mark_unparsable,
                row.row_id,
                at=at,
                error=type(error).__name__,
                receiver=self._receiver,
            )
            return
        in_hand = InHand(row.row_id, row.attempts, row.received_at, receiver=self._receiver)
        token = IN_HAND.set(in_hand)
        try:
            await self._process(update)
        finally:
            IN_HAND.reset(token)
        await self._close(in_hand)

    async def _close(self, in_hand: InHand) -> None:
        at, receiver = self._clock.real(), self._receiver
        if in_hand.is_lost:
            return
        self._received.processed(in_hand.result)
        if in_hand.postponed is not None:
            await self._database.write(
                inbox.postpone, in_hand.row_id, until=at + in_hand.postponed, receiver=receiver
            )
        elif in_hand.failure is not None:
            await self._database.write(_mark_failed, in_hand, at=at)
        elif not in_hand.is_marked:
            try:
                await self._database.write(_mark_done, in_hand, at=at)
            except TakenOver:
                log.info("taken_over", row=in_hand.row_id)
                return
        if in_hand.postponed is None:
            self._joined.update(in_hand.joined)


def _mark_failed(session: Session, in_hand: InHand, *, at: datetime) -> None:
    """A bug met it; what was read with it is no text by itself either."""
    error = in_hand.failure or ""
    inbox.mark_failed(session, in_hand.row_id, at=at, error=error, receiver=in_hand.receiver)
    if in_hand.joined and not in_hand.is_marked:
        inbox_parts.mark_joined(session, in_hand.joined, at=at)


def _mark_done(session: Session, in_hand: InHand, *, at: datetime) -> None:
    """Done, with what was processed with it."""
    inbox.mark_done(session, in_hand.row_id, at=at, receiver=in_hand.receiver)
    if in_hand.joined:
        inbox_parts.mark_joined(session, in_hand.joined, at=at)
