"""The whole bot against the stand-in server: what `wuxue rehearse` and the tests run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.app import Wuxue
from bot.config import Config
from bot.context import bot_id
from bot.rehearsal import county, memory
from bot.rehearsal.asked_month import AskedMonth, read
from bot.rehearsal.county import PHONES, Links
from bot.rehearsal.hand_clock import HandClock
from bot.rehearsal.memory import Stage
from bot.rehearsal.phones import Phones
from bot.rehearsal.telegram_server import RehearsalServer
from bot.rehearsal.world import World
from curriculum import working_days
from curriculum.lesson_pack import LessonPack, read_pack
from scheduler.clock import MovableClock
from scheduler.pace import unhurried
from storage import schema
from storage.cohorts import Cohort
from storage.engine import Database
from storage.sealed import NoteKey, new_secret

STARTER_PACK = Path(__file__).parents[2] / "curriculum" / "packs" / "starter_zh"
# The first phone stays a stranger's, so that joining can be played.
ENROLLED_AT_START = PHONES[1:]
SETTLE_STEP_SECONDS = 0.004
UNHURRIED = 1000.0
DATABASE = "rehearsal.sqlite"
FORGOTTEN = "forgotten-people.txt"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A running rehearsal."""

    server: RehearsalServer
    world: World
    wuxue: Wuxue
    clock: MovableClock
    hand_clock: HandClock
    links: Links

    async def settle(self) -> None:
        """Return when the bot has received and processed everything people did."""
        await settle(self.server, self.wuxue)


async def settle(server: RehearsalServer, wuxue: Wuxue) -> None:
    """Wait until no update waits, none is being processed and the bot polls again."""
    while True:
        await wuxue.idle()
        if not server.world.updates.waiting and server.delivery.polled.is_set():
            await wuxue.idle()
            if not server.world.updates.waiting:
                return
        await asyncio.sleep(SETTLE_STEP_SECONDS)


@asynccontextmanager
async def rehearsal(
    folder: Path,
    config: Config,
    *,
    start: datetime,
    pack: LessonPack | None = None,
    port: int = 0,
    speed: float = 1.0,
    database_url: str | None = None,
) -> AsyncIterator[Rehearsal]:
    """The sample county in `folder`, the server listening, the bot running.

    `database_url` is another database than the folder's own, empty or of this same rehearsal.
    What an earlier rehearsal left in the folder goes on from where it stopped.
    """
    remembered = memory.take(folder)
    clock = MovableClock(remembered.now if remembered else start, speed=speed)
    database = Database(database_url or f"sqlite:///{folder / DATABASE}")
    schema.upgrade(database.engine)
    if remembered is None:
        # Numbers and moments of another county are the same in this one.
        (folder / FORGOTTEN).unlink(missing_ok=True)
        stage = await _new_stage(database, clock, config, pack or read_pack(STARTER_PACK))
    else:
        stage = remembered
        stage.world.now = clock.now
    phones = Phones(stage.world)
    phones.by_id |= stage.phones
    server = RehearsalServer(stage.world, phones=phones)
    await server.start(port=port)
    wuxue = _bot(server, database, clock, config, stage, folder=folder)
    hand_clock = await _hand_clock(server, wuxue, clock, config)
    running = Rehearsal(server, stage.world, wuxue, clock, hand_clock, stage.links)
    try:
        await wuxue.start()
        if remembered is None:
            await running.settle()
        yield running
    finally:
        hand_clock.stop()
        await wuxue.stop()
        await server.stop()
        database.close()
    memory.keep(folder, replace(stage, phones=phones.by_id, now=clock.now()))


async def _new_stage(
    database: Database, clock: MovableClock, config: Config, pack: LessonPack
) -> Stage:
    """A new sample county, with accounts and phones."""
    world = World(clock.now)
    links = await database.write(
        county.seed, config=config, bot=bot_id(world.token), pack=pack, now=clock.now()
    )
    phones = Phones(world)
    county.set_stage(world, phones, links)
    return Stage(world, phones.by_id, links, new_secret(), clock.now())


def _bot(
    server: RehearsalServer,
    database: Database,
    clock: MovableClock,
    config: Config,
    stage: Stage,
    *,
    folder: Path,
) -> Wuxue:
    return Wuxue(
        token=stage.world.token,
        api_base_url=server.base_url,
        database=database,
        clock=clock,
        note_key=NoteKey(stage.secret),
        zone=config.calendar.zone,
        messages_per_second=UNHURRIED,
        pace=unhurried(),
        temporary_folder=folder,
        forgotten_file=folder / FORGOTTEN,
        training=config.annual_training,
        visits=config.exchange_visit,
        supervision=config.supervision,
    )


async def _hand_clock(
    server: RehearsalServer, wuxue: Wuxue, clock: MovableClock, config: Config
) -> HandClock:
    """The page's clock, wired to the bot's ticker."""
    calendar = await wuxue.database.read(
        working_days.calendar_of,
        unit_path="/",
        working_weekdays=list(config.calendar.working_weekdays),
    )
    hand_clock = HandClock(
        clock,
        wuxue.database,
        wuxue.renderer,
        bot=bot_id(wuxue.bot),
        zone=config.calendar.zone,
        calendar=calendar,
        tick=wuxue.ticker.tick,
        settle=lambda: settle(server, wuxue),
        at_work=lambda: "drafting" if wuxue.is_drafting else "",
    )
    server.use_clock(hand_clock)
    hand_clock.announce = server.page.announce_clock
    return hand_clock


async def let_colleagues_ask(running: Rehearsal, file: Path, *, folder: Path) -> AskedMonth:
    """From now on the colleagues ask a month's questions, from the cohort's first day on."""
    database = running.wuxue.database
    cohort = await database.read(lambda s: s.get_one(Cohort, running.links.cohort_id))
    coming = await asyncio.to_thread(read, file, first_day=cohort.start_on, zone=cohort.zone)
    month = AskedMonth(database, coming, bot=bot_id(running.wuxue.bot), folder=folder)

    async def ask() -> None:
        await month.ask_until(running.clock.now())

    running.wuxue.ticker.chores.append(ask)
    return month


async def enrol_phones(running: Rehearsal) -> None:
    """Let everybody but the first worker open her invite and join, once."""
    for role in ENROLLED_AT_START:
        token = running.links.tokens[role.phone_id]
        if running.server.phones.by_id[role.phone_id].invite is None:
            continue
        await county.enrol_by_chat(running.world, running.settle, role, token)
        running.server.phones.by_id[role.phone_id].invite = None
