"""Delivery rows out through a channel: claim, ask again, send part by part, mark at once."""

import asyncio
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType

import structlog
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from curriculum import people
from curriculum.facts import Facts, NotNow, NotWanted, Verdict
from scheduler.channel import Channel, ChannelError, Part, Receipt
from scheduler.clock import Clock
from scheduler.planner import KINDS, Notice
from scheduler.rate import BROADCAST, SendBudget
from storage import deliveries, holds
from storage.deliveries import FAILED, SENT, SKIPPED, Claimed
from storage.engine import Database

log = structlog.get_logger(__name__)
# Long enough for a batch at the slowest pace, short enough that a crash delays nobody for long.
LEASE = timedelta(seconds=60)
LARGEST_BATCH = 200
SMALLEST_BATCH = 5
# A batch is what the budget allows in this time, so that a crash leaves little in doubt.
BATCH_SECONDS = 0.05
MAX_ATTEMPTS = 8


# No status of a row: its lease ran out while it waited, so it is not ours to mark any more.
LAPSED = "lapsed"


class LeaseEnded(Exception):
    """A delivery's turn came after its lease."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one claimed delivery."""

    delivery_id: int
    status: str | None  # None: handed back, to be tried again
    error: str | None = None
    retry_at: datetime | None = None


def batch_size(per_second: float) -> int:
    """How many deliveries to claim at once for a rate."""
    return max(SMALLEST_BATCH, min(LARGEST_BATCH, int(per_second * BATCH_SECONDS)))


class Postman:
    """Sends what is due through one channel with one token."""

    def __init__(
        self, database: Database, clock: Clock, channel: Channel, budget: SendBudget, *, bot: int
    ) -> None:
        self._database = database
        self._clock = clock
        self._channel = channel
        self._budget = budget
        self._bot = bot
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._busy = asyncio.Lock()
        self._stopping = False
        self._again = False

    def wake(self) -> None:
        """Something was added; a run that is under way will look once more before it ends."""
        self._again = True

    def stop(self) -> None:
        """Take nothing new; what is claimed is still sent."""
        self._stopping = True

    async def tick(self) -> int:
        """Send until nothing is due; returns how many deliveries were closed."""
        if self._busy.locked():
            self._again = True
            return 0
        closed = 0
        async with self._busy:
            while not self._stopping:
                self._again = False
                done = await self._one_batch()
                closed += done
                if not done and not self._again:
                    break
        return closed

    async def drain(self) -> None:
        """Wait for the batch under way."""
        async with self._busy:
            return

    async def _one_batch(self) -> int:
        real = self._clock.real()
        lease_until = real + LEASE
        claimed, verdicts = await self._database.write(
            _claim,
            now=self._clock.now(),
            real=real,
            bot=self._bot,
            claimed_by=self._name,
            limit=batch_size(self._budget.per_second),
        )
        wanted = [(row, v) for row in claimed if isinstance(v := verdicts.get(row.id), Facts)]
        chats: dict[int, list[tuple[Claimed, Facts]]] = {}
        for row, facts in wanted:
            chats.setdefault(facts.chat_id, []).append((row, facts))
        sent = await asyncio.gather(*(self._in_turn(own, lease_until) for own in chats.values()))
        outcomes = [outcome for own in sent for outcome in own]
        refusals = [o for o in outcomes if o.status in (None, LAPSED)]
        unsent = [o for o in outcomes if o.status not in (SENT, LAPSED)]
        if unsent:
            await self._database.write(_close, unsent, now=self._clock.now())
        return len(claimed) - len(refusals)

    async def _in_turn(
        self, own: Sequence[tuple[Claimed, Facts]], lease_until: datetime
    ) -> list[Outcome]:
        """One chat's deliveries, one after the other: a question stays behind its own lesson."""
        return [await self._deliver(row, facts, lease_until) for row, facts in own]

    async def _deliver(self, row: Claimed, facts: Facts, lease_until: datetime) -> Outcome:
        try:
            parts = self._channel.parts(facts)
        except Exception:
            # A message that cannot be worded must not stop the others.
            log.exception("not_worded", delivery=row.id, kind=row.kind)
            return Outcome(row.id, FAILED, "not_worded")
        chat_id = facts.chat_id
        for number in range(row.parts_sent, len(parts)):
            try:
                receipt = await self._send(chat_id, parts[number], lease_until)
            except ChannelError as error:
                if error.moved_to is not None and row.attempts < MAX_ATTEMPTS:
                    return await self._follow(row, facts.chat_id, error.moved_to)
                return await self._refused(row, facts, error)
            except LeaseEnded:
                return Outcome(row.id, LAPSED)
            except Exception:
                # A bug in the channel must not leave the rest of the batch unmarked.
                log.exception("not_sent", delivery=row.id, kind=row.kind)
                return await self._refused(row, facts, ChannelError("not_sent", in_doubt=True))
            await self._database.write(
                _record_part,
                row.id,
                number,
                receipt,
                version=facts.content_version,
                now=self._clock.now(),
                is_last=number == len(parts) - 1,
            )
        return Outcome(row.id, SENT)

    async def _send(self, chat_id: int, part: Part, lease_until: datetime) -> Receipt:
        await self._budget.slot(BROADCAST)
        if self._clock.real() >= lease_until:
            # The wait was long (a 429), and another process may hold this delivery by now.
            raise LeaseEnded
        return await self._channel.send(chat_id, part)

    async def _follow(self, row: Claimed, old: int, new: int) -> Outcome:
        self.wake()
        await self._database.write(people.move_chat, bot=self._bot, old=old, new=new)
        return Outcome(row.id, None, "moved")

    async def _refused(self, row: Claimed, facts: Facts, error: ChannelError) -> Outcome:
        log.info("refused", delivery=row.id, error=error.code, attempt=row.attempts)
        if error.retry_at is not None:
            self._budget.push_back(error.retry_at)
            return Outcome(row.id, None, error.code, error.retry_at)
        if error.unreachable:
            await self._database.write(
                _mark_unreachable,
                bot=self._bot,
                chat_id=facts.chat_id,
                reason=error.code,
                now=self._clock.now(),
            )
            return Outcome(row.id, FAILED, error.code)
        if error.permanent or row.attempts >= MAX_ATTEMPTS:
            return Outcome(row.id, FAILED, error.code)
        pause = timedelta(seconds=min(60, 2**row.attempts))
        if error.in_doubt:
            # It may have arrived: only the end of the lease sends it again.
            pause = max(pause, LEASE)
        return Outcome(row.id, None, error.code, self._clock.real() + pause)


