"""The dates of a monthly topic: pure counting of working days, earlier over holidays."""

from datetime import date, timedelta

import pytest

from curriculum.rhythm import WorkingCalendar, working_days
from curriculum.topic_dates import for_question, of_month, working_days_after

PLAIN = WorkingCalendar(frozenset({1, 2, 3, 4, 5}), {})
OFF = {date(2026, 11, day): (False, "工布新年") for day in (25, 26)}
LOCAL = WorkingCalendar(frozenset({1, 2, 3, 4, 5}), OFF)


def test_the_session_is_on_the_last_thursday_and_its_pool_closes_seven_days_before() -> None:
    """Working days between them are counted, the days themselves apart."""
    dates = of_month(2026, 11, PLAIN)
    assert dates.held_on == date(2026, 11, 26)
    assert dates.closes_on == date(2026, 11, 17)
    assert dates.approved_by == date(2026, 11, 23)
    assert of_month(2026, 12, PLAIN, {"weekday": "friday"}).held_on == date(2026, 12, 25)


def test_a_session_on_a_day_off_is_held_earlier() -> None:
    """And everything before it moves along."""
    dates = of_month(2026, 11, LOCAL)
    assert dates.held_on == date(2026, 11, 24)
    assert dates.closes_on == date(2026, 11, 13)


@pytest.mark.parametrize("month", range(1, 13))
def test_dates_follow_one_another_and_every_question_has_a_topic(month: int) -> None:
    """In every month; the first topic whose pool is open takes a question, whatever its day."""
    dates = of_month(2026, month, PLAIN)
    assert dates.closes_on < dates.approved_by < dates.held_on
    between = working_days(dates.closes_on, dates.held_on - timedelta(days=1), PLAIN)
    assert len(between) == 7
    assert for_question(dates.closes_on, PLAIN) == dates
    after = for_question(dates.closes_on + timedelta(days=1), PLAIN)
    assert (after.held_on.year, after.held_on.month) == (2026 + month // 12, month % 12 + 1)


def test_working_days_are_counted_over_a_weekend() -> None:
    """Three working days after a Thursday is the Tuesday."""
    assert working_days_after(date(2026, 11, 26), 3, PLAIN) == date(2026, 12, 1)
