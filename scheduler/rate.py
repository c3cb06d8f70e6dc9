"""The send budget: at most so many calls a second, evenly spaced, replies before broadcasts."""

import asyncio
from collections import deque
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from scheduler.clock import Clock
from storage import send_budget
from storage.engine import Database

log = structlog.get_logger(__name__)
REPLY, BROADCAST = "reply", "broadcast"
# A window of one second may hold max(2, 2 %) more than the rate; this is what a late wake-up may
# catch up on, so it stays below that.
CATCH_UP = 0.015
ONE_SLOT = 1.0
# A process reserves what it needs for this long at most, so that no other waits long behind it.
BLOCK_SECONDS = 0.05
# A reservation that took longer than this was an accident, nothing to plan for.
LONGEST_RESERVING = timedelta(seconds=1)
TRY_AGAIN_SECONDS = 0.5


def behind(per_second: float) -> timedelta:
    """How late a slot may still be used: one slot's length at a slow pace, 15 ms at a fast one."""
    return timedelta(seconds=max(CATCH_UP, min(ONE_SLOT / per_second, 1.0)))


class Slots(Protocol):
    """Where slots come from."""

    async def take(self, wanted: int) -> tuple[datetime, int]:
        """The first of the next slots (machine time) and how many, at most `wanted`."""
        ...

    async def push_back(self, until: datetime) -> None:
        """Nothing before `until`."""
        ...


class OwnSlots:
    """The slots of a process that is the only one to send with its token."""

    def __init__(self, clock: Clock, *, per_second: float) -> None:
        self._clock = clock
        self._gap = timedelta(seconds=1 / per_second)
        self._behind = behind(per_second)
        self._free_at = clock.real()
        self._held_until: datetime | None = None

    def _free(self, real: datetime) -> datetime:
        """When the next slot is free: one gap ahead at most, unless Telegram asked for a pause.

        So a clock that is set back makes nobody wait.
        """
        free_at = min(self._free_at, real + self._gap)
        return free_at if self._held_until is None else max(free_at, self._held_until)

    def take_now(self) -> bool:
        """Take the next slot if it is free already."""
        real = self._clock.real()
        if self._free(real) > real:
            return False
        self._free_at = max(self._free_at, real - self._behind) + self._gap
        return True

    async def take(self, wanted: int) -> tuple[datetime, int]:
        """One slot: whoever is served is chosen when its time has come."""
        del wanted
        real = self._clock.real()
        slot = max(self._free(real), real - self._behind)
        self._free_at = slot + self._gap
        return slot, 1

    async def push_back(self, until: datetime) -> None:
        """Nothing before `until`."""
        self._held_until = max(self._held_until or until, until)


class SharedSlots:
    """The slots of one token that several processes send with, in one row of the database."""

    def __init__(self, database: Database, clock: Clock, *, bot: int, per_second: float) -> None:
        self._database = database
        self._clock = clock
        self._bot = bot
        self._gap = timedelta(seconds=1 / per_second)
        self._behind = behind(per_second)
        self._block = max(1, int(per_second * BLOCK_SECONDS))
        self._reserving = timedelta(0)

    async def take(self, wanted: int) -> tuple[datetime, int]:
        """Reserve a block that begins when the answer is likely to be here.

        Where the database takes longer than a slot may lie in the past, every slot reserved from
        the moment of asking would be stale on arrival, and nothing would ever be sent.
        """
        count = max(1, min(wanted, self._block))
        asked = self._clock.real()
        first = await self._database.write(
            send_budget.reserve,
            bot=self._bot,
            real=asked + self._reserving,
            gap=self._gap,
            count=count,
            behind=self._behind,
        )
        took = max(self._clock.real() - asked, self._reserving / 2)
        self._reserving = min(took, LONGEST_RESERVING)
        return first, count

    async def push_back(self, until: datetime) -> None:
        """Nothing before `until`, for every process."""
        await self._database.write(send_budget.push_back, bot=self._bot, until=until)


class SendBudget:
    """One token's slots (GCRA), handed to whoever waits.

    Telegram allows 30 messages a second per token. Replies wait in a lane of their own that is
    always served first. A 429 pushes the next slot forward for everyone.
    """

    def __init__(
        self, clock: Clock, *, per_second: float, shared: SharedSlots | None = None
    ) -> None:
        self._clock = clock
        self.per_second = per_second
        self._own = OwnSlots(clock, per_second=per_second)
        self._slots: Slots = shared or self._own
        self._is_shared = shared is not None
        self._gap = timedelta(seconds=1 / per_second)
        self._behind = behind(per_second)
        self._held_until: datetime | None = None
        self._reserved: deque[datetime] = deque()
        self._lanes: dict[str, deque[asyncio.Future[None]]] = {REPLY: deque(), BROADCAST: deque()}
        self._server: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    async def slot(self, lane: str) -> None:
        """Return when it is this caller's turn to make one sending call."""
        if self.take_now():
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lanes[lane].append(turn)
        if self._server is None or self._server.done():
            self._server = asyncio.create_task(self._serve())
        await turn

    def take_now(self) -> bool:
        """Take a slot without waiting, where one is free and nobody waits for it."""
        if self._is_shared or self._first_waiting() is not None:
            return False
        return self._own.take_now()

    def push_back(self, until: datetime) -> None:
        """Nobody sends before `until` (machine time): Telegram said so."""
        self._held_until = max(self._held_until or until, until)
        self._reserved.clear()
        telling = asyncio.create_task(self._slots.push_back(until))
        self._telling.add(telling)
        telling.add_done_callback(self._told)

    def _told(self, telling: asyncio.Task[None]) -> None:
        self._telling.discard(telling)
        if not telling.cancelled() and (error := telling.exception()) is not None:
            # This process waits all the same; the others hear of it from their own 429.
            log.warning("pause_not_shared", error=type(error).__name__)

    async def _serve(self) -> None:
        while self._first_waiting():
            try:
                slot = await self._next_slot()
            except SQLAlchemyError as error:
                log.warning("no_slot", error=type(error).__name__)
                await self._clock.sleep(TRY_AGAIN_SECONDS)
                continue
            real = self._clock.real()
            if slot > real:
                await self._clock.sleep((slot - real).total_seconds())
            if self._held_until is not None:
                if self._held_until > slot:
                    await self._wait_out()
                    continue
                self._held_until = None
            # Choose whom to serve only after waiting: a reply may have come in meanwhile.
            lane = self._first_waiting()
            if lane is not None:
                self._lanes[lane].popleft().set_result(None)

    async def _wait_out(self) -> None:
        """A pause came while a slot was waited for: that one is forfeited."""
        held = self._held_until or self._clock.real()
        real = self._clock.real()
        if held > real:
            await self._clock.sleep((held - real).total_seconds())

    async def _next_slot(self) -> datetime:
        """A reserved slot that is not too long past; else new ones are reserved."""
        while True:
            while self._reserved:
                slot = self._reserved.popleft()
                if slot >= self._clock.real() - self._behind:
                    return slot
            first, count = await self._slots.take(self._waiting())
            if not self._is_shared:
                return first
            self._reserved.extend(first + self._gap * place for place in range(count))

    def _waiting(self) -> int:
        return sum(len(queue) for queue in self._lanes.values())

    def _first_waiting(self) -> str | None:
        for lane in (REPLY, BROADCAST):
            queue = self._lanes[lane]
            while queue and queue[0].done():  # whoever waited was cancelled
                queue.popleft()
            if queue:
                return lane
        return None
