"""One life of `wuxue run`: it can be killed at any step, and stopped for a while and let go on."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from tests.simulation.virtual_time import VirtualClock

# What was accepted so shortly before a crash may not have been marked yet.
IN_FLIGHT = timedelta(seconds=5)


class Killed(BaseException):
    """The process ended in the middle of what it was doing; no code of its own may catch that."""


class Process:
    """Counts its steps (database calls, commits, sending calls) and dies at a chosen one."""

    def __init__(
        self,
        clock: VirtualClock,
        random: Random,
        *,
        dies_at_step: int | None = None,
        freezes_at_step: Mapping[int, timedelta] | None = None,
    ) -> None:
        self._clock = clock
        self._random = random
        self._dies_at_step = dies_at_step
        self._freezes_at_step = dict(freezes_at_step or {})
        self._frozen_until: datetime | None = None
        self._steps = 0
        self.is_immortal = False
        self.is_dead = False
        self.was_killed = False
        self.born_at = clock.now()
        self.struck_at: list[datetime] = []
        self.stood_still: list[tuple[datetime, timedelta]] = []
        self.death: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def step(self, *, may_freeze: bool = True) -> None:
        """Take one more step; raises Killed at the last one and ever after."""
        self._steps += 1
        if self._steps == self._dies_at_step:
            self.die()
        if self.is_dead:
            raise Killed
        if may_freeze and self._freezes_at_step and self._steps >= min(self._freezes_at_step):
            span = self._freezes_at_step.pop(min(self._freezes_at_step))
            self._frozen_until = self._clock.now() + span
            self.stood_still.append((self._clock.now(), span))
            self.struck_at.append(self._clock.now())

    def may_die_within(self, steps: int) -> None:
        """Die so many steps from now, unless this life is to end in peace."""
        if not self.is_immortal:
            self._dies_at_step = self._steps + steps

    def die(self) -> None:
        """kill -9."""
        if not self.is_dead:
            self.is_dead = self.was_killed = True
            self.struck_at.append(self._clock.now())
            self.death.set_result(None)

    def frozen_for(self) -> float:
        """Seconds for which it still stands still (SIGSTOP)."""
        if self._frozen_until is None:
            return 0.0
        return max(0.0, (self._frozen_until - self._clock.now()).total_seconds())

    def delay(self) -> float:
        """Seconds until it sees what it asked the database for."""
        return self._random.choice((0.0, 0.001, 0.004)) + self.frozen_for()

    def was_struck_about(self, moment: datetime) -> bool:
        """Whether it died or stood still while what was accepted at `moment` was on its way."""
        return any(moment <= struck <= moment + IN_FLIGHT for struck in self.struck_at) or any(
            since <= moment <= since + span for since, span in self.stood_still
        )

    # --- the Clock of this process

    def now(self) -> datetime:
        """Business time."""
        return self._clock.now()

    def real(self) -> datetime:
        """Machine time."""
        return self._clock.real()

    async def sleep(self, seconds: float) -> None:
        """Wait, and longer if it was stopped meanwhile."""
        self.step()
        await self._clock.sleep(seconds)
        self.step()
        while self.frozen_for():
            await self._clock.sleep(self.frozen_for())
            self.step()
