"""The only reader of the system clock: business time and machine time, kept apart."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """`now` is business time (what is due), `real` machine time (leases, pacing, retries)."""

    def now(self) -> datetime:
        """Business time, aware UTC; the rehearsal can move it."""
        ...

    def real(self) -> datetime:
        """Machine time, aware UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait machine time."""
        ...


class SystemClock:
    """Both times are the machine's, or those of a clock it follows."""

    def __init__(self) -> None:
        self._ahead = timedelta(0)

    def follow(self, moment: datetime) -> None:
        """Go by another clock from now on, which shows `moment`: several machines by one."""
        self._ahead += moment - self.real()

    def now(self) -> datetime:
        """The machine's time."""
        return self.real()

    def real(self) -> datetime:
        """The machine's time."""
        return datetime.now(UTC) + self._ahead  # noqa: TID251  the one place where the clock is read

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class MovableClock(SystemClock):
    """Business time that stands still, runs at a chosen speed, or is set by hand; never back.

    `speed` is business seconds per machine second.
    """

    def __init__(self, start: datetime, *, speed: float = 0.0) -> None:
        super().__init__()
        self._base = start
        self._since = self.real()
        self.speed = speed

    def now(self) -> datetime:
        """Business time as it has been moved and has run since."""
        return self._base + (self.real() - self._since) * self.speed

    def move_to(self, moment: datetime) -> None:
        """Jump forward; a moment in the past is ignored, since what was sent stays sent."""
        self._base = max(moment, self.now())
        self._since = self.real()

    def advance(self, step: timedelta) -> None:
        """Jump forward by a span."""
        self.move_to(self.now() + step)

    def run_at(self, speed: float) -> None:
        """Change the speed from now on; 0 stands still."""
        self._base, self._since = self.now(), self.real()
        self.speed = speed
