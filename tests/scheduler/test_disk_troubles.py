"""A full disk, a file that cannot be written, a database held by another: nothing is lost."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session, select
from structlog.testing import capture_logs

from scheduler.marks import Marks
from scheduler.pace import ChatPace
from scheduler.planner import STUDIES
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from scheduler.ticker import Ticker
from storage.cohorts import Rhythm
from storage.deliveries import Delivery, SentMessage
from storage.engine import Database, sqlite_path
from tests.county import BOT, build, write_pack
from tests.scheduler.test_postman import TEN, Channel, HandDrivenClock

# Enough that what is written down needs new pages.
LEARNERS = 60
# How many times the postman tries in vain before the trouble ends.
TRIES = 5
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
connection.execute("ROLLBACK")
print("let go", flush=True)
"""


class Trouble:
    """One way in which the file refuses; `words` is what SQLite says."""

    words = ""

    def __init__(self, database: Database) -> None:
        self.database = database

    def _pragma(self, text: str) -> None:
        # In the writer's thread, between its turns: a pragma holds for one connection only.
        self.database._writers.submit(self._set, text).result()

    def _set(self, text: str) -> None:
        raw = self.database.engine.raw_connection()
        raw.cursor().execute(f"PRAGMA {text}").close()
        raw.close()

    def begin(self) -> None:
        """From now on no write succeeds, or only what needs no room."""
        raise NotImplementedError

    def end(self) -> None:
        """All is well again."""
        raise NotImplementedError


class DiskFull(Trouble):
    """Not one page more fits."""

    words = "database or disk is full"

    def begin(self) -> None:
        self._pragma("max_page_count=1")

    def end(self) -> None:
        self._pragma("max_page_count=1073741823")


class ReadOnly(Trouble):
    """The file can be read and not written."""

    words = "attempt to write a readonly database"

    def begin(self) -> None:
        self._pragma("query_only=ON")

    def end(self) -> None:
        self._pragma("query_only=OFF")


