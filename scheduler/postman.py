"""Delivery rows out through a channel: claim, ask again, send part by part, mark at once.

One database turn after the other writes down what arrived and claims what there is room for, in
one transaction each; between turns everything claimed is being sent. So a commit is shared by all
that arrived while the last one was made.
"""

import asyncio
import os
import secrets

import structlog
from sqlalchemy.exc import SQLAlchemyError

from scheduler import refusals
from scheduler.attention import Sounds
from scheduler.channel import Channel, ChannelError, Part, Receipt
from scheduler.clock import Clock
from scheduler.counts import Counts
from scheduler.in_hand import AskAgain, InHand, LeaseEnded, Marks, Stopping
from scheduler.pace import ChatPace
from scheduler.rate import BROADCAST, SendBudget
from scheduler.troubles import in_short
from scheduler.turns import LEASE, Claim, Outcome, Turn, Turned, take_turn
from storage.deliveries import FAILED, SENT
from storage.engine import Database
from storage.sent_messages import Arrived

log = structlog.get_logger(__name__)
LARGEST_BATCH = 200
SMALLEST_BATCH = 5
# A batch is what the budget allows in this time, so that a crash leaves little in doubt.
BATCH_SECONDS = 0.05
# Sent but not marked yet, or waiting for their second part: beyond this nothing new is claimed.
MOST_IN_HAND = 1000
RENEW_SECONDS = 0.65
TRY_AGAIN_SECONDS = 1.0


def batch_size(per_second: float) -> int:
    """How many deliveries to claim at once for a rate."""
    return max(SMALLEST_BATCH, min(LARGEST_BATCH, int(per_second * BATCH_SECONDS)))


