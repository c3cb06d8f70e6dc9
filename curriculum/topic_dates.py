"""When a monthly topic closes, is due for approval and is held: pure dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from curriculum.errors import TopicDatesTooClose
from curriculum.rhythm import WorkingCalendar, moment_at

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# EXPERIENCE section 8: closing and session lie so many working days apart at least.
LEAST_APART = 5
CLOSES, DUE = 7, 3


@dataclass(frozen=True, slots=True)
class TopicDates:
    """The closing day, the day approval is due, and the session, all worked days, in this order."""

    closes_on: date
    due_on: date
    session_on: date


@dataclass(frozen=True, slots=True)
class TopicRule:
    """A cohort's rule: the last `weekday` (1 is Monday), closing and approval so many working
    days before.
    """

    weekday: int = 4
    minutes: int = 90
    closes: int = CLOSES
    due: int = DUE


def rule_of(settings: Mapping[str, Any]) -> TopicRule:
    """A rhythm's settings as a rule; raises TopicDatesTooClose."""
    rule = TopicRule(
        weekday=WEEKDAYS.index(settings.get("weekday", "thursday")) + 1,
        minutes=int(settings.get("minutes", 90)),
        closes=int(settings.get("pool_closes_working_days", CLOSES)),
        due=int(settings.get("approval_working_days", DUE)),
    )
    require_apart(rule.closes, rule.due)
    return rule


def require_apart(closes: int, due: int) -> None:
    """Closing, approval, session in this order, five working days between first and last."""
    if closes < LEAST_APART or not 1 <= due < closes:
        raise TopicDatesTooClose(least=LEAST_APART)


def dates_of(month: date, rule: TopicRule, calendar: WorkingCalendar) -> TopicDates:
    """The dates of the month that begins on `month`.

    The session is on the last such weekday; where that is off, on the worked day before it.
    """
    last = month + relativedelta(months=1, days=-1)
    session = last - timedelta(days=(last.isoweekday() - rule.weekday) % 7)
    while not calendar.is_working(session):
        session -= timedelta(days=1)
    return TopicDates(
        closes_on=before(session, rule.closes, calendar),
        due_on=before(session, rule.due, calendar),
        session_on=session,
    )


def before(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The date `count` working days before a day."""
    while count:
        day -= timedelta(days=1)
        count -= calendar.is_working(day)
    return day


def after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The date `count` working days after a day."""
    while count:
        day += timedelta(days=1)
        count -= calendar.is_working(day)
    return day


def require_possible(
    session_on: date, *, closes_on: date, today: date, calendar: WorkingCalendar
) -> None:
    """Whether a session may be moved to a date; raises TopicDatesTooClose.

    A worked day after today, five working days or more after the closing day.
    """
    earliest = max(after(closes_on, LEAST_APART, calendar), today + timedelta(days=1))
    if session_on < earliest or not calendar.is_working(session_on):
        raise TopicDatesTooClose(least=LEAST_APART)


def closes_at(closes_on: date, starts_at: datetime, zone: str) -> datetime:
    """The moment the pool closes: on its day, at the hour at which the session will begin."""
    return moment_at(closes_on, starts_at.astimezone(ZoneInfo(zone)).time(), zone)


def months(since: date, until: date) -> list[date]:
    """The first days of every month whose topic may close between two dates."""
    first, found = since.replace(day=1), []
    while first <= until.replace(day=1) + relativedelta(months=1):
        found.append(first)
        first += relativedelta(months=1)
    return found
