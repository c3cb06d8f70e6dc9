"""Pure dates: local days, working days, when something is due. Everyone counts with these."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, rrule


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Which days are worked somewhere: weekdays, plus the days that differ.

    `special` says for a date whether it is worked and what it is called; `known_to` is the last
    year for which official days are known (later ones follow the weekdays and say so).
    """

    working_weekdays: frozenset[int]
    special: Mapping[date, tuple[bool, str]]
    known_to: int | None = None

    def is_working(self, day: date) -> bool:
        """Whether a day is worked."""
        if day in self.special:
            return self.special[day][0]
        return day.isoweekday() in self.working_weekdays

    def name_of(self, day: date) -> str | None:
        """What a special day is called."""
        return self.special[day][1] if day in self.special else None

    def is_provisional(self, day: date) -> bool:
        """Whether a day lies past the last year with official days."""
        return self.known_to is not None and day.year > self.known_to


def days(first: date, last: date) -> Iterator[date]:
    """Every date from first to last, both included; empty when last is earlier."""
    for moment in rrule(
        DAILY, dtstart=datetime.combine(first, time()), until=datetime.combine(last, time())
    ):
        yield moment.date()


def working_days(first: date, last: date, calendar: WorkingCalendar) -> list[date]:
    """The worked dates from first to last, both included."""
    return [day for day in days(first, last) if calendar.is_working(day)]


def next_working_day(after: date, calendar: WorkingCalendar) -> date:
    """The first worked date after a date; looks a year ahead, then gives up with ValueError."""
    for day in days(after + timedelta(days=1), after + timedelta(days=366)):
        if calendar.is_working(day):
            return day
    raise ValueError("no working day within a year")


def local_date(moment: datetime, zone: str) -> date:
    """The calendar date of a moment somewhere."""
    return moment.astimezone(ZoneInfo(zone)).date()


def moment_at(day: date, hour: time, zone: str) -> datetime:
    """The moment, in UTC, when clocks somewhere show `hour` on `day`.

    An hour that daylight saving skips becomes the moment just after the gap; one that comes twice
    means its first time (PEP 495).
    """
    local = datetime.combine(day, hour, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def in_quiet_hours(moment: datetime, *, quiet_from: time, quiet_to: time, zone: str) -> bool:
    """Whether nobody should be disturbed at a moment; quiet hours may cross midnight."""
    clock = moment.astimezone(ZoneInfo(zone)).time()
    if quiet_from <= quiet_to:
        return quiet_from <= clock < quiet_to
    return clock >= quiet_from or clock < quiet_to


def start_of_quiet(moment: datetime, *, quiet_from: time, zone: str) -> datetime:
    """The next moment when quiet hours begin."""
    day = local_date(moment, zone)
    start = moment_at(day, quiet_from, zone)
    return start if start > moment else moment_at(day + timedelta(days=1), quiet_from, zone)


def end_of_quiet(moment: datetime, *, quiet_to: time, zone: str) -> datetime:
    """The next moment when quiet hours end."""
    day = local_date(moment, zone)
    end = moment_at(day, quiet_to, zone)
    return end if end > moment else moment_at(day + timedelta(days=1), quiet_to, zone)