class Postman:
    """Sends what is due through one channel with one token."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channel: Channel,
        budget: SendBudget,
        *,
        bot: int,
        pace: ChatPace | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._channel = channel
        self._budget = budget
        self._pace = pace or ChatPace()
        self._bot = bot
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._batch = batch_size(budget.per_second)
        self._busy = asyncio.Lock()
        self._stopping = False
        # Set by whoever has to look first whether anything may go out at all.
        self.is_held_back = False
        self._again = False
        self._changed = asyncio.Event()
        self._in_hand: dict[int, InHand] = {}
        self._unsent = 0
        self._sounds = Sounds()
        self._marks = Marks()
        # One queue per chat on its way: its deliveries go out one after the other.
        self._chats: dict[int, list[InHand]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: set[asyncio.Task[None]] = set()
        self._renewed_at = 0.0
        self._closed = 0
        self.counts = Counts()

    def wake(self) -> None:
        """Something was added; a round that is under way looks once more."""
        self._again = True
        self._changed.set()

    def stop(self) -> None:
        """Take nothing new: what is unsent is handed back, what is under way is still marked."""
        self._stopping = True
        for task in self._waiting:
            task.cancel()
        self._changed.set()

    async def tick(self) -> int:
        """Send until nothing is due; returns how many deliveries were closed."""
        if self.is_held_back:
            return 0
        if self._busy.locked():
            self.wake()
            return 0
        async with self._busy:
            self._closed = 0
            await self._round()
            return self._closed

    async def drain(self) -> None:
        """Wait for the round under way."""
        async with self._busy:
            return

    async def _round(self) -> None:
        """Turn after turn until nothing is due, nothing is on its way and everything is marked."""
        self._again = True
        loop = asyncio.get_running_loop()
        self._renewed_at = loop.time()
        while True:
            self._changed.clear()
            room = self._room()
            must_renew = loop.time() - self._renewed_at >= RENEW_SECONDS
            if self._marks or room or (must_renew and self._in_hand):
                await self._turn(room, renew=must_renew)
            elif not self._in_hand:
                return
            else:
                await self._sleep_until_changed()

    def _room(self) -> int:
        """How many to claim now: a batch, once most of the last one has had its turn."""
        if self._stopping or not self._again or len(self._in_hand) >= MOST_IN_HAND:
            return 0
        return self._batch if self._unsent <= self._batch // 2 else 0

    async def _sleep_until_changed(self) -> None:
        try:
            async with asyncio.timeout(RENEW_SECONDS):
                await self._changed.wait()
        except TimeoutError:
            pass

    async def _turn(self, room: int, *, renew: bool) -> None:
        marks, self._marks = self._marks, Marks()
        if room:
            self._again = False
        turn = Turn(
            arrived=[arrived for arrived, _ in marks.arrived],
            outcomes=marks.outcomes,
            renew=tuple(self._in_hand) if renew else (),
            claim=Claim(self._bot, self._name, room),
        )
        try:
            turned = await self._database.write(
                take_turn, turn, now=self._clock.now(), machine=self._clock.real
            )
        except SQLAlchemyError as error:
            # A full disk or a database that went away: what arrived is kept here until it is
            # written, and meanwhile nothing new is taken up.
            log.error("not_marked", waiting=len(marks.arrived), **in_short(error))  # noqa: TRY400
            self._marks.arrived[:0] = marks.arrived
            self._marks.outcomes[:0] = marks.outcomes
            self._again = True
            if self._stopping:
                raise
            await self._clock.sleep(TRY_AGAIN_SECONDS)
            return
        self._settle(marks, turned, room=room, renewed=renew)

    def _settle(self, marks: Marks, turned: Turned, *, room: int, renewed: bool) -> None:
        """After the commit: whoever waited for it goes on, and what was claimed sets out."""
        if late := marks.after_lease(self._in_hand, real=self._clock.real()):
            self.counts.after_lease += len(late)
            log.warning("marked_after_lease", deliveries=late)
        for _, written in marks.arrived:
            if not written.done():
                written.set_result(None)
        self._closed += turned.closed
        if renewed:
            self._renewed_at = asyncio.get_running_loop().time()
            for delivery_id in turned.renewed:
                if delivery_id in self._in_hand:
                    self._in_hand[delivery_id].lease_until = turned.at + LEASE
        if room and turned.claimed >= room:
            self._again = True
        for row, facts in turned.wanted:
            self._sounds.take_up(row, turned.left)
            night = turned.good_until.get(row.id)
            self._set_out(InHand(row, facts, turned.at + LEASE, night))

    def _set_out(self, one: InHand) -> None:
        held = self._in_hand.get(one.row.id)
        if held is not None:
            # After a sleep longer than its lease this process claims anew what it still holds:
            # a second go would send again, and its end would find nothing to put away. Meanwhile
            # another may have sent a part of it.
            held.row, held.lease_until = one.row, one.lease_until
            held.good_until = one.good_until
            return
        self._in_hand[one.row.id] = one
        self._unsent += 1
        chat = self._chats.get(one.facts.chat_id)
        if chat is not None:
            chat.append(one)
            return
        self._chats[one.facts.chat_id] = [one]
        task = asyncio.create_task(self._serve(one.facts.chat_id))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, chat_id: int) -> None:
        """One chat's deliveries, one after the other: a question stays behind its own lesson."""
        chat = self._chats[chat_id]
        while chat:
            one = chat.pop(0)
            outcome = await self._deliver(one)
            if outcome is not None:
                self._marks.outcomes.append(outcome)
                self.counts.closed(outcome.status, error=outcome.error)
                # Followed at once, in the turn that writes the new id down.
                self._again |= outcome.moved is not None
            self._had_its_turn(one)
            del self._in_hand[one.row.id]
            self._sounds.let_go(one.row)
            self._changed.set()
        del self._chats[chat_id]

    def _had_its_turn(self, one: InHand) -> None:
        if one.is_unsent:
            one.is_unsent = False
            self._unsent -= 1
            if self._unsent <= self._batch // 2:
                self._changed.set()

    async def _deliver(self, one: InHand) -> Outcome | None:  # noqa: PLR0911  one line a trouble
        """Send what is left of one delivery; None when it is sent and marked, or not ours now."""
        row, facts = one.row, one.facts
        try:
            parts = self._channel.parts(facts)
        except Exception:
            # A message that cannot be worded must not stop the others.
            log.exception("not_worded", delivery=row.id, kind=row.kind)
            return Outcome(row.id, FAILED, "not_worded")
        try:
            for number in range(row.parts_sent, len(parts)):
                if (sent := await self._send(one, number, parts[number])) is None:
                    continue
                part, receipt = sent
                is_last = number == len(parts) - 1
                await self._arrived(one, number, part, receipt, is_last=is_last)
        except ChannelError as error:
            return self._refused(one, error)
        except LeaseEnded:
            return None
        except (Stopping, AskAgain):
            return Outcome(row.id, None, is_attempt=False)
        except Exception:
            # A bug in the channel must not leave the rest of the batch unmarked.
            log.exception("not_sent", delivery=row.id, kind=row.kind)
            return self._refused(one, ChannelError("not_sent", in_doubt=True))
        late = self._clock.now() - row.due_at
        self.counts.was_late(late.total_seconds())
        if one.row.parts_sent >= len(parts):
            return Outcome(row.id, SENT)
        self.counts.closed(SENT)
        return None

    async def _send(self, one: InHand, number: int, part: Part) -> tuple[Part, Receipt] | None:
        """The part as it went out, with its sound or without, and what the channel said.

        None where it turns out, once its turn has come, that another process sent it.
        """
        chat_id = one.facts.chat_id
        await self._its_turn(chat_id)
        real = self._clock.real()
        one.require_good(now=self._clock.now(), real=real)
        if number < one.row.parts_sent:
            return None
        self._had_its_turn(one)
        self._pace.note(chat_id, real=real)
        part = self._sounds.as_it_goes(one.row, part)
        return part, await self._channel.send(chat_id, part)

    async def _its_turn(self, chat_id: int) -> None:
        """Wait for the chat's own pace, then for the budget; raises Stopping."""
        if self._stopping:
            raise Stopping
        pause = self._pace.wait(chat_id, real=self._clock.real())
        if not pause and self._budget.take_now():
            return
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  a coroutine always runs in one
        self._waiting.add(task)
        try:
            if pause:
                await self._clock.sleep(pause)
            await self._budget.slot(BROADCAST)
        except asyncio.CancelledError:
            if self._stopping:
                raise Stopping from None
            raise
        finally:
            self._waiting.discard(task)

    async def _arrived(
        self, one: InHand, number: int, part: Part, receipt: Receipt, *, is_last: bool
    ) -> None:
        """Return when the part's arrival is written down."""
        written: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        arrived = Arrived(
            one.row.id,
            number,
            receipt.chat_id,
            receipt.message_id,
            receipt.poll_id,
            one.facts.content_version,
            is_last,
            sounded=not part.silent,
            folded=one.facts.folded if is_last else (),
            lines=tuple(line.to_json() for line in part.lines),
        )
        self._marks.arrived.append((arrived, written))
        self._changed.set()
        await written

    def _refused(self, one: InHand, error: ChannelError) -> Outcome:
        log.info("refused", delivery=one.row.id, error=error.code, attempt=one.row.attempts)
        if error.retry_at is not None:
            self._budget.push_back(error.retry_at)
        real = self._clock.real()
        return refusals.outcome(one.row, error, chat_id=one.facts.chat_id, real=real)
