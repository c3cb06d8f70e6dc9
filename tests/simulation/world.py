"""One seed's world: a cohort, its people, its processes and their misfortunes, day after day."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import event, select
from sqlmodel import Session

from scheduler.channel import Channel
from scheduler.pace import ChatPace
from scheduler.postman import Postman
from scheduler.rate import SendBudget, SharedSlots
from scheduler.ticker import Ticker
from storage import deliveries
from storage.cohorts import Rhythm as StoredRhythm
from storage.engine import Database
from tests.county import BOT, County, build, write_pack
from tests.simulation.acts import HOURS, Acts
from tests.simulation.process import Process
from tests.simulation.record import StandIn, Weather
from tests.simulation.register import Learner, Register, Rhythm, local, moment
from tests.simulation.virtual_time import (
    HOST,
    MACHINE_IS_OFF_BY,
    VirtualClock,
    VirtualTimeLoop,
    run,
)

SETTLING = timedelta(days=4)
# Asked after everything that was written, thousands of times in a world.
WATERMARK = select(StoredRhythm.watermark).where(StoredRhythm.id == 1)
PER_SECOND = 30
# A day is planned in an instant: without some help hardly any crash would fall into it.
DIES_PLANNING = 0.2


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a run is."""

    days: int
    learners: int


class World:
    """Everything of one run, deterministic by its seed.

    What a mutation changes is a method of its own: see mutations.py.
    """

    county: County
    # None: one machine, and in three of ten worlds two.
    machines: int | None = None

    def __init__(self, database: Database, folder: Path, seed: int, shape: Shape) -> None:
        self.database = database
        self.random = Random(seed)  # noqa: S311  repeatable, not secret
        self.shape = shape
        self.loop = VirtualTimeLoop()
        first = date(2026, 1, 1) + timedelta(
            days=self.random.randrange(365 - shape.days - SETTLING.days - 4)
        )
        self.clock = VirtualClock(self.loop, moment(first - timedelta(days=1), time(20)))
        self.ends_at = moment(first + timedelta(days=shape.days), time(0))
        self.stand_in = StandIn(self.clock, self.random, self._weather())
        self.processes: list[Process] = []
        # Spans in which at least one process was up and nothing hindered it.
        self.up: list[tuple[datetime, datetime]] = []
        self.outages = list(self.stand_in.weather.outages)
        self.register = self._settle_in(folder, first)
        self.acts = Acts(database, self.county, self.register, self.stand_in, self.random)
        self.changed = asyncio.Event()

    def _weather(self) -> Weather:
        chance = self.random.choice((0.0, 0.01, 0.05))
        weather = Weather(chance, chance, chance, chance, chance, chance / 20)
        for _ in range(self.random.randint(0, 2)):
            since = self.clock.now() + self._some(timedelta(days=self.shape.days))
            span = timedelta(minutes=self.random.choice((1, 5, 20, 90)))
            weather.outages.append((since, since + span))
        return weather

    def _some(self, most: timedelta) -> timedelta:
        return timedelta(seconds=self.random.uniform(0, most.total_seconds()))

    def _settle_in(self, folder: Path, first: date) -> Register:
        late = self.random.choice(("send", "merge", "skip"))
        rhythm = Rhythm(self.random.choice(HOURS), late, self.random.choice((1, 4, 10, 30)))
        now = self.clock.now()

        def fill(session: Session) -> County:
            county = build(
                session,
                write_pack(folder / "pack", 12),
                now=now,
                learners=self.shape.learners,
                pace=self.random.choice(("together", "own")),
                late=late,
                start_on=first,
            )
            stored = session.get_one(StoredRhythm, 1)
            stored.time_of_day, stored.skip_after_hours = rhythm.hour, rhythm.skip_after_hours
            session.add(stored)
            return county

        self.county = self.database.write_now(fill)
        today = local(now).date()
        return Register(
            rhythm,
            watermark=first - timedelta(days=1),
            learners={
                s.person_id: Learner(s.person_id, s.chat_id, today) for s in self.county.learners
            },
        )

    # --- running

    def run(self) -> None:
        """From the first evening until everything has settled."""
        event.listen(self.database.engine, "commit", self._at_commit)
        try:
            run(self.loop, self._live())
        finally:
            event.remove(self.database.engine, "commit", self._at_commit)

    def _at_commit(self, _connection: Any) -> None:
        if (host := HOST.get()) is not None:
            host.step()

    async def _live(self) -> None:
        self.loop.after_work = self._look_at_watermark
        number = self.machines = self.machines or self.random.choices((1, 2), (7, 3))[0]
        people = asyncio.create_task(self._people())
        await asyncio.gather(*(self._lives(stagger=n) for n in range(number)))
        await people
        self.stand_in.weather.calm()
        self.stand_in.blocked.clear()
        last = self._process(until_crash=False)
        await self._serve_until(last, self.ends_at + SETTLING)

    def _look_at_watermark(self) -> None:
        watermark = self.database.read_now(lambda session: session.connection().scalar(WATERMARK))
        assert watermark is not None
        if watermark > self.register.watermark:
            self.register.watermark_moved(watermark, now=self.clock.now())

    async def _people(self) -> None:
        """People act at any hour of the day while the bot can hear them."""
        per_day = max(2, self.shape.learners // 8)
        while self.clock.now() < self.ends_at:
            await self.clock.sleep(self.random.expovariate(per_day / 86_400))
            if self.random.random() < 0.1:
                self.acts.blocks()
            if any(not process.is_dead for process in self.processes):
                self.acts.any(self.clock.now())
                self.changed.set()

    async def _lives(self, *, stagger: int) -> None:
        """One machine: it runs, dies or is stopped, stays away for a while, and runs again."""
        await self.clock.sleep(stagger * self.random.uniform(0, 3600))
        while self.clock.now() < self.ends_at:
            until = min(self.ends_at, self.clock.now() + self._some(timedelta(days=3)))
            await self._serve_until(self._process(until_crash=True), until)
            await self.clock.sleep(self._downtime().total_seconds())

    def _downtime(self) -> timedelta:
        dice = self.random.random()
        if dice < 0.6:
            return self._some(timedelta(minutes=1))
        if dice < 0.9:
            return timedelta(minutes=10) + self._some(timedelta(hours=5))
        return self._some(timedelta(days=3))

    def _process(self, *, until_crash: bool) -> Process:
        dies_at = self.random.choice(
            (None, self.random.randint(1, 60), self.random.randint(1, 900))
        )
        spans = self.random.choices((2, 30, 90, 400), k=self.random.randint(0, 4))
        freezes = {self.random.randint(1, 400): timedelta(seconds=span) for span in spans}
        process = self.new_process(
            dies_at_step=dies_at if until_crash else None,
            freezes_at_step=freezes if until_crash else {},
        )
        process.is_immortal = not until_crash
        self.processes.append(process)
        return process

    def new_process(
        self, *, dies_at_step: int | None, freezes_at_step: Mapping[int, timedelta]
    ) -> Process:
        """One more life of the program."""
        return Process(
            self.clock, self.random, dies_at_step=dies_at_step, freezes_at_step=freezes_at_step
        )

    def channel_of(self, process: Process) -> Channel:
        """What a process sends through."""
        return self.stand_in.channel_of(process)

    async def before_tick(self, process: Process) -> None:
        """Nothing, unless a mutation does something wrong here."""

    async def _serve_until(self, process: Process, until: datetime) -> None:
        """Let a process live until a moment, or until it dies; then nothing of it is left."""
        token = HOST.set(process)
        serving = asyncio.create_task(self._serve(process, until))
        HOST.reset(token)
        await asyncio.wait({serving, process.death}, return_when=asyncio.FIRST_COMPLETED)
        if serving.done() and not process.is_dead:
            serving.result()
        process.is_dead = True
        tasks = self.loop.tasks_of.pop(id(process), [])
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception) and not isinstance(outcome, asyncio.CancelledError):
                raise outcome
        ends = [process.born_at, *process.struck_at, self.clock.now()]
        self.up += pairwise(ends)

    async def _serve(self, process: Process, until: datetime) -> None:
        """`wuxue run` without its threads: a tick whenever something may be due."""
        shared = None
        if not self.database.is_sqlite:
            shared = SharedSlots(self.database, process, bot=BOT, per_second=PER_SECOND)
        budget = SendBudget(process, per_second=PER_SECOND, shared=shared)
        postman = Postman(
            self.database, process, self.channel_of(process), budget, bot=BOT, pace=ChatPace()
        )
        ticker = Ticker(self.database, process, postman, bot=BOT)
        planned_to: date | None = None
        while process.now() < until:
            self.changed.clear()
            today = local(process.now()).date()
            if today != planned_to and self.random.random() < DIES_PLANNING:
                process.may_die_within(self.random.randint(1, 12))
            planned_to = today
            await self.before_tick(process)
            await ticker.tick()
            await self._until_something_is_due(until)
        postman.stop()
        await postman.drain()

    async def _until_something_is_due(self, until: datetime) -> None:
        now = self.clock.now()
        moments = [*self._waiting(), until, moment(local(now).date() + timedelta(1), time(0))]
        pause = (min(moments) - now).total_seconds()
        # The jobs ring each minute and each second, whatever is due.
        pause = max(1.0, pause) + self.random.uniform(0, 30)
        try:
            async with asyncio.timeout(pause):
                await self.changed.wait()
        except TimeoutError:
            return

    def _waiting(self) -> list[datetime]:
        """When the next open deliveries can go out, in business time."""
        table = deliveries.TABLE
        rows = self.database.read_now(
            lambda session: list(
                session.connection().execute(
                    select(table.c.due_at, table.c.lease_until)
                    .where(table.c.status.in_((deliveries.WAITING, deliveries.CLAIMED)))
                    .order_by(table.c.due_at)
                    .limit(200)
                )
            )
        )
        return [max(due, lease - MACHINE_IS_OFF_BY) if lease else due for due, lease in rows]
