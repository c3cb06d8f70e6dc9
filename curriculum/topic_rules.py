"""Which settings and dates a monthly topic may have, beside what `topic_dates` counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta

from curriculum.rhythm import WorkingCalendar, moment_at
from curriculum.topic_dates import APPROVED, CLOSES, working_days_after
from curriculum.topic_errors import TopicDatesTooClose, TopicDayNotPossible

# EXPERIENCE section 8: closing and session lie so many working days apart at least.
LEAST_APART = 5
MINUTES = 90


@dataclass(frozen=True, slots=True)
class TopicRule:
    """How long a cohort's session takes, how many working days before it the pool closes and
    approval is due.
    """

    minutes: int
    closes: int
    due: int


def rule_of(settings: Mapping[str, Any]) -> TopicRule:
    """A rhythm's settings as a rule; raises TopicDatesTooClose."""
    rule = TopicRule(
        minutes=int(settings.get("minutes", MINUTES)),
        closes=int(settings.get("pool_closes_working_days", CLOSES)),
        due=int(settings.get("approval_working_days", APPROVED)),
    )
    require_apart(rule.closes, rule.due)
    return rule


def require_apart(closes: int, due: int) -> None:
    """Closing, approval, session in this order, five working days between first and last."""
    if closes < LEAST_APART or not 1 <= due < closes:
        raise TopicDatesTooClose(least=LEAST_APART)


def require_possible(
    session_on: date, *, closes_on: date, today: date, calendar: WorkingCalendar
) -> None:
    """Whether a session may be moved to a date; raises TopicDayNotPossible.

    A worked day after today, five working days or more after the closing day.
    """
    earliest = max(working_days_after(closes_on, LEAST_APART, calendar), today + timedelta(days=1))
    while not calendar.is_working(earliest):
        earliest += timedelta(days=1)
    if session_on < earliest or not calendar.is_working(session_on):
        raise TopicDayNotPossible(least=LEAST_APART, earliest=earliest)


def closes_at(closes_on: date, zone: str) -> datetime:
    """The moment the pool closes: when its last day is over."""
    return moment_at(closes_on + timedelta(days=1), time(), zone)


def months(since: date, until: date) -> list[date]:
    """The first days of every month whose topic may close between two dates."""
    first, found = since.replace(day=1), []
    while first <= until.replace(day=1) + relativedelta(months=1):
        found.append(first)
        first += relativedelta(months=1)
    return found
