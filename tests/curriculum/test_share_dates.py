"""The quarter's dates: the last such weekday, earlier over holidays, working days before it."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.rhythm import WorkingCalendar
from curriculum.share_dates import (
    APART,
    SETTINGS,
    before,
    dates_of,
    dates_opening,
    next_dates,
    opening_days,
    session_day,
)

PLAIN = WorkingCalendar(frozenset({1, 2, 3, 4, 5}), {})
DAYS = st.dates(date(2025, 1, 1), date(2032, 12, 31))


def _working(since: date, until: date) -> int:
    """How many working days lie behind one date, up to another."""
    days = (since + timedelta(days=n) for n in range(1, (until - since).days + 1))
    return sum(PLAIN.is_working(day) for day in days)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (date(2026, 11, 25), date(2026, 12, 25)),
        (date(2026, 10, 1), date(2026, 12, 25)),
        (date(2027, 1, 1), date(2027, 3, 26)),
    ],
)
def test_the_session_is_on_the_quarters_last_friday(asked: date, expected: date) -> None:
    """Whichever day of the quarter is asked for."""
    assert session_day(asked, SETTINGS, PLAIN) == expected


def test_a_session_on_a_holiday_is_held_on_the_working_day_before() -> None:
    """Never on a day off, and never later."""
    friday = date(2026, 12, 25)
    closed = WorkingCalendar(
        PLAIN.working_weekdays, {friday: (False, "放假"), date(2026, 12, 24): (False, "放假")}
    )
    assert session_day(friday, SETTINGS, closed) == date(2026, 12, 23)


@given(DAYS)
def test_call_closing_reading_and_session_follow_one_another(day: date) -> None:
    """At least five working days lie between any two of them."""
    found = dates_of(session_day(day, SETTINGS, PLAIN), SETTINGS, PLAIN)
    steps = (found.opens_on, found.closes_on, found.review_by, found.day)
    assert found.is_in_order()
    assert all(_working(one, other) >= APART for one, other in pairwise(steps))


@given(DAYS)
def test_each_quarters_call_opens_on_one_day_and_is_found_by_it(day: date) -> None:
    """Four a year, and the day a call opens on says which dates it leads to."""
    opens = opening_days(day, day + timedelta(days=364), SETTINGS, PLAIN)
    assert 4 <= len(opens) + (len(opens) == 3) <= 5
    for opened in opens:
        found = dates_opening(opened, SETTINGS, PLAIN)
        assert found is not None
        assert found.opens_on == opened
    assert dates_opening(before(opens[0], 1, PLAIN), SETTINGS, PLAIN) is None


@given(DAYS)
def test_a_call_opened_by_hand_leaves_time_to_write(day: date) -> None:
    """Five working days at least, else it is for the next quarter."""
    found = next_dates(day, SETTINGS, PLAIN)
    assert _working(day, found.closes_on) >= APART - (not PLAIN.is_working(day))
    assert found.day > found.review_by > found.closes_on
