"""Work of the night: begun by the ticker once a local day at most, done beside the other chores."""

import asyncio
from datetime import date
from zoneinfo import ZoneInfo

import structlog

from scheduler.clock import Clock

log = structlog.get_logger(__name__)


class Nightly:
    """A chore of the ticker: called each minute, begins its work once a night from an hour on.

    What works says what in `work`, from which local hour in `FROM_HOUR`, and how the log calls a
    night on which it broke off in `BROKE_OFF`.
    """

    FROM_HOUR: int
    BROKE_OFF: str

    def __init__(self, clock: Clock, *, zone: str) -> None:
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._done_on: date | None = None
        self._working: asyncio.Task[None] | None = None

    async def work(self) -> object:
        """Do the night's work."""
        raise NotImplementedError

    async def run(self) -> None:
        """Begin the night's work where it is due; safe to call at any time and twice."""
        local = self._clock.now().astimezone(self._zone)
        if local.hour < self.FROM_HOUR or local.date() == self._done_on:
            return
        if self._working is None or self._working.done():
            self._done_on = local.date()
            self._working = asyncio.create_task(self._attempt())

    async def idle(self) -> None:
        """Return when nothing is being done."""
        if self._working is not None:
            await asyncio.wait({self._working})

    def stop(self) -> None:
        """Let go: what is left over is done the next night."""
        if self._working is not None:
            self._working.cancel()

    async def _attempt(self) -> None:
        try:
            await self.work()
        except Exception:
            log.exception(self.BROKE_OFF)
