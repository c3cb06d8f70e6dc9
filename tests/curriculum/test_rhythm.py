"""Dates: local days, working days, moments; and what becomes of a date that was missed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session

from curriculum import occasions, rhythm, working_days
from curriculum.occasions import Beat
from curriculum.rhythm import WorkingCalendar
from storage.calendar_days import CalendarDay
from storage.engine import Database
from storage.people import add_unit

ZONES = st.sampled_from(
    [
        "Asia/Shanghai",
        "Europe/Berlin",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kathmandu",
        "UTC",
    ]
)
WEEK = frozenset({1, 2, 3, 4, 5})
PLAIN = WorkingCalendar(WEEK, {})


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.times(), ZONES)
def test_a_local_hour_becomes_the_moment_when_clocks_show_it(
    day: date, hour: time, zone: str
) -> None:
    """Back in its zone the moment reads the same, or lies just behind a gap of summer time."""
    moment = rhythm.moment_at(day, hour, zone)
    assert moment.tzinfo is UTC
    shown = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    wanted = datetime.combine(day, hour)
    assert timedelta(0) <= shown - wanted <= timedelta(hours=1)


@given(
    st.datetimes(
        timezones=st.just(UTC),
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001  hypothesis wants naive bounds
        max_value=datetime(2050, 1, 1),  # noqa: DTZ001
    ),
    st.times(),
    st.times(),
    ZONES,
)
def test_quiet_hours_end_later_and_are_over_then(
    moment: datetime, start: time, end: time, zone: str
) -> None:
    """The end of quiet hours lies ahead, at most a day (or 25 hours when clocks change)."""
    if not rhythm.in_quiet_hours(moment, quiet_from=start, quiet_to=end, zone=zone):
        return
    over = rhythm.end_of_quiet(moment, quiet_to=end, zone=zone)
    assert timedelta(0) < over - moment <= timedelta(hours=25)


def test_the_next_night_begins_today_or_tomorrow() -> None:
    """At 21:30 sharp it has begun, so the next one is tomorrow's."""
    tonight = rhythm.moment_at(date(2026, 11, 25), time(21, 30), "Asia/Shanghai")
    for moment, begins in (
        (tonight - timedelta(seconds=1), tonight),
        (tonight, tonight + timedelta(days=1)),
    ):
        found = rhythm.start_of_quiet(moment, quiet_from=time(21, 30), zone="Asia/Shanghai")
        assert found == begins


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("21:29", False), ("21:30", True), ("03:00", True), ("08:59", True), ("09:00", False)],
)
def test_quiet_hours_cross_midnight(clock: str, quiet: bool) -> None:
    """From 21:30 to 9:00 nobody is disturbed, the borders being 21:30 and 9:00 sharp."""
    moment = rhythm.moment_at(date(2026, 11, 25), time.fromisoformat(clock), "Asia/Shanghai")
    assert (
        rhythm.in_quiet_hours(
            moment, quiet_from=time(21, 30), quiet_to=time(9), zone="Asia/Shanghai"
        )
        is quiet
    )


def _calendar(database: Database, path: str) -> WorkingCalendar:
    return database.read_now(
        working_days.calendar_of, unit_path=path, working_weekdays=[1, 2, 3, 4, 5]
    )


def test_chinas_year_2026_has_its_make_up_days(database: Database) -> None:
    """The six make-up days of the State Council's notice are worked, its holidays are not."""
    database.write_now(working_days.import_national, first_year=2026, last_year=2027)
    calendar = _calendar(database, "/")
    made_up = [
        day
        for day in rhythm.days(date(2026, 1, 1), date(2026, 12, 31))
        if calendar.is_working(day) and day.isoweekday() > 5
    ]
    assert [f"{day:%m-%d}" for day in made_up] == [
        "01-04",
        "02-14",
        "02-28",
        "05-09",
        "09-20",
        "10-10",
    ]
    assert calendar.name_of(date(2026, 10, 1)) == "国庆节"
    assert not calendar.is_working(date(2026, 10, 1))
    assert calendar.is_provisional(date(2027, 1, 4))
    assert calendar.is_working(date(2027, 1, 4))


