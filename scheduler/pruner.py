"""Once a day: looks for old deliveries beside everything else and deletes them a few at a time."""

from datetime import datetime, timedelta

import structlog

from curriculum import daily_lesson
from scheduler.clock import Clock
from scheduler.planner import STUDIES
from storage import pruning
from storage.engine import Database

log = structlog.get_logger(__name__)
EVERY = timedelta(days=1)
# Between two batches others write.
PAUSE_SECONDS = 0.05


class Pruner:
    """Forgets deliveries closed longer than `keep_days`, except what the rules still need."""

    def __init__(self, database: Database, clock: Clock, *, bot: int, keep_days: int) -> None:
        self._database = database
        self._clock = clock
        self._bot = bot
        self._kept = timedelta(days=keep_days)
        self._began_at: datetime | None = None

    async def run_if_due(self) -> int:
        """Prune when a day of business time has passed since the last time; returns how many."""
        now = self._clock.now()
        if self._began_at is not None and now - self._began_at < EVERY:
            return 0
        self._began_at = now
        dropped = await self._run(now - self._kept)
        if dropped:
            log.info("pruned", deliveries=dropped)
        return dropped

    async def _run(self, before: datetime) -> int:
        after, dropped, is_end = 0, 0, False
        while not is_end:
            found = await self._database.read(
                pruning.look,
                bot=self._bot,
                after=after,
                before=before,
                study_kinds=[study.KIND for study in STUDIES],
                lesson_kinds=daily_lesson.KINDS,
            )
            for start in range(0, len(found.ids), pruning.DELETED_AT_ONCE):
                ids = found.ids[start : start + pruning.DELETED_AT_ONCE]
                dropped += await self._database.write(pruning.drop, ids)
                await self._clock.sleep(PAUSE_SECONDS)
            after, is_end = found.last_id, found.is_end
        return dropped
