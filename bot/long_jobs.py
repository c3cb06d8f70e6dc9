"""Long jobs, wired: each done by its name, with its refusal said and its failure admitted."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from telegram.error import Forbidden
from telegram.ext import Application

from bot.context import WuxueContext
from bot.errors import give_up_job, refuse_job
from bot.handlers import mydata, records, roster, training_archive
from bot.jobs import Arguments, Jobs, JobsAtOnce, Perform
from curriculum.errors import Refusal
from scheduler.clock import Clock
from storage.engine import Database

Job = Callable[[WuxueContext, Arguments], Awaitable[None]]
# What takes long and is done apart from the handler that was asked for it, where it can be.
JOBS: dict[str, Job] = {
    records.EXPORT: records.export,
    roster.IMPORT_JOB: roster.import_kept,
    mydata.COPY: mydata.send_copy,
    **training_archive.JOBS,
}


def long_jobs(
    application: Application[Any, WuxueContext, Any, Any, Any, Any],
    database: Database,
    clock: Clock,
    *,
    bot: int,
    by_name: Mapping[str, Job],
) -> Jobs:
    """The jobs of one bot; the arguments of each hold the `chat_id` of whoever asked for it."""

    async def perform(name: str, arguments: Arguments) -> None:
        context = WuxueContext(application)
        try:
            await by_name[name](context, arguments)
        except (Refusal, Forbidden) as error:
            # Where the job is part of a handler, what handles its errors says it.
            if not jobs.is_queued:
                raise
            await refuse_job(context, error, chat_id=int(arguments["chat_id"]))

    async def give_up(arguments: Arguments) -> None:
        await give_up_job(WuxueContext(application), chat_id=int(arguments["chat_id"]))

    jobs = jobs_for(database, clock, bot=bot, perform=perform, give_up=give_up)
    return jobs


def jobs_for(
    database: Database,
    clock: Clock,
    *,
    bot: int,
    perform: Perform,
    give_up: Callable[[Arguments], Awaitable[None]],
) -> Jobs:
    """The jobs of one bot on this database.

    `perform(name, arguments)` does a job; of one that failed for the last time on PostgreSQL
    `give_up(arguments)` tells whoever waits for it.
    """
    if database.is_sqlite:
        return JobsAtOnce(perform)
    # PostgreSQL's driver and the queue are an extra that SQLite installations do without.
    from bot.job_queue import JobQueue

    return JobQueue(database.url, clock, bot=bot, perform=perform, give_up=give_up)
