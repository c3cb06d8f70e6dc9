"""Six zones, both changes of the clocks, leap day, New Year, a clock set back: each day once."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, select

from curriculum.occasions import read_name
from scheduler.pace import ChatPace
from scheduler.postman import Postman
from scheduler.rate import SendBudget
from scheduler.ticker import Ticker
from storage import deliveries
from storage.cohorts import Cohort, CohortMember, Rhythm
from storage.deliveries import Delivery
from storage.engine import Database
from tests.county import BOT, build, write_pack
from tests.proving import IS_LONG
from tests.scheduler.test_postman import Channel, HandDrivenClock

STEP = timedelta(hours=1)
# The cohort's hour and two members' own: in the night that clocks change, and by day.
HOURS = (time(2, 30), time(1, 45), time(10, 0))
# One night of each zone every day, both of each in the long form.
TURNS = (
    ("Asia/Shanghai", date(2028, 2, 29)),
    ("Asia/Kathmandu", date(2027, 12, 31)),
    ("Europe/Berlin", date(2027, 3, 28)),
    ("America/New_York", date(2027, 11, 7)),
    ("Pacific/Auckland", date(2027, 4, 4)),
    ("Pacific/Apia", date(2027, 12, 31)),
)
OTHER_TURNS = (
    ("Asia/Shanghai", date(2027, 12, 31)),
    ("Asia/Kathmandu", date(2028, 2, 29)),
    ("Europe/Berlin", date(2027, 10, 31)),
    ("America/New_York", date(2027, 3, 14)),
    ("Pacific/Auckland", date(2027, 9, 26)),
    ("Pacific/Apia", date(2028, 2, 29)),
)


def first_moment(day: date, hour: time, zone: str) -> datetime:
    """The first minute at which clocks somewhere show `hour` or later on a day, by looking."""
    moment = datetime.combine(day, time(), tzinfo=UTC) - timedelta(hours=15)
    while True:
        local = moment.astimezone(ZoneInfo(zone))
        if local.date() == day and local.time() >= hour:
            return moment
        moment += timedelta(minutes=1)


class Days:
    """A few days of a cohort that works every day and never sleeps, looked at each hour."""

    def __init__(self, database: Database, folder: Path, zone: str, around: date) -> None:
        self.database = database
        self.zone = zone
        self.first = around - timedelta(days=1)
        self.clock = HandDrivenClock(first_moment(self.first, time(), zone) - 3 * STEP)
        self.channel = Channel(self.clock)
        self.came: dict[tuple[int, date], list[datetime]] = defaultdict(list)
        database.write_now(self._settle_in, folder)
        postman = Postman(
            database,
            self.clock,
            self.channel,
            SendBudget(self.clock, per_second=1000),
            bot=BOT,
            pace=ChatPace(),
        )
        self.ticker = Ticker(database, self.clock, postman, bot=BOT)

    def _settle_in(self, session: Session, folder: Path) -> None:
        county = build(
            session,
            write_pack(folder / "pack", 24),
            now=self.clock.business,
            learners=len(HOURS),
            late="send",
            start_on=self.first,
        )
        cohort = session.get_one(Cohort, county.cohort.id)
        cohort.zone, cohort.working_weekdays = self.zone, [1, 2, 3, 4, 5, 6, 7]
        cohort.quiet_from = cohort.quiet_to = time()
        rhythm = session.exec(select(Rhythm)).one()
        rhythm.time_of_day = HOURS[0]
        rhythm.watermark = self.first - timedelta(days=1)
        session.add_all((cohort, rhythm))
        members = session.exec(select(CohortMember).order_by(CohortMember.person_id)).all()  # type: ignore[arg-type]
        for member, hour in zip(members, (None, *HOURS[1:]), strict=True):
            member.own_time, member.since = hour, self.first
            session.add(member)

    async def pass_to(self, until: datetime) -> None:
        """Let time go by, an hour and a tick after the other."""
        while self.clock.business < until:
            self.clock.business += STEP
            self.clock.machine += STEP
            before = len(self.channel.sent)
            await self.ticker.tick()
            assert len(self.channel.sent) >= before
            self._note()

    def set_back(self, span: timedelta) -> None:
        """Somebody sets the machine's clock back."""
        self.clock.business -= span
        self.clock.machine -= span

    def _note(self) -> None:
        def sent(session: Session) -> list[tuple[int, str]]:
            rows = session.exec(select(Delivery).where(Delivery.status == deliveries.SENT))
            return [(row.recipient, row.occasion) for row in rows]

        for recipient, occasion in self.database.read_now(sent):
            times = self.came[recipient, read_name(occasion)[1]]
            if not times:
                times.append(self.clock.business)

    def check(self, days: int, *, late: timedelta) -> None:
        """Every member had every day's lesson, once, not before its hour and not long after."""
        wanted = [self.first + timedelta(days=n) for n in range(days)]
        hers = [HOURS[0], *HOURS[1:]]
        for person_id, hour in enumerate(hers, start=1):
            for day in wanted:
                due, came = first_moment(day, hour, self.zone), self.came.get((person_id, day))
                assert came, f"{day} never came to {person_id}"
                assert due <= came[0] <= due + late, (day, hour, came, due)
        lessons = [chat for chat, body in self.channel.sent if body == "lesson"]
        assert len(lessons) == len(list(chain.from_iterable(self.came.values())))
        assert {day for _, day in self.came} == set(wanted)


@pytest.mark.asyncio
@pytest.mark.parametrize(("zone", "around"), [*TURNS, *(OTHER_TURNS if IS_LONG else ())], ids=str)
async def test_each_day_comes_once_and_never_early(
    zone: str, around: date, sqlite_database: Database, tmp_path: Path
) -> None:
    """Whatever the clocks of a place do that night; an hour that is skipped comes just after."""
    days = Days(sqlite_database, tmp_path, zone, around)
    await days.pass_to(first_moment(around + timedelta(days=2), time(), zone))
    days.check(3, late=timedelta(hours=1) + STEP)


@pytest.mark.asyncio
@pytest.mark.parametrize("after", [timedelta(hours=4), timedelta(hours=14)])
async def test_a_clock_set_back_repeats_nothing(
    after: timedelta, database: Database, tmp_path: Path
) -> None:
    """Two hours lived twice, across midnight or by day: each day once, none early."""
    zone, around = "Asia/Shanghai", date(2027, 12, 31)
    days = Days(database, tmp_path, zone, around)
    await days.pass_to(days.clock.business + after)
    days.set_back(timedelta(hours=2))
    await days.pass_to(first_moment(around + timedelta(days=2), time(), zone))
    days.check(3, late=STEP)
