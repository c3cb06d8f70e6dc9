"""Dates and hours as people write them: 12月5日, 12-5, 下周一, 12:30, 下午3点半."""

import re
import unicodedata
from datetime import date, time, timedelta

from curriculum.errors import DateNotUnderstood, HourNotUnderstood

NEAR = {"今天": 0, "明天": 1, "后天": 2, "today": 0, "tomorrow": 1}
WEEKDAY = re.compile(r"(?P<next>下+)?(?:个?(?:周|星期|礼拜))(?P<day>[一二三四五六日天])")
WEEKDAYS = "一二三四五六日"
WHOLE = re.compile(
    r"(?:(?P<year>\d{4})\s*[年./-]\s*)?(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*[日号]?"
)
HOUR = re.compile(
    r"(?P<part>早上|上午|中午|下午|晚上)?\s*(?P<hour>\d{1,2})\s*"
    r"(?:[:：.点时](?P<minute>\d{1,2}|半)?分?)?"
)
AFTERNOON = ("下午", "晚上")


def read_date(written: str, *, today: date) -> date:
    """The date meant; one without a year is the next to come. DateNotUnderstood otherwise."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    if text in NEAR:
        return today + timedelta(days=NEAR[text])
    if found := WEEKDAY.fullmatch(text):
        return _weekday(found, today)
    if found := WHOLE.fullmatch(text):
        return _whole(found, today)
    raise DateNotUnderstood


def _weekday(found: re.Match[str], today: date) -> date:
    """周五 is this week's Friday or, once it is past, the next; 下周五 is next week's."""
    place = WEEKDAYS.index(found["day"].replace("天", "日"))
    monday = today - timedelta(days=today.weekday())
    weeks = len(found["next"] or "")
    day = monday + timedelta(days=place, weeks=weeks)
    return day if day >= today else day + timedelta(weeks=1)


def _whole(found: re.Match[str], today: date) -> date:
    try:
        day = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
        if not found["year"] and day < today:
            day = day.replace(year=today.year + 1)
    except ValueError as error:
        raise DateNotUnderstood from error
    return day


def read_hour(written: str) -> time:
    """12:30, 12.30, 19点, 下午3点半; HourNotUnderstood for anything else."""
    found = HOUR.fullmatch(unicodedata.normalize("NFKC", written).strip())
    if found is None:
        raise HourNotUnderstood
    hour = int(found["hour"])
    minute = 30 if found["minute"] == "半" else int(found["minute"] or 0)
    if found["part"] in AFTERNOON and hour < 12:
        hour += 12
    if hour > 23 or minute > 59:
        raise HourNotUnderstood
    return time(hour, minute)
