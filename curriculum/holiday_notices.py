"""A holiday notice as offices write it, read into days off and days worked."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta

from curriculum.calendar_errors import NoticeNotUnderstood, NoticeTooLong
from curriculum.clean_text import clean
from curriculum.rhythm import days as each_day

MOST_DAYS = 40
NAME_LIMIT = 12
# What stands in brackets is the weekday, or the day of another calendar.
BRACKETS = re.compile(r"\([^()]*\)|\[[^\]]*\]|〔[^〕]*〕|【[^】]*】")
YEAR = re.compile(r"(\d{4})\s*年")
DAY = re.compile(r"(?:(?P<month>\d{1,2})\s*月)?\s*(?P<day>\d{1,2})\s*[日号]")
RUNS_ON = re.compile(r"\s*(?:起|当日)?\s*(?:至|到|[-~—–～―]+)\s*")
OFF, WORKED = re.compile(r"放假|休息|调休|休假"), re.compile(r"上班|补班|上课")
CLAUSE = re.compile(r"[。;；,，\n]+")
HEAD = re.compile(
    r"^(?:[一二三四五六七八九十]+\s*[、.]|\(?\d+\)?\s*[、.])?\s*(?P<name>[^\d::]{1,12})[::]"
)
ABOUT = re.compile(r"关于\s*(?:\d{4}年)?\s*(?P<name>\D{2,12}?)(?:放假|调休|休假)")


@dataclass(frozen=True, slots=True)
class NoticeDay:
    """One day that is off, or worked, and what it is called."""

    day: date
    is_worked: bool
    name: str


def read_notice(written: str, *, today: date) -> list[NoticeDay]:
    """The days ahead that a notice names, in order, each once as it says last.

    A day without a year is the next of its name. Raises NoticeNotUnderstood, NoticeTooLong.
    """
    text = unicodedata.normalize("NFKC", clean(written)).replace("：", ":")
    text = BRACKETS.sub("", text)
    about = ABOUT.search(text)
    usual = about["name"].strip() if about else ""
    found: dict[date, NoticeDay] = {}
    year: int | None = None
    for line in re.split(r"[\n。]+", text):
        head = HEAD.match(line.strip())
        # Where the heading names it, what stands before a colon is whom the notice is for.
        name = usual or (head["name"].strip() if head else "")
        pending: list[date] = []
        for clause in CLAUSE.split(line):
            named = YEAR.search(clause)
            year = int(named[1]) if named else year
            pending += _days(YEAR.sub("", clause), year, today=today)
            is_off, is_worked = bool(OFF.search(clause)), bool(WORKED.search(clause))
            if pending and (is_off or is_worked):
                for day in pending:
                    found[day] = NoticeDay(day, is_worked, name[:NAME_LIMIT])
                pending = []
    ahead = [found[day] for day in sorted(found) if day > today]
    if not ahead:
        raise NoticeNotUnderstood
    if len(ahead) > MOST_DAYS:
        raise NoticeTooLong(limit=MOST_DAYS)
    return ahead


def _days(clause: str, year: int | None, *, today: date) -> list[date]:
    """Every day a clause names: single ones, and those that run on to another."""
    found: list[date] = []
    month: int | None = None
    at = 0
    while (one := DAY.search(clause, at)) is not None:
        month = int(one["month"]) if one["month"] else month
        day = _date(year, month, int(one["day"]), today=today)
        runs = RUNS_ON.fullmatch(clause[at : one.start()]) if found else None
        if day is not None and runs is not None and found[-1] < day <= found[-1] + timedelta(60):
            found += list(each_day(found[-1] + timedelta(days=1), day))
        elif day is not None:
            found.append(day)
        at = one.end()
    return found


def _date(year: int | None, month: int | None, day: int, *, today: date) -> date | None:
    """A day of a year, of the next time it comes where none is named; None for no day at all."""
    if month is None:
        return None
    try:
        if year is not None:
            return date(year, month, day)
        this = date(today.year, month, day)
        return this if this >= today - timedelta(days=31) else date(today.year + 1, month, day)
    except ValueError:
        return None
