"""Dates as people write them."""

import contextlib
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.errors import DateNotUnderstood, HourNotUnderstood
from curriculum.written_times import read_date, read_hour, read_moment

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
        ("12月5日(周六)", date(2026, 12, 5)),
        ("12月5日（星期六）", date(2026, 12, 5)),
        ("这周五", FRIDAY),
        ("本周日", date(2026, 11, 29)),
        ("5 Dec", date(2026, 12, 5)),
        ("Sat 5 Dec", date(2026, 12, 5)),
        ("Saturday, 5th December", date(2026, 12, 5)),
        ("Dec 5, 2026", date(2026, 12, 5)),
        ("3 January 2027", date(2027, 1, 3)),
        ("Friday", FRIDAY),
        ("next Friday", date(2026, 12, 4)),
        ("the day after tomorrow", date(2026, 11, 29)),
        ("明年3月2日", date(2027, 3, 2)),
        ("今年12月5号", date(2026, 12, 5)),
        ("明年12月5日(周日)", date(2027, 12, 5)),
        ("下个月5号", date(2026, 12, 5)),
        ("下月二十五日", date(2026, 12, 25)),
        ("下下个月3号", date(2027, 1, 3)),
        ("本月30号", date(2026, 11, 30)),
        ("这个月28日", date(2026, 11, 28)),
        ("月底", date(2026, 11, 30)),
        ("下月底", date(2026, 12, 31)),
        ("年底", date(2026, 12, 31)),
    ],
)
def test_the_usual_ways_of_writing_a_date_are_understood(written: str, day: date) -> None:
    """Without a year the next such day is meant."""
    assert read_date(written, today=FRIDAY) == day


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "改天",
            "13月5日",
            "2月30日",
            "下周八",
            "12",
            "5/12/26/1",
            "40号",
            "明天下午",
            "下个月31日3",
            "明年2月29日",
        ),
        *("12月5日(周五)", "Mon 5 Dec", "31 Feb", "5 Decimals 3", "sunshine"),
    ],
)
def test_what_is_no_date_is_refused(written: str) -> None:
    """A guess would book the wrong day."""
    with pytest.raises(DateNotUnderstood):
        read_date(written, today=FRIDAY)


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("下周三下午3点", (date(2026, 12, 2), time(15))),
        ("12月30日(周三)14:30", (date(2026, 12, 30), time(14, 30))),
        ("12月5日 14:30", (date(2026, 12, 5), time(14, 30))),
        ("12月5日14:30", (date(2026, 12, 5), time(14, 30))),
        ("2026-12-05 14:30", (date(2026, 12, 5), time(14, 30))),
        ("明天晚上八点", (date(2026, 11, 28), time(20))),
        ("明晚八点", (date(2026, 11, 28), time(20))),
        ("5号上午十点", (date(2026, 12, 5), time(10))),
        ("Sat 5 Dec 14:30", (date(2026, 12, 5), time(14, 30))),
        ("5 Dec at 3 pm", (date(2026, 12, 5), time(15))),
        ("next Friday, 9:15 am", (date(2026, 12, 4), time(9, 15))),
        ("下周五", (date(2026, 12, 4), None)),
    ],
)
def test_a_date_with_an_hour_is_read_as_the_bot_writes_it(
    written: str, moment: tuple[date, time | None]
) -> None:
    """Whoever copies what stands on her screen is understood, with or without a space."""
    assert read_moment(written, today=FRIDAY) == moment


@pytest.mark.parametrize("written", ["下周三再说", "12月5日 25点", "明天晚上12点"])
def test_what_follows_a_date_and_is_no_hour_is_refused(written: str) -> None:
    """Half understood is not understood."""
    with pytest.raises(HourNotUnderstood):
        read_moment(written, today=FRIDAY)


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
