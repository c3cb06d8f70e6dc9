"""The calendar a unit works by: national days from a package, local ones from its coordinator."""

from collections.abc import Iterator
from datetime import date, timedelta

import chinese_calendar
from sqlmodel import Session

from curriculum.rhythm import WorkingCalendar
from storage import calendar_days as stored_days
from storage.calendar_days import CalendarDay

SOURCE = "chinesecalendar"


def national_days(year: int) -> Iterator[CalendarDay]:
    """The days of a year that China works or rests against the weekday rule.

    Yields nothing for a year the package does not know yet.
    """
    day = date(year, 1, 1)
    while day.year == year:
        try:
            worked = chinese_calendar.is_workday(day)
        except NotImplementedError:
            return
        if worked != (day.isoweekday() <= 5):
            _, holiday = chinese_calendar.get_holiday_detail(day)
            name = chinese_calendar.Holiday(holiday).chinese if holiday else ""
            yield CalendarDay(day=day, kind="work" if worked else "off", name=name, source=SOURCE)
        day += timedelta(days=1)


def import_national(session: Session, *, first_year: int, last_year: int) -> int:
    """Store national days that are not stored yet; what a person entered is never overwritten."""
    known = set(stored_days.national_dates(session))
    added = 0
    for year in range(first_year, last_year + 1):
        for row in national_days(year):
            if row.day not in known:
                session.add(row)
                added += 1
    return added


def calendar_of(
    session: Session, *, unit_path: str, working_weekdays: list[int]
) -> WorkingCalendar:
    """A unit's calendar: the nearest unit's word over its parents', theirs over the nation's."""
    rows = stored_days.calendar_days(session, unit_path)
    return WorkingCalendar(
        working_weekdays=frozenset(working_weekdays),
        special={day: (row.kind == "work", row.name) for day, row in rows.items()},
        known_to=max((day.year for day in rows), default=None),
    )
