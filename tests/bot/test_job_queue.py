"""Long jobs on PostgreSQL: stored before anybody works on them, done though workers die."""

import asyncio
import importlib.resources
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import job_queue
from bot.job_queue import ATTEMPTS, DEAD_AFTER_SECONDS, JobQueue
from bot.jobs import Arguments, JobsAtOnce, JobStopped
from bot.long_jobs import jobs_for
from scheduler.clock import SystemClock
from storage import schema
from storage.engine import Database

REPOSITORY = Path(__file__).parents[2]
BOT = 7_000_000_009
PATIENCE_SECONDS = 30.0


@dataclass
class Work:
    """What was asked to be done, in order; `then` is done with each."""

    done: list[tuple[str, Arguments]] = field(default_factory=list)
    given_up: list[Arguments] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    then: Callable[[], Awaitable[None]] | None = None

    async def perform(self, name: str, arguments: Arguments) -> None:
        self.done.append((name, arguments))
        self.news.set()
        if self.then is not None:
            await self.then()

    async def give_up(self, arguments: Arguments) -> None:
        self.given_up.append(arguments)

    async def times(self, count: int) -> None:
        """Return when so many jobs were begun."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.done) < count:
                self.news.clear()
                await self.news.wait()


def queue_of(database: Database, work: Work, *, bot: int = BOT) -> JobQueue:
    return JobQueue(
        database.url, SystemClock(), bot=bot, perform=work.perform, give_up=work.give_up
    )


@asynccontextmanager
async def working(database: Database, work: Work, *, bot: int = BOT) -> AsyncIterator[JobQueue]:
    """A process's queue at work."""
    queue = queue_of(database, work, bot=bot)
    await queue.start()
    try:
        yield queue
    finally:
        await queue.stop()


def stored(database: Database) -> list[tuple[str, int]]:
    """Status and attempts of every job still there."""
    with database.engine.connect() as connection:
        rows = connection.execute(
            text("SELECT status, attempts FROM wuxue_jobs.procrastinate_jobs ORDER BY id")
        )
        return [(str(status), int(attempts)) for status, attempts in rows]


def make_due(database: Database) -> None:
    """Whatever waits for its next try is due now."""
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE wuxue_jobs.procrastinate_jobs SET scheduled_at = NULL"))
        # A worker listens for its own queue alone; otherwise it looks every five seconds.
        connection.execute(
            text(
                "SELECT pg_notify('procrastinate_queue_v1#' || queue_name, jsonb_build_object("
                "'type', 'job_inserted', 'job_id', id)::text) FROM wuxue_jobs.procrastinate_jobs"
            )
        )


@pytest.mark.asyncio
async def test_a_job_is_done_once_with_its_arguments_and_then_gone(
    postgresql_database: Database,
) -> None:
    """What was stored is done by the process that works, and leaves nothing behind."""
    work = Work()
    async with working(postgresql_database, work) as queue:
        await queue.run("export", {"chat_id": 5, "since": "2026-11-01"})
        await queue.idle()
    assert work.done == [("export", {"chat_id": 5, "since": "2026-11-01"})]
    assert stored(postgresql_database) == []


@pytest.mark.asyncio
async def test_a_job_of_another_bot_is_left_to_its_own_processes(
    postgresql_database: Database,
) -> None:
    """Two tokens on one database do not send into each other's chats."""
    mine, others = Work(), Work()
    async with (
        working(postgresql_database, others, bot=BOT + 1),
        working(postgresql_database, mine) as queue,
    ):
        await queue.run("export", {"chat_id": 5})
        await queue.idle()
    assert (len(mine.done), len(others.done)) == (1, 0)


@pytest.mark.asyncio
async def test_a_process_that_stops_puts_its_job_back_at_once(
    postgresql_database: Database,
) -> None:
    """Stopping takes less than three seconds; the next process begins the job anew."""
    clock, stuck = SystemClock(), asyncio.Event()

    async def hang() -> None:
        await stuck.wait()

    first, second = Work(then=hang), Work()
    async with working(postgresql_database, first) as queue:
        await queue.run("export", {"chat_id": 5})
        await first.times(1)
        began = clock.real()
    assert (clock.real() - began).total_seconds() < 3
    assert stored(postgresql_database) == [("todo", 1)]
    async with working(postgresql_database, second) as queue:
        await queue.idle()
    assert second.done == first.done
    assert stored(postgresql_database) == []


