"""Slots that several processes share in the database, as one of them sees it."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from scheduler.rate import BROADCAST, SendBudget, SharedSlots
from storage.engine import Database
from tests.county import BOT

CALLS = 20


class HandDrivenClock:
    """Machine time that passes only by sleeping and by what a database takes."""

    def __init__(self, moment: datetime) -> None:
        self.machine = moment

    def now(self) -> datetime:
        return self.machine

    def real(self) -> datetime:
        return self.machine

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        self.machine += timedelta(seconds=seconds)


class SlowDatabase(Database):
    """A real database each of whose answers takes a while of that clock's time."""

    def __init__(self, url: str, clock: HandDrivenClock, takes: timedelta) -> None:
        super().__init__(url)
        self._clock = clock
        self._takes = takes
        self.writes = 0

    async def write(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        found = await super().write(fn, *args, **kwargs)
        self._clock.machine += self._takes
        self.writes += 1
        assert self.writes <= 10 * CALLS, "it reserves and reserves and never sends"
        return found


@pytest.mark.parametrize("per_second", [30, 1000, 100_000])
@pytest.mark.parametrize("takes_ms", [1, 40, 200])
@pytest.mark.asyncio
async def test_a_slow_database_slows_sending_and_never_stops_it(
    per_second: int, takes_ms: int, postgresql_database: Database, start: datetime
) -> None:
    """Slots are reserved for when the answer comes: they are not all stale by then.

    With 40 ms an answer nothing was ever sent at 30 a second, and with 60 ms nothing at any rate.
    """
    clock = HandDrivenClock(start)
    database = SlowDatabase(postgresql_database.url, clock, timedelta(milliseconds=takes_ms))
    shared = SharedSlots(database, clock, bot=BOT, per_second=per_second)
    budget = SendBudget(clock, per_second=per_second, shared=shared)
    served: list[datetime] = []

    async def call() -> None:
        await budget.slot(BROADCAST)
        served.append(clock.machine)

    try:
        async with asyncio.timeout(30):
            await asyncio.gather(*(call() for _ in range(CALLS)))
    finally:
        database.close()
    assert len(served) == CALLS
    within = [sum(at <= other < at + timedelta(seconds=1) for other in served) for at in served]
    assert max(within) <= per_second + max(2, per_second // 50)
