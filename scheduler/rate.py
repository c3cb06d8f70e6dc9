"""The send budget: at most so many calls a second, evenly spaced, replies before broadcasts."""

import asyncio
from collections import deque
from datetime import datetime, timedelta

from scheduler.clock import Clock

REPLY, BROADCAST = "reply", "broadcast"


class SendBudget:
    """One token's next free slot (GCRA without burst), shared by everything this process sends.

    Telegram allows 30 messages a second per token. Replies wait in a lane of their own that is
    always served first. A 429 pushes the next slot forward for everyone.
    """

    def __init__(self, clock: Clock, *, per_second: float) -> None:
        self._clock = clock
        self._gap = timedelta(seconds=1 / per_second)
        self.per_second = per_second
        self._free_at = clock.real()
        self._lanes: dict[str, deque[asyncio.Future[None]]] = {REPLY: deque(), BROADCAST: deque()}
        self._server: asyncio.Task[None] | None = None

    async def slot(self, lane: str) -> None:
        """Return when it is this caller's turn to make one sending call."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lanes[lane].append(turn)
        if self._server is None or self._server.done():
            self._server = asyncio.create_task(self._serve())
        await turn

    def push_back(self, until: datetime) -> None:
        """Nobody sends before `until` (machine time): Telegram said so."""
        self._free_at = max(self._free_at, until)

    async def _serve(self) -> None:
        while turn := self._first_waiting():
            now = self._clock.real()
            if self._free_at > now:
                # Choose whom to serve only after waiting: a reply may have come in meanwhile.
                await self._clock.sleep((self._free_at - now).total_seconds())
                continue
            self._lanes[turn].popleft().set_result(None)
            self._free_at = max(self._free_at, now) + self._gap

    def _first_waiting(self) -> str | None:
        for lane in (REPLY, BROADCAST):
            queue = self._lanes[lane]
            while queue and queue[0].done():  # whoever waited was cancelled
                queue.popleft()
            if queue:
                return lane
        return None
