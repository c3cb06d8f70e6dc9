"""Learning from coordinators' merges and splits: looked at each night, beside the other chores."""

import asyncio

import structlog
from sqlmodel import Session

from bot.nightly import Nightly
from curriculum import matchers
from curriculum.matchers import Material, Trained
from scheduler.clock import Clock
from storage import holds
from storage.engine import Database
from storage.workers import Workers

log = structlog.get_logger(__name__)


def _learnt(found: Material) -> Trained | None:
    # Numbers are loaded where something is learnt, and not before.
    from curriculum import matcher_training

    return matcher_training.learnt(found)


class MatcherUpkeep(Nightly):
    """Learns each night what coordinators' own merging and splitting teaches."""

    # Local: an hour after what is old is forgotten, so that nothing is learnt from it.
    FROM_HOUR = 4
    BROKE_OFF = "matcher_not_trained"

    def __init__(self, database: Database, clock: Clock, *, bot: int, zone: str) -> None:
        super().__init__(clock, zone=zone)
        self._database = database
        self._bot = bot
        # Nobody waits for its thread at the end: what was not kept is learnt the next night.
        self._apart = Workers(1, name="matcher")

    async def work(self) -> None:
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