class HeldByAnother(Trouble):
    """Another process keeps the write lock for longer than we are willing to wait."""

    words = "database is locked"

    def begin(self) -> None:
        self._pragma("busy_timeout=20")
        path = str(sqlite_path(self.database.url))
        self._holder = subprocess.Popen(  # noqa: S603  ourselves, with our own file
            [sys.executable, "-c", HOLDER, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == "held\n"

    def end(self) -> None:
        out, _ = self._holder.communicate("\n")
        assert out == "let go\n"


class PatientClock(HandDrivenClock):
    """Calls back after so many waits of a second."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(moment)
        self.tries = 0
        self.at_last: Callable[[], None] = lambda: None

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if seconds >= 1:
            self.tries += 1
            if self.tries == TRIES:
                self.at_last()


class Bench:
    """A cohort, a channel and a ticker on one file."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database = database
        database.write_now(build, write_pack(folder / "pack", 2), now=start, learners=LEARNERS)
        self.clock = PatientClock(TEN)
        self.channel = Channel(self.clock)
        unhurried = ChatPace(private=timedelta(0), group=timedelta(0))
        self.postman = Postman(
            database,
            self.clock,
            self.channel,
            SendBudget(self.clock, per_second=1000),
            bot=BOT,
            pace=unhurried,
        )
        self.ticker = Ticker(database, self.clock, self.postman, bot=BOT)

    def begin_after(self, sends: int, trouble: Trouble) -> None:
        """The trouble begins in the middle of the broadcast."""

        def refuse(_chat: int, _body: str) -> None:
            if len(self.channel.sent) == sends and not self.clock.tries:
                self.channel.refuse = lambda _chat, _body: None
                trouble.begin()

        self.channel.refuse = refuse
        self.clock.at_last = trouble.end

    def everybody_was_served(self) -> bool:
        """Each part came once to everybody and is written down as such."""

        def count(session: Session) -> tuple[dict[str, int], int]:
            rows = session.exec(select(Delivery.status, func.count()).group_by(Delivery.status))
            return dict(rows.all()), session.exec(select(func.count(SentMessage.id))).one()  # type: ignore[arg-type]

        came = Counter(self.channel.sent)
        statuses, messages = self.database.read_now(count)
        return (
            len(came) == messages == 2 * LEARNERS
            and set(came.values()) == {1}
            and statuses == {"sent": LEARNERS}
        )


@pytest.fixture
def bench(sqlite_database: Database, tmp_path: Path, start: datetime) -> Bench:
    """A morning's lesson for sixty."""
    return Bench(sqlite_database, tmp_path, start)


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", [DiskFull, ReadOnly, HeldByAnother])
async def test_a_broadcast_waits_for_the_file_and_goes_on(
    kind: type[Trouble], bench: Bench
) -> None:
    """What was sent meanwhile is kept until it is written: nothing is lost, nothing comes twice."""
    bench.begin_after(20, kind(bench.database))
    with capture_logs() as logs:
        await bench.ticker.tick()
        bench.clock.machine += timedelta(minutes=2)
        await bench.ticker.tick()
    troubles = [line for line in logs if line["event"] == "not_marked"]
    assert len(troubles) >= TRIES - 1
    assert troubles[0]["log_level"] == "error"
    assert troubles[0]["error"] == "OperationalError"
    assert bench.everybody_was_served()


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", [DiskFull, ReadOnly, HeldByAnother])
async def test_a_day_that_could_not_be_planned_is_planned_when_it_can(
    kind: type[Trouble], bench: Bench
) -> None:
    """The watermark stays where it was, and SQLite's own words say what is the matter."""
    trouble = kind(bench.database)
    before = bench.database.read_now(lambda s: s.exec(select(Rhythm.watermark)).one())
    trouble.begin()
    with pytest.raises(OperationalError, match=kind.words):
        await bench.ticker.tick()
    trouble.end()
    assert bench.database.read_now(lambda s: s.exec(select(Rhythm.watermark)).one()) == before
    await bench.ticker.tick()
    assert bench.everybody_was_served()


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", [ReadOnly, HeldByAnother])  # a full disk may still take a mark
async def test_a_start_in_trouble_waits_for_the_next_beat(
    kind: type[Trouble], bench: Bench, tmp_path: Path
) -> None:
    """Nothing ends, and nothing goes out before it is known whether the database was restored."""
    trouble = kind(bench.database)
    marks = Marks(bench.database, bench.clock, tmp_path / "mark.json", bot=BOT)
    ticker = Ticker(bench.database, bench.clock, bench.postman, bot=BOT, marks=marks)
    trouble.begin()
    with capture_logs() as logs:
        await ticker.start()
    ticker.stop()
    put_off = [line for line in logs if line["event"] == "job_put_off"]
    rhythms = [study.KIND for study in STUDIES]
    assert [line["job"] for line in put_off] == [
        *rhythms,
        "gatherings",
        "supervision",
        "annual_training",
        "exchange_visit",
        "postman",
        "housekeeping",
    ]
    assert {(line["bot"], line["error"], line["reason"]) for line in put_off} == {
        (BOT, "OperationalError", kind.words)
    }
    trouble.end()
    assert await bench.postman.tick() == 0, "not even for somebody who asks"
    await ticker.tick()
    assert bench.everybody_was_served()


@pytest.mark.asyncio
async def test_a_start_without_a_schema_is_no_start(empty_database: Database) -> None:
    """No waiting mends it: the program ends and says so."""
    clock = HandDrivenClock(TEN)
    budget = SendBudget(clock, per_second=1000)
    postman = Postman(empty_database, clock, Channel(clock), budget, bot=BOT)
    with pytest.raises(DBAPIError):
        await Ticker(empty_database, clock, postman, bot=BOT).start()
