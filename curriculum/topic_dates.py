"""When a month's topic closes its pool, is approved and held: pure dates, by working days."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from curriculum.rhythm import WorkingCalendar, days, working_days

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# EXPERIENCE section 8: the last Thursday; the pool closes 7 working days before it.
WEEKDAY, CLOSES, APPROVED = "thursday", 7, 3
# The longest run of days off that a month's dates are counted over.
_LOOKED_BACK = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class TopicDates:
    """A month's topic: the last day of its pool, the day it is approved by, the day it is held."""

    closes_on: date
    approved_by: date
    held_on: date


def of_month(
    year: int, month: int, calendar: WorkingCalendar, settings: Mapping[str, Any] | None = None
) -> TopicDates:
    """The dates of a month; a session that would fall on a day off is held earlier.

    `settings` are those of the rhythm: `weekday` by its English name, `pool_closes_working_days`,
    `approval_working_days`.
    """
    wished = settings or {}
    weekday = WEEKDAYS.index(wished.get("weekday", WEEKDAY))
    last = date(year, month, months.monthrange(year, month)[1])
    held_on = last - timedelta(days=(last.weekday() - weekday) % 7)
    while not calendar.is_working(held_on) and last - held_on < _LOOKED_BACK:
        held_on -= timedelta(days=1)
    closes = wished.get("pool_closes_working_days", CLOSES)
    due = wished.get("approval_working_days", APPROVED)
    return TopicDates(
        closes_on=working_days_before(held_on, closes, calendar),
        approved_by=working_days_before(held_on, due, calendar),
        held_on=held_on,
    )


def working_days_before(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The working day so many working days before a date, which itself is not counted."""
    worked = working_days(day - _LOOKED_BACK, day - timedelta(days=1), calendar)
    return worked[-count] if len(worked) >= count else day - _LOOKED_BACK


def working_days_after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The working day so many working days after a date, which itself is not counted."""
    left = count
    for later in days(day + timedelta(days=1), day + _LOOKED_BACK):
        left -= calendar.is_working(later)
        if not left:
            return later
    return day + _LOOKED_BACK


def for_question(
    on: date, calendar: WorkingCalendar, settings: Mapping[str, Any] | None = None
) -> TopicDates:
    """The topic that a question of this day goes into: the first whose pool is still open."""
    year, month = on.year, on.month
    while True:
        found = of_month(year, month, calendar, settings)
        if on <= found.closes_on:
            return found
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