def _claim(
    session: Session, *, now: datetime, real: datetime, bot: int, claimed_by: str, limit: int
) -> tuple[list[Claimed], Mapping[int, Verdict]]:
    """Claim a batch and ask each study again whether its messages are still wanted."""
    if holds.is_held(session, bot):
        return [], {}
    claimed = deliveries.claim(
        session, now=now, real=real, lease=LEASE, limit=limit, claimed_by=claimed_by, bot=bot
    )
    verdicts: dict[int, Verdict] = {}
    for kind in KINDS:
        own = [row for row in claimed if row.kind == kind.KIND]
        if own:
            verdicts |= _asked(session, kind, own, now=now)
    kinds = {kind.KIND for kind in KINDS}
    for row in claimed:
        if row.kind not in kinds:
            verdicts[row.id] = NotWanted("unknown_kind")
    broken = [row.id for row in claimed if row.id not in verdicts]
    deliveries.finish(session, broken, status=FAILED, at=now, error="no_facts")
    _set_aside(session, verdicts, now=now)
    return claimed, verdicts


def _asked(
    session: Session, kind: Notice | ModuleType, own: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """One kind's verdicts; a delivery that breaks it is left out, so that it stops no other."""
    try:
        return dict(kind.facts(session, own, now=now))
    except DBAPIError:
        raise
    except Exception:
        if len(own) == 1:
            log.exception("no_facts", delivery=own[0].id, kind=own[0].kind)
            return {}
        verdicts: dict[int, Verdict] = {}
        for row in own:
            verdicts |= _asked(session, kind, [row], now=now)
        return verdicts


def _set_aside(session: Session, verdicts: Mapping[int, Verdict], *, now: datetime) -> None:
    for delivery_id, verdict in verdicts.items():
        if isinstance(verdict, NotWanted):
            deliveries.finish(session, [delivery_id], status=SKIPPED, at=now, error=verdict.reason)
        elif isinstance(verdict, NotNow):
            deliveries.hold(session, delivery_id, until=verdict.until)


def _record_part(
    session: Session,
    delivery_id: int,
    part: int,
    receipt: Receipt,
    *,
    version: int | None,
    now: datetime,
    is_last: bool,
) -> None:
    """One part arrived; with the last one the delivery is sent, in the same transaction."""
    deliveries.record_part(
        session,
        delivery_id=delivery_id,
        part=part,
        chat_id=receipt.chat_id,
        message_id=receipt.message_id,
        poll_id=receipt.poll_id,
        content_version=version,
        sent_at=now,
    )
    if is_last:
        deliveries.finish(session, [delivery_id], status=SENT, at=now)


def _mark_unreachable(
    session: Session, *, bot: int, chat_id: int, reason: str, now: datetime
) -> None:
    people.set_reachable(session, bot=bot, chat_id=chat_id, reachable=False, reason=reason, now=now)


def _close(session: Session, outcomes: Sequence[Outcome], *, now: datetime) -> None:
    """Write down what was not sent: handed back for another try, or given up."""
    for outcome in outcomes:
        if outcome.status is None:
            deliveries.release(
                session, [outcome.delivery_id], error=outcome.error, retry_at=outcome.retry_at
            )
        else:
            deliveries.finish(
                session, [outcome.delivery_id], status=outcome.status, at=now, error=outcome.error
            )
