"""Dates and hours as people write them: 12月5日, 下周一, 明年3月2日, 月底, 12:30, 下午三点半."""

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable
from datetime import date, time, timedelta

from curriculum import written_numbers
from curriculum.errors import DateNotUnderstood, HourNotUnderstood

NEAR = {
    "今天": 0,
    "明天": 1,
    "后天": 2,
    "大后天": 3,
    "today": 0,
    "tomorrow": 1,
    "the day after tomorrow": 2,
}
# 今晚 and its like name a day and a part of it in one word.
JOINED = {
    "今早": "今天早上",
    "今晚": "今天晚上",
    "明早": "明天早上",
    "明晚": "明天晚上",
    "后晚": "后天晚上",
}
WEEKDAY = re.compile(r"(?:[这本]|(?P<next>下+))?(?:个?(?:周|星期|礼拜))(?P<day>[一二三四五六日天])")
WEEKDAYS = "一二三四五六日"
ENGLISH_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAME = r"(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:day|s|sday|nesday|rs?|rsday|urday)?(?![a-z])\.?"
ENGLISH_WEEKDAY = re.compile(rf"(?:this\s+|(?P<next>next)\s+)?{DAY_NAME}")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_NAME = (
    rf"(?P<month>{'|'.join(MONTHS)})"
    r"(?:r?uary|ch|il|e|y|ust|t|tember|ober|ember)?(?![a-z])\.?"
)
YEAR_BEHIND = r"(?:,?\s*(?P<year>\d{4})(?![\d:]))?"
ENGLISH_DATES = (
    re.compile(rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+{MONTH_NAME}{YEAR_BEHIND}"),
    re.compile(rf"{MONTH_NAME}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?{YEAR_BEHIND}"),
)
# The weekday that the bot itself writes beside a date: 12月5日(周六), Sat 5 Dec.
BESIDE = re.compile(rf"\s*\(?\s*(?:(?:周|星期|礼拜)(?P<zh>[{WEEKDAYS}天])|{DAY_NAME})\s*\)?")
BEFORE = re.compile(rf"{DAY_NAME},?\s+(?=\d|{MONTH_NAME})")
YEARS = {"今年": 0, "明年": 1, "后年": 2}
WHOLE = re.compile(
    rf"(?:(?:(?P<year>\d{{4}})\s*[年./-]|(?P<near>{'|'.join(YEARS)})的?)\s*)?"
    r"(?P<month>\d{1,2})\s*[月./-]\s*(?P<day>\d{1,2})\s*[日号]?"
)
MONTH_NEAR = re.compile(
    r"(?:[这本当]|(?P<next>下+))个?月(?:份|的)?\s*(?:(?P<day>\d{1,2})\s*[日号]|底)"
)
MONTHS_END = re.compile(r"月底")
YEARS_END = re.compile(r"年底")
DAY_OF_MONTH = re.compile(r"(?P<day>\d{1,2})\s*[日号]")
HOUR = re.compile(
    r"(?P<part>凌晨|早上|上午|中午|下午|晚上)?\s*(?P<hour>\d{1,2})\s*"
    r"(?:[:：.点时](?P<minute>\d{1,2}|半|[一三]刻)?分?整?)?\s*(?P<half>[ap]\.?m\.?)?"
)
# What may stand between a date and its hour.
BETWEEN = re.compile(r"[\s,，的]*(?:at\s+)?")
SPAN_SIGNS = re.compile(r"[-~—–～]+|到|至")
# An hour that shows to be one in the middle of a text, and its first half in a span: 9-12点.
_PART = r"(?:凌晨|早上|上午|中午|下午|晚上)?\s*"
_CLOCK = (
    rf"{_PART}\d{{1,2}}\s*(?:[:：]\d{{2}}|[点时](?:\d{{1,2}}分?|半|[一三]刻)?整?)"
    r"(?:\s*[ap]\.?m\.?)?"
)
_SPAN = re.compile(
    rf"(?<![\d.])(?:{_CLOCK}|{_PART}\d{{1,2}})\s*(?:[-~—–～]+|到|至)\s*{_CLOCK}(?!\d)"
)
_END = re.compile(
    rf"(?:到|至|\buntil\b|\btill\b|\bto\b)\s*(?P<named>{_CLOCK})|(?P<over>{_CLOCK})\s*(?:结束|散会|为?止)"
)
MINUTES = {"半": 30, "一刻": 15, "三刻": 45, None: 0}
# The hours below this one are meant as those after noon.
AFTERNOON = {"下午": 12, "晚上": 12, "中午": 3}
# A number in characters, where a word behind it shows that it is one: 十二月, 三点, 二十五分.
IN_CHARACTERS = re.compile(r"[零〇一二两三四五六七八九十]{1,3}(?=\s*[月日号点时分])")


def read_date(written: str, *, today: date) -> date:
    """The date meant; one without a year is the next to come. DateNotUnderstood otherwise."""
    day, rest = _date_first(_plain(written), today=today)
    if rest:
        raise DateNotUnderstood
    return day


def read_moment(written: str, *, today: date) -> tuple[date, time | None]:
    """A date as `read_date` knows it and, where one follows, an hour: 下周三下午3点.

    Raises DateNotUnderstood, and HourNotUnderstood for what follows a date and is no hour.
    """
    day, rest = _date_first(_plain(written), today=today)
    rest = BETWEEN.sub("", rest, count=1)
    return day, read_hour(rest) if rest else None


def date_first(written: str, *, today: date) -> tuple[date, str]:
    """The date a text begins with and the rest, in plain digits; DateNotUnderstood otherwise."""
    day, rest = _date_first(_plain(written), today=today)
    return day, BETWEEN.sub("", rest, count=1)


def read_span(written: str) -> tuple[time, time]:
    """From when until when: 14:00-17:00, 下午2点到5点; HourNotUnderstood for anything else.

    A part of the day said once holds for both; the end comes after the beginning.
    """
    parts = [part.strip() for part in SPAN_SIGNS.split(_plain(written)) if part.strip()]
    if len(parts) != 2:
        raise HourNotUnderstood
    begins, ends = map(read_hour, parts)
    if ends <= begins and ends.hour < 12 <= begins.hour:
        ends = ends.replace(hour=ends.hour + 12)
    if ends <= begins:
        raise HourNotUnderstood
    return begins, ends


def span_first(written: str) -> tuple[time, time, str] | None:
    """The span a text begins with, from when until when, and the rest; None for any other text."""
    text = _plain(written)
    found = _SPAN.match(text)
    if found is None:
        return None
    try:
        begins, ends = read_span(found[0])
    except HourNotUnderstood:
        return None
    return begins, ends, BETWEEN.sub("", text[found.end() :], count=1)


def spans_in(text: str) -> list[tuple[time, time]]:
    """Every span that stands in a text: 10:00-12:00看值班，下午2点到5点座谈."""
    found = []
    for one in _SPAN.finditer(_plain(text)):
        try:
            found.append(read_span(one[0]))
        except HourNotUnderstood:
            continue
    return found


def end_in(text: str) -> time | None:
    """The hour until which something lasts, as it stands in a text: 至12:00, 12点结束."""
    found = _END.search(_plain(text))
    if found is None:
        return None
    try:
        return read_hour(found["named"] or found["over"])
    except HourNotUnderstood:
        return None


def _plain(written: str) -> str:
    """Digits instead of full-width and Chinese ones, no words that join a day with its part."""
    text = unicodedata.normalize("NFKC", written).strip().lower()
    for joined, apart in JOINED.items():
        text = text.replace(joined, apart)
    return IN_CHARACTERS.sub(lambda found: str(written_numbers.value(found[0])), text)


def _date_first(text: str, *, today: date) -> tuple[date, str]:
    """The date a text begins with, and what follows it."""
    for word, days in sorted(NEAR.items(), key=lambda near: -len(near[0])):
        if text.startswith(word):
            return today + timedelta(days=days), text[len(word) :]
    named = BEFORE.match(text)
    if named:
        text = text[named.end() :]
    for pattern, meant in READINGS:
        if found := pattern.match(text):
            day, rest = meant(found, today), text[found.end() :]
            if named:
                _agree(day, named)
            if beside := BESIDE.match(rest):
                _agree(day, beside)
                rest = rest[beside.end() :]
            return day, rest
    raise DateNotUnderstood


def _agree(day: date, named: re.Match[str]) -> None:
    """Refuse a date beside the name of another weekday: one of the two is a slip."""
    if day.weekday() != _place(named):
        raise DateNotUnderstood


def _place(named: re.Match[str]) -> int:
    """The weekday somebody wrote, from 0 on Monday."""
    written = named.groupdict().get("zh") or named["day"]
    if written in ENGLISH_DAYS:
        return ENGLISH_DAYS.index(written)
    return WEEKDAYS.index(written.replace("天", "日"))


def _day_of_month(found: re.Match[str], today: date) -> date:
    """5号 is this month's or, once it is past, that of the next month that has one."""
    try:
        return next(
            day
            for days in range(63)
            if (day := today + timedelta(days=days)).day == int(found["day"])
        )
    except StopIteration as error:
        raise DateNotUnderstood from error


def _weekday(found: re.Match[str], today: date) -> date:
    """周五 is this week's Friday or, once it is past, the next; 下周五 is next week's."""
    place = _place(found)
    monday = today - timedelta(days=today.weekday())
    weeks = 1 if found["next"] == "next" else len(found["next"] or "")
    day = monday + timedelta(days=place, weeks=weeks)
    return day if day >= today else day + timedelta(weeks=1)


def _month_near(found: re.Match[str], today: date) -> date:
    """下个月5号 is a day of the month after this one; 下月底 its last."""
    months = today.year * 12 + today.month - 1 + len(found["next"] or "")
    year, month = months // 12, months % 12 + 1
    try:
        return date(year, month, int(found["day"] or monthrange(year, month)[1]))
    except ValueError as error:
        raise DateNotUnderstood from error


def _months_end(_found: re.Match[str], today: date) -> date:
    return today.replace(day=monthrange(today.year, today.month)[1])


def _years_end(_found: re.Match[str], today: date) -> date:
    return date(today.year, 12, 31)


def _whole(found: re.Match[str], today: date) -> date:
    written = found.groupdict()
    month = MONTHS.index(found["month"]) + 1 if found["month"] in MONTHS else int(found["month"])
    near, named = written.get("near"), written["year"]
    year = today.year + YEARS[near] if near else int(named or today.year)
    try:
        day = date(year, month, int(found["day"]))
        if not named and not near and day < today:
            day = day.replace(year=today.year + 1)
    except ValueError as error:
        raise DateNotUnderstood from error
    return day


READINGS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = (
    (WEEKDAY, _weekday),
    (ENGLISH_WEEKDAY, _weekday),
    *((pattern, _whole) for pattern in ENGLISH_DATES),
    (WHOLE, _whole),
    (MONTH_NEAR, _month_near),
    (MONTHS_END, _months_end),
    (YEARS_END, _years_end),
    (DAY_OF_MONTH, _day_of_month),
)


def read_hour(written: str) -> time:
    """12:30, 19点, 下午3点半, 三点一刻, 3:30 pm; HourNotUnderstood for anything else."""
    found = HOUR.fullmatch(_plain(written))
    if found is None:
        raise HourNotUnderstood
    hour, part, minute = int(found["hour"]), found["part"], found["minute"]
    if found["half"]:
        if not 1 <= hour <= 12:
            raise HourNotUnderstood
        hour = hour % 12 + (12 if found["half"][0] == "p" else 0)
    minutes = MINUTES[minute] if minute in MINUTES else int(minute)
    if 0 < hour < AFTERNOON.get(part, 0):
        hour += 12
    elif part == "晚上" and hour == 12:
        # Midnight belongs to two days: which one is meant must be said.
        raise HourNotUnderstood
    if hour > 23 or minutes > 59:
        raise HourNotUnderstood
    return time(hour, minutes)
