"""Wakes the planner and the postman; only here is APScheduler known, and it holds no truth."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from curriculum.supervision_words import CONFIRM_WITHIN
from scheduler import chores, planner
from scheduler.chores import Chore
from scheduler.clock import Clock
from scheduler.marks import Marks
from scheduler.planner import STUDIES, Study
from scheduler.postman import Postman
from scheduler.pruner import Pruner
from scheduler.troubles import in_short
from storage import audit, drafts, inbox, one_at_a_time, schema
from storage.engine import Database

log = structlog.get_logger(__name__)
PLAN_EVERY_SECONDS = 60
POST_EVERY_SECONDS = 1
UNPARSABLE_KEPT_DAYS = 7
KEEP_DELIVERIES_DAYS = 400

Job = Callable[[], Awaitable[object]]


class Ticker:
    """One named job per rhythm, each minute, coalesced, and once at start, plus the postman's tick.

    A job that was missed is no loss: the next one asks the tables what lies between the watermark
    and now. So APScheduler's own misfire grace (1 second by default) does not matter here.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        postman: Postman,
        *,
        bot: int,
        marks: Marks | None = None,
        keep_deliveries_days: int = KEEP_DELIVERIES_DAYS,
        confirm_within: timedelta = CONFIRM_WITHIN,
    ) -> None:
        self._marks = marks
        self._owed = chores.all_of(confirm_within)
        # Until it is known whether the database was restored, nothing is planned or sent.
        self._is_known = marks is None
        self._looking = asyncio.Lock()
        postman.is_held_back = not self._is_known
        self._pruner = Pruner(database, clock, bot=bot, keep_days=keep_deliveries_days)
        self._pruning: asyncio.Task[int] | None = None
        self._database = database
        self._clock = clock
        self._postman = postman
        self._bot = bot
        # What else is to be done each minute, by whoever built this; a failure stops nothing.
        self.chores: list[Job] = []
        self._posting: asyncio.Task[int] | None = None
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    async def start(self) -> None:
        """Plan what was missed, then keep the beat; sending begins at once beside it.

        A database in trouble is tried again at the next beat; raises what it raises where it lacks
        this release's schema, which no waiting mends.
        """
        jobs: list[tuple[str, Job, float]] = [
            (study.KIND, partial(self._plan, study), PLAN_EVERY_SECONDS) for study in STUDIES
        ]
        jobs += [
            (chore.name, partial(self._owe, chore), PLAN_EVERY_SECONDS) for chore in self._owed
        ]
        jobs.append(("postman", self._wake_postman, POST_EVERY_SECONDS))
        jobs.append(("housekeeping", self._keep_house, PLAN_EVERY_SECONDS))
        for name, job, _ in jobs:
            await self._attempt(name, job)
        for name, job, seconds in jobs:
            self._scheduler.add_job(
                self._attempt, IntervalTrigger(seconds=seconds), [name, job], id=name
            )
        self._scheduler.start()

    async def _attempt(self, name: str, job: Job) -> None:
        """Do a job, unless the database is in trouble: then it is done at the next beat."""
        try:
            await self._look()
            await job()
        except SQLAlchemyError as error:
            if await self._lacks_schema():
                raise
            log.error("job_put_off", bot=self._bot, job=name, **in_short(error))  # noqa: TRY400

    async def _look(self) -> None:
        """Look once whether the database was restored; only then may anything go out."""
        async with self._looking:
            if self._is_known or self._marks is None:
                return
            await self._marks.begin()
            self._is_known = True
            self._postman.is_held_back = False

    async def _lacks_schema(self) -> bool:
        try:
            stands_at = await self._database.read(_revision)
        except SQLAlchemyError:
            return False
        return stands_at != schema.head()

    async def tick(self) -> None:
        """Plan everything, send what is due; the rehearsal calls it after moving the clock."""
        await self._look()
        for study in STUDIES:
            await self._plan(study)
        for chore in self._owed:
            await self._owe(chore)
        await self._keep_house()
        await self._postman.tick()
        # A round that was under way already takes these too; wait for its end.
        await self._postman.drain()

    def stop(self) -> None:
        """Ring no more; what is under way goes on to its end elsewhere."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        if self._pruning is not None:
            self._pruning.cancel()

    async def _wake_postman(self) -> None:
        """Start a round unless one is under way: a broadcast may take minutes."""
        if self._posting is None or self._posting.done():
            self._posting = asyncio.create_task(self._postman.tick())
            self._posting.add_done_callback(_note_failure)

    async def _plan(self, study: Study) -> None:
        added = await self._database.write(
            planner.plan_due, study, bot=self._bot, now=self._clock.now(), real=self._clock.real()
        )
        if added:
            log.info("planned", study=study.KIND, rows=added)
            self._postman.wake()
        self._postman.counts.worked(study.KIND, at=self._clock.real())

    async def _owe(self, chore: Chore) -> None:
        now = self._clock.now()
        added = await self._database.write(chores.do, chore, bot=self._bot, now=now)
        if added:
            log.info("owed", chore=chore.name, rows=added)
            self._postman.wake()

    async def _keep_house(self) -> None:
        if self._marks is not None:
            await self._marks.beat()
        await self._database.write(
            _keep_house,
            now=self._clock.now(),
            real=self._clock.real(),
            keep_days=UNPARSABLE_KEPT_DAYS,
        )
        if self._pruning is None or self._pruning.done():
            self._pruning = asyncio.create_task(self._pruner.run_if_due())
            self._pruning.add_done_callback(_note_failure)
        # In a transaction of its own: it waits for every act under way.
        await self._database.write(audit.seal, at=self._clock.now())
        self._postman.counts.worked("housekeeping", at=self._clock.real())
        for job in self.chores:
            await _do(job)


def _revision(session: Session) -> str | None:
    return schema.current(session.get_bind().engine)


async def _do(job: Job) -> None:
    try:
        await job()
    except Exception:
        log.exception("chore_failed")


def _note_failure(posting: asyncio.Task[int]) -> None:
    """A round that broke off is tried again at the next tick; what it had claimed is leased."""
    if not posting.cancelled() and (error := posting.exception()) is not None:
        log.error("round_broke_off", exc_info=error)


def _keep_house(session: Session, *, now: datetime, real: datetime, keep_days: int) -> None:
    """Forget what has had its time; updates are received in machine time."""
    if not one_at_a_time.is_mine(session, "housekeeping"):
        return
    drafts.drop_expired(session, now=now)
    inbox.forget_unparsable(session, before=real - timedelta(days=keep_days))
    inbox.forget_done(session, before=real - timedelta(days=keep_days))
