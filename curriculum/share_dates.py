"""When a quarter's experience share is held, and by when its stories are called, in and read."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from curriculum.rhythm import WorkingCalendar

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Closing, reading and the session lie this many working days apart (EXPERIENCE section 8).
APART = 5
SETTINGS: Mapping[str, Any] = {
    "month_of_quarter": 3,
    "weekday": "friday",
    "minutes": 120,
    "call_opens_working_days": 25,
    "stories_close_working_days": 12,
    "review_working_days": 5,
}


@dataclass(frozen=True, slots=True)
class ShareDates:
    """One quarter's local dates; `closes_on` and `review_by` are the last days for it."""

    opens_on: date
    closes_on: date
    review_by: date
    day: date

    def is_in_order(self) -> bool:
        """Whether each comes after the one before it."""
        return self.opens_on < self.closes_on < self.review_by < self.day


def _setting(settings: Mapping[str, Any], name: str) -> Any:
    return settings.get(name, SETTINGS[name])


def session_day(day: date, settings: Mapping[str, Any], calendar: WorkingCalendar) -> date:
    """The session of the quarter a date lies in: its last such weekday, earlier over holidays."""
    month = day.month - (day.month - 1) % 3 + _setting(settings, "month_of_quarter") - 1
    last = date(day.year, month, months.monthrange(day.year, month)[1])
    weekday = WEEKDAYS.index(_setting(settings, "weekday"))
    found = last - timedelta(days=(last.weekday() - weekday) % 7)
    return found if calendar.is_working(found) else before(found, 1, calendar)


def before(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The date so many working days before a date."""
    while count:
        day -= timedelta(days=1)
        count -= calendar.is_working(day)
    return day


def dates_of(day: date, settings: Mapping[str, Any], calendar: WorkingCalendar) -> ShareDates:
    """The dates that lead to a session on a day."""
    return ShareDates(
        opens_on=before(day, _setting(settings, "call_opens_working_days"), calendar),
        closes_on=before(day, _setting(settings, "stories_close_working_days"), calendar),
        review_by=before(day, _setting(settings, "review_working_days"), calendar),
        day=day,
    )


def minutes_of(settings: Mapping[str, Any]) -> int:
    """How long a session lasts."""
    return int(_setting(settings, "minutes"))


def quarters_from(day: date, count: int) -> list[date]:
    """A date in each of so many quarters, beginning with that of a date."""
    first = date(day.year, day.month - (day.month - 1) % 3, 1)
    found = []
    for _ in range(count):
        found.append(first)
        month = first.month + 3
        first = date(first.year + (month > 12), (month - 1) % 12 + 1, 1)
    return found


def opening_days(
    since: date, until: date, settings: Mapping[str, Any], calendar: WorkingCalendar
) -> list[date]:
    """The dates from since to until on which a call opens."""
    # A call may open in the quarter before its session's.
    quarters = quarters_from(since, 3 + (until - since).days // 80)
    opens = (
        dates_of(session_day(quarter, settings, calendar), settings, calendar).opens_on
        for quarter in quarters
    )
    return sorted({day for day in opens if since <= day <= until})


def dates_opening(
    day: date, settings: Mapping[str, Any], calendar: WorkingCalendar
) -> ShareDates | None:
    """The dates of the call that opens on a day, None for any other day."""
    for quarter in quarters_from(day, 3):
        found = dates_of(session_day(quarter, settings, calendar), settings, calendar)
        if found.opens_on == day:
            return found
    return None


def next_dates(day: date, settings: Mapping[str, Any], calendar: WorkingCalendar) -> ShareDates:
    """The first dates whose stories can still be collected for at least `APART` working days."""
    for quarter in quarters_from(day, 8):
        found = dates_of(session_day(quarter, settings, calendar), settings, calendar)
        if before(found.closes_on, APART, calendar) >= day:
            return found
    raise ValueError("no quarter within two years")
