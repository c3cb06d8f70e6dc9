"""Learning from coordinators' merges and splits: looked at each night, beside the other chores."""

import asyncio
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session

from curriculum import matchers
from curriculum.matchers import Material
from scheduler.clock import Clock
from storage import holds
from storage.engine import Database
from storage.workers import Workers

if TYPE_CHECKING:
    from curriculum.matcher_training import Trained

log = structlog.get_logger(__name__)
# Local: an hour after what is old is forgotten, so that nothing is learnt from it.
FROM_HOUR = 4


def _learnt(found: Material) -> "Trained | None":
    # Numbers are loaded where something is learnt, and not before.
    from curriculum import matcher_training

    return matcher_training.learnt(found)


class MatcherUpkeep:
    """A chore of the ticker: called each minute, begins its work once a night at most."""

    def __init__(self, database: Database, clock: Clock, *, bot: int, zone: str) -> None:
        self._database = database
        self._clock = clock
        self._bot = bot
        self._zone = ZoneInfo(zone)
        # Nobody waits for its thread at the end: what was not kept is learnt the next night.
        self._apart = Workers(1, name="matcher")
        self._done_on: date | None = None
        self._working: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Begin the night's work where it is due; safe to call at any time and twice."""
        local = self._clock.now().astimezone(self._zone)
        if local.hour < FROM_HOUR or local.date() == self._done_on:
            return
        if self._working is None or self._working.done():
            self._done_on = local.date()
            self._working = asyncio.create_task(self._attempt())

    async def idle(self) -> None:
        """Return when nothing is being learnt."""
        if self._working is not None:
            await asyncio.wait({self._working})

    def stop(self) -> None:
        """Let go: it is learnt another night."""
        if self._working is not None:
            self._working.cancel()

    async def _attempt(self) -> None:
        try:
            await self.learn()
        except Exception:
            log.exception("matcher_not_trained")

    async def learn(self) -> None:
        """Learn what there is to learn, and keep what came of it."""
        found = await self._database.read(self._material)
        if found is None:
            return
        loop = asyncio.get_running_loop()
        made = await loop.run_in_executor(self._apart, _learnt, found)
        if made is None:
            return
        now = self._clock.now()
        if await self._database.write(matchers.keep, found, made, bot=self._bot, now=now):
            log.info(
                "matcher_trained",
                labels=made.labels,
                topics=made.topics,
                before=made.untaught_score,
                after=made.score,
                followed=made.is_better,
            )

    def _material(self, session: Session) -> Material | None:
        if holds.is_held(session, self._bot):
            return None
        return matchers.material(session, bot=self._bot, now=self._clock.now())