def test_national_days_come_once_and_never_over_what_a_person_entered(database: Database) -> None:
    """Importing again adds nothing, and a day somebody has set stays as it was set."""
    mine = CalendarDay(day=date(2026, 10, 1), kind="work", name="值班", source="notice")
    database.write_now(lambda session: session.add(mine))
    first = database.write_now(working_days.import_national, first_year=2026, last_year=2026)
    assert first > 20
    assert database.write_now(working_days.import_national, first_year=2026, last_year=2026) == 0
    assert _calendar(database, "/").name_of(date(2026, 10, 1)) == "值班"


def test_the_nearest_units_word_counts(database: Database) -> None:
    """A station's own notice stands over its prefecture's, and that over the nation's."""
    day = date(2027, 2, 8)

    def fill(session: Session) -> tuple[str, str, str]:
        top = add_unit(session, name_zh="林芝", level="prefecture", parent=None)
        county = add_unit(session, name_zh="巴宜", level="county_centre", parent=top)
        station = add_unit(session, name_zh="鲁朗", level="township_station", parent=county)
        for unit, kind, name in (
            (None, "work", "全国"),
            (top, "off", "藏历新年"),
            (station, "work", "值班"),
        ):
            session.add(
                CalendarDay(
                    day=day,
                    unit_id=unit.id if unit else None,
                    kind=kind,
                    name=name,
                    source="notice",
                )
            )
        return top.path, county.path, station.path

    top, county, station = database.write_now(fill)
    assert [_calendar(database, path).name_of(day) for path in ("/", top, county, station)] == [
        "全国",
        "藏历新年",
        "藏历新年",
        "值班",
    ]
    assert not _calendar(database, county).is_working(day)


def _beat(late: str) -> Beat:
    return Beat(
        cohort_id=1,
        bot=1,
        unit_path="/1/",
        pace="together",
        pack_id=1,
        zone="Asia/Shanghai",
        quiet_from=time(21, 30),
        quiet_to=time(9),
        time_of_day=time(10),
        late=late,
        skip_after_hours=10,
        calendar=PLAIN,
    )


TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)


@pytest.mark.parametrize(
    ("late", "local", "expected"),
    [
        ("merge", (THURSDAY, time(0, 1)), ["merged", "merged", "planned"]),
        ("merge", (THURSDAY, time(15)), ["merged", "merged", "planned"]),
        ("merge", (THURSDAY, time(20, 1)), ["merged", "merged", "skipped"]),
        ("skip", (THURSDAY, time(15)), ["skipped", "skipped", "planned"]),
        ("send", (THURSDAY, time(23)), ["planned", "planned", "planned"]),
    ],
)
def test_after_days_of_silence_each_date_is_sent_merged_or_skipped(
    late: str, local: tuple[date, time], expected: list[str]
) -> None:
    """Nobody gets three lessons at once unless the rhythm says so, and none is lost silently."""
    now = rhythm.moment_at(*local, "Asia/Shanghai")
    verdicts = occasions.decide(_beat(late), [TUESDAY, WEDNESDAY, THURSDAY], now=now)
    assert [verdict for _, verdict in verdicts] == expected


def test_a_message_is_never_so_late_that_it_falls_into_quiet_hours() -> None:
    """Ten hours late is the limit, and the evening's quiet comes first where it is nearer."""
    beat = _beat("merge")
    assert beat.not_after(WEDNESDAY) == rhythm.moment_at(WEDNESDAY, time(20), "Asia/Shanghai")
    assert beat.not_after(WEDNESDAY, time(14)) == rhythm.moment_at(
        WEDNESDAY, time(21, 30), "Asia/Shanghai"
    )
    assert _beat("send").not_after(WEDNESDAY) is None


@given(st.integers(1, 10**9), st.dates())
def test_an_occasions_name_is_read_back(cohort: int, day: date) -> None:
    """A button carries the occasion's name; reading it gives the cohort and the date again."""
    name = f"{cohort}:{day.isoformat()}"
    assert occasions.read_name(name) == (cohort, day)
