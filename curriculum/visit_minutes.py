"""How many minutes a day of a visit counts, read from what its programme says.

A programme rarely says all of it. Only a day on which the length of everything is known is counted
by it (DOMAIN section 1: actual training time); of any other the usual length is proposed.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import groupby

from curriculum.visit_words import StopPlan
from curriculum.written_numbers import IN_CHARACTERS, value
from curriculum.written_times import end_in, spans_in

# A day of looking, listening and talking, until whoever arranges it says otherwise; what a ledger
# takes for a day.
USUAL_MINUTES, LEAST, MOST = 360, 30, 720
HALF = USUAL_MINUTES // 2
# What is left out where one place is only known to last until the next one begins.
NOON = (12 * 60, 14 * 60)
# What fills a line of a programme and is nobody's learning.
_PAUSE = re.compile(
    r"集合|出发|启程|乘车|坐车|前往|返程|返回|回程|早餐|早饭|午餐|午饭|晚餐|晚饭|用餐|午休|休息(?!室)"
    r"|入住|住宿|报到|(?:departure|leave|travel|drive|return|breakfast|lunch|dinner|rest|check-?in)\b",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[\s,，、;；/。（）()]+")
_NUMBER = r"(?P<number>\d+(?:\.\d+)?)"
# 车程2小时 is said beside what is done, and is no part of it.
_TRAVEL = r"(?P<travel>(?:车程|路程|乘车|坐车|开车|行车|路上|drive|by bus)\D{0,4})?"
_LENGTHS = (
    (60, re.compile(rf"{_TRAVEL}{_NUMBER}\s*个?(?P<half>半)?\s*(?:小时|钟头|hours?\b|h\b)", re.I)),
    (1, re.compile(rf"{_TRAVEL}{_NUMBER}(?P<half>)\s*(?:分钟|min(?:ute)?s?\b)", re.I)),
)
_HALF_HOUR = re.compile(rf"{_TRAVEL}半个?(?:小时|钟头)|half an hour", re.I)
_WHOLE_DAY = re.compile(r"全天|一整天|整天|all day|whole day", re.I)
_HALVES = tuple(re.compile(words, re.I) for words in (r"上午|\bmorning\b", r"下午|\bafternoon\b"))
_HALF_DAY = re.compile(r"半天|half a day", re.I)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of one place: from when to when (minutes of the day), and minutes besides."""

    spans: tuple[tuple[int, int], ...] = ()
    minutes: int = 0


def by_programme(stops: Iterable[StopPlan]) -> dict[date, int]:
    """The minutes of each day whose programme says them, LEAST to MOST; other days are left out.

    A place lasts as long as is written with it (10:00-12:00, 90分钟, 至12:00, 上午), else until the
    next place of the day begins, noon left out; meals, journeys and rest count nothing. A day that
    begins at noon or later and says no more is half a usual day.
    """
    found = {}
    by_day = sorted(stops, key=lambda one: one.day)
    for day, of_day in groupby(by_day, key=lambda one: one.day):
        minutes = _of_day(list(of_day))
        if minutes is not None and minutes >= LEAST:
            found[day] = min(minutes, MOST)
    return found


def _of_day(stops: Sequence[StopPlan]) -> int | None:
    """The minutes of one day's places; None where one of them is not known."""
    studied = [one for one in stops if not _is_pause(one)]
    if not studied:
        return None
    known = [_known(one, stops) for one in studied]
    if None not in known:
        spans = [span for one in known if one is not None for span in one.spans]
        return _together(spans) + sum(one.minutes for one in known if one is not None)
    hours = [one.at for one in studied if one.at is not None]
    is_from_noon = len(hours) == len(studied) and min(hours) >= time(12)
    return HALF if is_from_noon else None


def _is_pause(stop: StopPlan) -> bool:
    """Whether nothing is done at a place but travel, eat or rest."""
    parts = [part for part in _PARTS.split(stop.programme or stop.destination) if part]
    return bool(parts) and all(_PAUSE.match(part) for part in parts)


def _known(stop: StopPlan, stops: Sequence[StopPlan]) -> _Known | None:
    """How long a place lasts: as written with it, else until another begins."""
    text = unicodedata.normalize("NFKC", f"{stop.destination} {stop.programme}")
    spans = tuple(_span(begins, ends) for begins, ends in spans_in(text))
    if spans:
        return _Known(spans)
    begins = _minute(stop.at) if stop.at is not None else None
    ends = end_in(text)
    if begins is not None and ends is not None and _minute(ends) > begins:
        return _Known(((begins, _minute(ends)),))
    length = _length(text)
    if length:
        return _Known(((begins, begins + length),)) if begins is not None else _Known((), length)
    later = [_minute(one.at) for one in stops if one.at is not None]
    following = min((at for at in later if begins is not None and at > begins), default=None)
    if begins is None or following is None:
        return None
    return _Known(tuple(_without_noon(begins, following)))


def _length(text: str) -> int:
    """The minutes that a text says, 0 for none: 90分钟, 一个半小时, 上午."""
    text = IN_CHARACTERS.sub(lambda number: str(value(number[0])), text)
    minutes = 0.0
    for unit, pattern in _LENGTHS:
        for found in pattern.finditer(text):
            if not found["travel"]:
                minutes += (float(found["number"]) + (0.5 if found["half"] else 0)) * unit
    if not minutes:
        minutes = sum(30 for found in _HALF_HOUR.finditer(text) if not found["travel"])
    if minutes:
        return round(minutes)
    if _WHOLE_DAY.search(text):
        return USUAL_MINUTES
    halves = sum(half.search(text) is not None for half in _HALVES)
    return HALF * (halves or (_HALF_DAY.search(text) is not None))


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _span(begins: time, ends: time) -> tuple[int, int]:
    return _minute(begins), _minute(ends)


def _without_noon(begins: int, ends: int) -> Iterator[tuple[int, int]]:
    """From when until when without the hours of noon, where it goes on over them."""
    if begins < NOON[0] and ends >= NOON[1]:
        yield begins, NOON[0]
        begins = NOON[1]
    if begins < ends:
        yield begins, ends


def _together(spans: Iterable[tuple[int, int]]) -> int:
    """The minutes that spans cover: two groups at two places at once spend that time once."""
    covered = until = 0
    for begins, ends in sorted(spans):
        covered += max(0, ends - max(begins, until))
        until = max(until, ends)
    return covered