@pytest.mark.asyncio
async def test_a_job_that_fails_is_tried_again_and_at_last_its_asker_is_told(
    postgresql_database: Database,
) -> None:
    """An error costs a try, never the job; the last one is admitted, once."""

    async def fail() -> None:
        raise ValueError("not this time")

    work = Work(then=fail)
    async with working(postgresql_database, work) as queue:
        await queue.run("export", {"chat_id": 5})
        for attempt in range(1, ATTEMPTS + 1):
            await work.times(attempt)
            await queue.idle()
            assert len(work.given_up) == (1 if attempt == ATTEMPTS else 0)
            make_due(postgresql_database)
    assert work.given_up == [{"chat_id": 5}]
    assert [status for status, _ in stored(postgresql_database)] == ["failed"]


DYING = """
import asyncio, sys
from bot.job_queue import JobQueue
from scheduler.clock import SystemClock

async def perform(name, arguments):
    print("begun", flush=True)
    await asyncio.Event().wait()

async def give_up(arguments):
    print("given up", flush=True)

async def main():
    url, bot = sys.argv[1:]
    queue = JobQueue(url, SystemClock(), bot=int(bot), perform=perform, give_up=give_up)
    await queue.start()
    await queue.run("export", {"chat_id": 5})
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.asyncio
async def test_the_job_of_a_killed_process_is_taken_up_by_another(
    postgresql_database: Database,
) -> None:
    """SIGKILL in the middle: after ten seconds without a heartbeat another one does it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        DYING,
        postgresql_database.url,
        str(BOT),
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"begun\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()
    assert stored(postgresql_database) == [("doing", 0)]
    with postgresql_database.engine.begin() as connection:
        # Time passes for the dead one only: its heart beat last that long ago.
        connection.execute(
            text(
                "UPDATE wuxue_jobs.procrastinate_workers"
                " SET last_heartbeat = last_heartbeat - make_interval(secs => :seconds)"
            ),
            {"seconds": DEAD_AFTER_SECONDS + 1},
        )
    work = Work()
    async with working(postgresql_database, work) as queue:
        await work.times(1)
        await queue.idle()
    assert work.done == [("export", {"chat_id": 5})]
    assert stored(postgresql_database) == []


@pytest.mark.asyncio
async def test_what_is_stored_while_nobody_works_waits(postgresql_database: Database) -> None:
    """A process that only receives stores jobs too; one that starts later does them."""
    work = Work()
    async with working(postgresql_database, Work(), bot=BOT + 1):
        queue = queue_of(postgresql_database, work)
        await queue._app.open_async()  # as a process does that has not begun to work
        await queue.run("export", {"chat_id": 5})
        await queue._app.close_async()
    assert stored(postgresql_database) == [("todo", 0)]
    async with working(postgresql_database, work) as queue:
        await queue.idle()
    assert len(work.done) == 1


@pytest.mark.asyncio
async def test_on_sqlite_a_job_is_done_where_it_is_asked_for(sqlite_database: Database) -> None:
    """Its errors are its asker's, and stopping is told to it."""
    work = Work()
    jobs = jobs_for(
        sqlite_database, SystemClock(), bot=BOT, perform=work.perform, give_up=work.give_up
    )
    assert isinstance(jobs, JobsAtOnce)
    await jobs.start()
    await jobs.run("export", {"chat_id": 5})
    assert work.done == [("export", {"chat_id": 5})]

    async def stop_in_the_middle() -> None:
        await jobs.stop()
        if jobs.stopping.is_set():
            raise JobStopped

    work.then = stop_in_the_middle
    with pytest.raises(JobStopped):
        await jobs.run("export", {"chat_id": 5})


def test_the_tables_are_those_of_the_installed_procrastinate() -> None:
    """A release of Procrastinate with other tables needs a migration before it is pinned."""
    shipped = importlib.resources.files("procrastinate") / "sql" / "schema.sql"
    ours = (schema.MIGRATIONS / "jobs.sql").read_text(encoding="utf-8")
    assert ours.endswith(shipped.read_text(encoding="utf-8"))
    assert job_queue.SCHEMA in (schema.MIGRATIONS / "versions" / "0008_jobs.py").read_text(
        encoding="utf-8"
    )
