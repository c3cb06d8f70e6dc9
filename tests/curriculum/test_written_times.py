"""Dates as people write them."""

import contextlib
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.errors import DateNotUnderstood, HourNotUnderstood
from curriculum.written_times import read_date, read_hour

FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("今天", FRIDAY),
        ("明天", date(2026, 11, 28)),
        ("后天", date(2026, 11, 29)),
        ("周五", FRIDAY),
        ("周四", date(2026, 12, 3)),
        ("下周一", date(2026, 11, 30)),
        ("下周五", date(2026, 12, 4)),
        ("下个星期天", date(2026, 12, 6)),
        ("下下周一", date(2026, 12, 7)),
        ("12月5日", date(2026, 12, 5)),
        ("12月5号", date(2026, 12, 5)),
        ("１２月５日", date(2026, 12, 5)),
        ("12-5", date(2026, 12, 5)),
        ("12/5", date(2026, 12, 5)),
        ("1月3日", date(2027, 1, 3)),
        ("2027年1月3日", date(2027, 1, 3)),
        (" 2027-01-03 ", date(2027, 1, 3)),
        ("tomorrow", date(2026, 11, 28)),
        ("大后天", date(2026, 11, 30)),
        ("十二月五日", date(2026, 12, 5)),
        ("十二月二十五号", date(2026, 12, 25)),
        ("5号", date(2026, 12, 5)),
        ("31号", date(2026, 12, 31)),
    ],
)
def test_the_usual_ways_of_writing_a_date_are_understood(written: str, day: date) -> None:
    """Without a year the next such day is meant."""
    assert read_date(written, today=FRIDAY) == day


@pytest.mark.parametrize(
    "written", ["", "改天", "13月5日", "2月30日", "下周八", "12", "5/12/26/1", "40号", "明天下午"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    """A guess would book the wrong day."""
    with pytest.raises(DateNotUnderstood):
        read_date(written, today=FRIDAY)


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_refused(written: str) -> None:
    """Nothing typed breaks the reader."""
    with contextlib.suppress(DateNotUnderstood):
        assert isinstance(read_date(written, today=FRIDAY), date)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        ("14:30", time(14, 30)),
        ("下午3点", time(15)),
        ("下午三点半", time(15, 30)),
        ("三点一刻", time(3, 15)),
        ("上午十点", time(10)),
        ("中午12点", time(12)),
        ("中午1点", time(13)),
        ("中午11点半", time(11, 30)),
        ("晚上八点二十五分", time(20, 25)),
        ("凌晨2点整", time(2)),
        ("19.45", time(19, 45)),
    ],
)
def test_the_usual_ways_of_writing_an_hour_are_understood(written: str, hour: time) -> None:
    """With digits or characters, by the part of the day or by 24 hours."""
    assert read_hour(written) == hour


@pytest.mark.parametrize("written", ["", "晚上12点", "25点", "3点99分", "下午", "点", "三"])
def test_what_is_no_hour_is_refused(written: str) -> None:
    """Twelve at night belongs to two days, so it is asked again."""
    with pytest.raises(HourNotUnderstood):
        read_hour(written)
