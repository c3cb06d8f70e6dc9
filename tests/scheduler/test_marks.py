"""The installation's mark: a restored database is known, and an ordinary start is not one."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlmodel import select

from curriculum import daily_lesson
from scheduler import planner
from scheduler.marks import AT_WORK, Mark, Marks, is_restored
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from scheduler.ticker import Ticker
from storage import schema
from storage.engine import Database, sqlite_path
from storage.holds import Hold
from storage.marks import InstallationMark
from tests.county import BOT, build, write_pack
from tests.scheduler.test_postman import TEN, Channel, HandDrivenClock

NOW = datetime.fromisoformat("2026-11-27T04:00:00+00:00")


def mark(number: int, incarnation: str = "a", *, ago: timedelta = timedelta()) -> Mark:
    return Mark(incarnation, number, NOW - ago)


@pytest.mark.parametrize(
    ("stored", "filed", "has_rows", "is_shared", "verdict"),
    [
        (None, None, True, False, False),  # upgraded to the first release that keeps marks
        (None, mark(3), False, False, False),  # a new database beside an old file
        (None, mark(3), True, False, True),  # a backup from before marks were kept
        (mark(5), mark(5), True, False, False),
        (mark(6), mark(5), True, False, False),  # a crash between the two writes
        (mark(4), mark(5), True, False, True),
        (mark(9, "b"), mark(5), True, False, True),  # another installation's database
        (mark(5), None, True, False, True),  # a backup on a new machine
        (mark(5), None, True, True, False),  # one more machine joins those at work
        (mark(5, ago=AT_WORK), None, True, True, True),
    ],
)
def test_an_older_database_than_the_file_remembers_was_restored(
    stored: Mark | None, filed: Mark | None, has_rows: bool, is_shared: bool, verdict: bool
) -> None:
    """Only a database that lost something counts as restored."""
    assert is_restored(stored, filed, has_rows=has_rows, is_shared=is_shared, now=NOW) is verdict


@given(st.integers(0, 50), st.integers(0, 50))
def test_a_database_ahead_of_its_file_is_never_held(stored: int, filed: int) -> None:
    """The database is written first, so being ahead is what a crash leaves behind."""
    held = is_restored(mark(stored), mark(filed), has_rows=True, is_shared=False, now=NOW)
    assert held is (stored < filed)


class Installation:
    """A database with a county, its file, and a clock."""

    def __init__(self, database: Database, folder: Path, start: datetime) -> None:
        self.database = database
        self.file = folder / "keys" / "installation.mark"
        self.clock = HandDrivenClock(start)
        database.write_now(build, write_pack(folder / "pack"), now=start)

    def marks(self) -> Marks:
        return Marks(self.database, self.clock, self.file, bot=BOT)

    def pass_time(self, span: timedelta) -> None:
        self.clock.business += span
        self.clock.machine += span

    def plan(self) -> int:
        return self.database.write_now(
            planner.plan_due,
            daily_lesson,
            bot=BOT,
            now=self.clock.business,
            real=self.clock.machine,
        )

    def number(self) -> int:
        row = self.database.read_now(lambda session: session.exec(select(InstallationMark)).one())
        return row.number

    def take_back(self, number: int) -> None:
        """As a backup has it: an older mark."""
        self.database.write_now(
            lambda session: session.connection().execute(
                text("UPDATE installation_mark SET number = :n"), {"n": number}
            )
        )

    def holds(self) -> list[Hold]:
        return list(self.database.read_now(lambda session: session.exec(select(Hold)).all()))


@pytest.fixture
def installation(database: Database, tmp_path: Path, start: datetime) -> Installation:
    """A county on either database, started never before."""
    return Installation(database, tmp_path, start)


@pytest.mark.asyncio
async def test_starting_again_holds_nothing(installation: Installation) -> None:
    """First start, restart, three days off: the marks agree, whatever else was missed."""
    assert await installation.marks().begin() is False
    for span in (timedelta(minutes=2), timedelta(days=3)):
        installation.pass_time(span)
        assert await installation.marks().begin() is False
    assert installation.holds() == []
    assert installation.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.asyncio
async def test_the_mark_grows_once_a_minute_and_stands_in_both_places(
    installation: Installation,
) -> None:
    """A tick a second costs one small write a minute."""
    marks = installation.marks()
    await marks.begin()
    before = installation.number()
    for _ in range(120):
        installation.pass_time(timedelta(seconds=1))
        await marks.beat()
    assert installation.number() == before + 2
    assert f'"number": {before + 2}' in installation.file.read_text(encoding="ascii")


@pytest.mark.asyncio
async def test_an_older_database_begins_a_hold_that_knows_since_when(
    installation: Installation, start: datetime
) -> None:
    """The span begins with the last mark the backup has; a second start begins no second hold."""
    marks = installation.marks()
    await marks.begin()
    number = installation.number()
    installation.pass_time(timedelta(days=3))
    await marks.beat()
    installation.take_back(number)
    installation.database.write_now(
        lambda session: session.connection().execute(
            text("UPDATE installation_mark SET marked_at = :at"),
            {"at": start if not installation.database.is_sqlite else "2026-11-24 14:00:00.000000"},
        )
    )
    for _ in range(2):
        assert await installation.marks().begin() is True
        assert installation.plan() == 0
    (hold,) = installation.holds()
    assert (hold.last_seen_at, hold.since) == (start, start + timedelta(days=3))
    assert installation.number() > number + 1


@pytest.mark.asyncio
async def test_a_copied_file_put_back_is_known(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """cp of the database, a day of work, cp back: the next start holds."""
    installation = Installation(sqlite_database, tmp_path, start)
    await installation.marks().begin()
    path = sqlite_path(sqlite_database.url)
    copy = schema.copy_beside(path, now=start, keep=1)
    installation.pass_time(timedelta(days=1))
    await installation.marks().begin()
    sqlite_database.close()
    for ending in ("-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    shutil.copy(copy, path)
    back = Database(sqlite_database.url)
    marks = Marks(back, installation.clock, installation.file, bot=BOT)
    assert await marks.begin() is True
    back.close()


@pytest.mark.asyncio
@pytest.mark.parametrize("written", ["", "{", "[1]", '{"number": "x"}', "\x00"])
async def test_a_damaged_file_holds_rather_than_sends(
    sqlite_database: Database, tmp_path: Path, start: datetime, written: str
) -> None:
    """Without a readable mark it cannot be known, and the file is written anew."""
    installation = Installation(sqlite_database, tmp_path, start)
    await installation.marks().begin()
    installation.pass_time(timedelta(days=1))
    installation.file.write_text(written, encoding="ascii")
    assert await installation.marks().begin() is True
    assert '"incarnation"' in installation.file.read_text(encoding="ascii")


@pytest.mark.asyncio
async def test_a_folder_that_cannot_be_written_stops_nothing(
    sqlite_database: Database, tmp_path: Path, start: datetime
) -> None:
    """The bot works on; only a restored copy would not be known for one."""
    installation = Installation(sqlite_database, tmp_path, start)
    installation.file.parent.write_text("a file where the folder should be", encoding="ascii")
    for _ in range(2):
        assert await installation.marks().begin() is False
        installation.pass_time(timedelta(days=1))
    assert installation.holds() == []


@pytest.mark.asyncio
async def test_a_ticker_on_a_restored_database_sends_nothing(
    installation: Installation,
) -> None:
    """Neither what stood ready in the backup nor what was due since."""
    clock, channel = installation.clock, Channel(installation.clock)
    budget = SendBudget(clock, per_second=1000)
    postman = Postman(installation.database, clock, channel, budget, bot=BOT)
    clock.business = TEN - timedelta(hours=1)
    ticker = Ticker(installation.database, clock, postman, bot=BOT, marks=installation.marks())
    await ticker.start()
    ticker.stop()
    number = installation.number()
    installation.pass_time(timedelta(minutes=2))
    await ticker.tick()
    installation.take_back(number)
    clock.business = TEN
    second = Ticker(installation.database, clock, postman, bot=BOT, marks=installation.marks())
    await second.start()
    second.stop()
    await second.tick()
    assert channel.sent == []
