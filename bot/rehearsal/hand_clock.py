"""Business time moved by hand: from one due thing to the next, never past one unseen."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.rehearsal.clock_control import Move
from bot.render import LANGUAGES, Renderer
from curriculum.rhythm import WorkingCalendar
from scheduler import chores, planner
from scheduler.clock import MovableClock
from scheduler.planner import Coming
from storage import deliveries
from storage.engine import Database

STEPS: dict[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
}
AHEAD_DAYS = 21
PLAY_TICK_SECONDS = 0.25
DEFAULT_SPEED = 600.0
REAL_TIME = 1.0
# What takes longer than this is named on the page while it lasts.
LONG_SECONDS = 0.5


class HandClock:
    """The page's clock. `tick` plans and sends what is due; `settle` waits for the bot.

    `at_work` names (by the end of its label) what the bot is long at, "" for nothing.
    """

    def __init__(
        self,
        clock: MovableClock,
        database: Database,
        renderer: Renderer,
        *,
        bot: int,
        zone: str,
        calendar: WorkingCalendar,
        tick: Callable[[], Awaitable[None]],
        settle: Callable[[], Awaitable[None]],
        at_work: Callable[[], str],
    ) -> None:
        self._clock = clock
        self._database = database
        self._renderer = renderer
        self._bot = bot
        self._zone = zone
        self._calendar = calendar
        self._tick = tick
        self._settle = settle
        self._at_work = at_work
        self._moving = asyncio.Lock()
        self._speed = DEFAULT_SPEED
        self._player: asyncio.Task[None] | None = None
        self.announce: Callable[[], Awaitable[Any]] | None = None

    async def move(self, what: Move) -> None:
        """Jump to the next due thing, or ahead by a span, stopping at each due thing between."""
        async with self._moving:
            if what == "next":
                coming = await self._next()
                if coming is not None:
                    await self._go_to(coming[0])
                return
            await self._through(self._clock.now() + STEPS[what])

    async def through(self, target: datetime) -> None:
        """Go to a moment, stopping at each due thing on the way."""
        async with self._moving:
            await self._through(target)

    async def play(self, speed: float | None = None, *, playing: bool | None = None) -> None:
        """Let business time run fast, or hold it at the pace of real time."""
        if speed is not None:
            self._speed = max(REAL_TIME, speed)
        if playing is False:
            self._clock.run_at(REAL_TIME)
            if self._player is not None:
                self._player.cancel()
                self._player = None
        elif playing or (playing is None and speed is not None):
            self._clock.run_at(self._speed)
            if self._player is None:
                self._player = asyncio.create_task(self._keep_playing())

    async def describe(self) -> dict[str, Any]:
        """The clock as the page shows it."""
        now = self._clock.now()
        coming = await self._next()
        day = now.astimezone(ZoneInfo(self._zone)).date()
        name = self._calendar.name_of(day)
        return {
            "now": now.isoformat(),
            "zone": self._zone,
            "speed": self._speed if self._player else 0,
            "playing": self._player is not None,
            "next": {
                "at": coming[0].isoformat() if coming else None,
                "what": self._names(coming[1]) if coming else {"zh": "", "en": ""},
            },
            "today": {
                "kind": "work" if self._calendar.is_working(day) else "off",
                "name": dict.fromkeys(LANGUAGES, name) if name else None,
            },
            "at_work": self._names(f"at_work_{work}") if (work := self._at_work()) else None,
        }

    def stop(self) -> None:
        """Play no more."""
        if self._player is not None:
            self._player.cancel()

    def _names(self, kind: str) -> dict[str, str]:
        return {language: self._renderer.label(kind, language) for language in LANGUAGES}

    async def _keep_playing(self) -> None:
        while True:
            await asyncio.sleep(PLAY_TICK_SECONDS)
            async with self._moving:
                await self._tick()
            if self.announce is not None:
                await self.announce()

    async def _next(self) -> tuple[datetime, str] | None:
        """The next moment at which something is due, and which study brings it."""
        now = self._clock.now()
        waiting = await self._database.read(deliveries.next_due, bot=self._bot)
        coming: list[Coming] = await self._database.read(
            planner.ahead, bot=self._bot, now=now, days=AHEAD_DAYS
        )
        moments = [(item.due_at, item.kind) for item in coming[:1]]
        if waiting is not None and waiting[0] > now:
            moments.append(waiting)
        reminder = await self._database.read(chores.next_due, bot=self._bot, now=now)
        if reminder is not None:
            moments.append(reminder)
        return min(moments, default=None)

    async def _through(self, target: datetime) -> None:
        while (coming := await self._next()) is not None and coming[0] <= target:
            await self._go_to(coming[0])
        await self._go_to(target)

    async def _go_to(self, moment: datetime) -> None:
        self._clock.move_to(moment)
        await self._tick()
        settling = asyncio.ensure_future(self._settle())
        while not (await asyncio.wait({settling}, timeout=LONG_SECONDS))[0]:
            if self.announce is not None:
                await self.announce()
        settling.result()
