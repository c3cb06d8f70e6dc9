"""Jobs on PostgreSQL: stored with Procrastinate, taken up by any process of the same bot."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from threading import Event
from typing import Any, cast

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from sqlalchemy.engine import make_url

from bot.jobs import Arguments, JobStopped, Perform
from scheduler.clock import Clock

log = structlog.get_logger(__name__)
# Where migration 0008 put Procrastinate's tables.
SCHEMA = "wuxue_jobs"
CONNECTIONS = 4
# Exports hold a connection and a core each while they work.
AT_ONCE = 2
ATTEMPTS = 6
FIRST_PAUSE_SECONDS = 5
# A worker that has not been heard of for so long is dead, and its jobs are taken up by others.
HEARTBEAT_SECONDS, DEAD_AFTER_SECONDS = 2.0, 10.0
LOOK_AGAIN_SECONDS = 5.0
GRACE_SECONDS = 1.0
IDLE_STEP_SECONDS = 0.02


class _Again(BaseRetryStrategy):
    """At once when the process was stopping, later and later after an error, then never."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, JobStopped | asyncio.CancelledError):
            return RetryDecision(retry_in={"seconds": 0})
        if job.attempts + 1 >= ATTEMPTS:
            return None
        return RetryDecision(retry_in={"seconds": FIRST_PAUSE_SECONDS * 2**job.attempts})


class JobQueue:
    """The jobs of one bot; every process that has started works on them."""

    is_queued = True

    def __init__(
        self,
        url: str,
        clock: Clock,
        *,
        bot: int,
        perform: Perform,
        give_up: Callable[[Arguments], Awaitable[None]],
    ) -> None:
        self.stopping = Event()
        self._clock = clock
        self._perform = perform
        self._give_up = give_up
        # Another bot on the same database has another token: its chats are not ours.
        self._queue = f"bot{bot}"
        plain = make_url(url).set(drivername="postgresql")
        connector = PsycopgConnector(
            conninfo=plain.render_as_string(hide_password=False),
            kwargs={"options": f"-c search_path={SCHEMA}"},
            min_size=1,
            max_size=CONNECTIONS,
        )
        self._app = App(connector=connector)
        keep = self._app.task(name="job", queue=self._queue, retry=_Again(), pass_context=True)
        self._task = keep(self._one)
        self._at_work: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, and begin to take up what is stored, also by processes that died."""
        if self._at_work:
            return
        await self._app.open_async()
        self._at_work = [asyncio.create_task(one()) for one in (self._work, self._take_over)]

    async def run(self, name: str, arguments: Arguments) -> None:
        """Store a job; when this returns, no crash can lose it."""
        await self._task.defer_async(name=name, arguments=dict(arguments))

    async def idle(self) -> None:
        """Return when nothing is under way anywhere and nothing is due (for the rehearsal)."""
        while self._at_work and await self._is_busy():
            await self._clock.sleep(IDLE_STEP_SECONDS)

    async def _is_busy(self) -> bool:
        now = self._clock.real()
        stored = await self._app.job_manager.list_jobs_async(queue=self._queue)
        return any(
            job.status == Status.DOING.value
            or (
                job.status == Status.TODO.value
                and (job.scheduled_at is None or job.scheduled_at <= now)
            )
            for job in stored
        )

    async def stop(self) -> None:
        """Put back what is under way and let go of the connections."""
        self.stopping.set()
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)
        self._at_work = []
        await self._app.close_async()

    async def _work(self) -> None:
        """Work until stopped; a database that was away is asked again."""
        while True:
            try:
                await self._app.run_worker_async(
                    queues=[self._queue],
                    concurrency=AT_ONCE,
                    install_signal_handlers=False,
                    update_heartbeat_interval=HEARTBEAT_SECONDS,
                    stalled_worker_timeout=DEAD_AFTER_SECONDS,
                    shutdown_graceful_timeout=GRACE_SECONDS,
                    delete_jobs="successful",
                )
            except Exception as error:
                log.warning("job_worker_ended", error=type(error).__name__)
            await self._clock.sleep(LOOK_AGAIN_SECONDS)

    async def _one(self, context: JobContext, name: str, arguments: dict[str, Any]) -> None:
        """Do one job; the last time it fails, whoever waits for it is told."""
        if self.stopping.is_set():
            raise JobStopped
        try:
            await self._perform(name, arguments)
        except JobStopped:
            raise
        except Exception as error:
            log.warning("job_failed", job=context.job.id, error=type(error).__name__)
            if context.job.attempts + 1 >= ATTEMPTS:
                log.exception("bug", job=context.job.id)
                await self._give_up(arguments)
            raise

    async def _take_over(self) -> None:
        """Bring back the jobs of workers that died, now and then."""
        while True:
            try:
                await self._bring_back()
            except ConnectorException as error:
                log.warning("jobs_not_looked_at", error=type(error).__name__)
            await self._clock.sleep(LOOK_AGAIN_SECONDS)

    async def _bring_back(self) -> None:
        manager = self._app.job_manager
        stalled = await manager.get_stalled_jobs(
            queue=self._queue, seconds_since_heartbeat=DEAD_AFTER_SECONDS
        )
        for job in stalled:
            if job.id is None:
                continue
            log.warning("job_taken_over", job=job.id, attempts=job.attempts)
            # Another process may have brought it back at the same moment.
            with suppress(ConnectorException):
                if job.attempts + 1 < ATTEMPTS:
                    await manager.retry_job(job, retry_at=self._clock.real() - timedelta(seconds=1))
                    continue
                # It ends whoever takes it up.
                await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
                log.error("job_given_up", job=job.id)
                await self._give_up(cast(Arguments, job.task_kwargs["arguments"]))
