"""What a topic needs by itself: the draft on the closing day, the end of a session, notes, 待办.

The drafting takes seconds and happens in a thread, with no transaction open meanwhile.
"""

import asyncio
from collections.abc import Sequence

import structlog
from sqlmodel import Session

from curriculum import todo, topic_drafting, topic_notes, topic_session
from curriculum.topic_drafting import Draft, Pool
from scheduler.clock import Clock
from storage import holds
from storage.engine import Database
from storage.workers import Workers

log = structlog.get_logger(__name__)


def _drafted(pool: Pool) -> Draft:
    # The models take 100 MB and a second: loaded where a draft is made, and not before.
    from curriculum import topic_grouping

    return topic_grouping.drafted(pool)


class TopicUpkeep:
    """A chore of the ticker: called each minute, does what has become due."""

    def __init__(self, database: Database, clock: Clock, *, bot: int) -> None:
        self._database = database
        self._clock = clock
        self._bot = bot
        # Nobody waits for its thread at the end: a draft that was not kept is made again.
        self._apart = Workers(1, name="topics")
        self._drafting: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Owe what is due, begin the drafts that are; safe to call at any time and twice.

        The other chores do not wait for a draft, which takes up to a minute.
        """
        drafts = await self._database.write(self._owe)
        if drafts and not self.is_drafting:
            self._drafting = asyncio.create_task(self._draft_all(drafts))

    @property
    def is_drafting(self) -> bool:
        """Whether a draft is being made now."""
        return self._drafting is not None and not self._drafting.done()

    async def idle(self) -> None:
        """Return when no draft is being made."""
        if self._drafting is not None:
            await asyncio.wait({self._drafting})

    def stop(self) -> None:
        """Let go of what is being drafted: it is due again at the next start."""
        if self._drafting is not None:
            self._drafting.cancel()

    async def _draft_all(self, drafts: Sequence[int]) -> None:
        for topic_id in drafts:
            try:
                await self._draft(topic_id)
            except Exception:
                log.exception("topic_not_drafted", topic=topic_id)

    def _owe(self, session: Session) -> list[int]:
        bot, now = self._bot, self._clock.now()
        if not holds.may_begin(session, "topics", bot=bot):
            return []
        topic_session.end(session, bot=bot, now=now)
        topic_notes.owe(session, bot=bot, now=now)
        todo.owe(session, bot=bot, now=now)
        return topic_drafting.waiting(session, bot=bot, now=now)

    async def _draft(self, topic_id: int) -> None:
        """Make one draft; of two processes that do, the second finds it made."""
        pool = await self._database.read(topic_drafting.pool, topic_id, now=self._clock.now())
        if pool is None:
            return
        loop = asyncio.get_running_loop()
        draft = await loop.run_in_executor(self._apart, _drafted, pool)
        is_kept = await self._database.write(
            topic_drafting.keep, pool, draft, now=self._clock.now()
        )
        log.info("topic_drafted", topic=topic_id, themes=len(draft.themes), kept=is_kept)
