"""What is written about an exchange visit, read: its places day by day, officials, what to pack."""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, time, timedelta

from curriculum.clean_text import clean
from curriculum.errors import DateNotUnderstood, HourNotUnderstood, NameNotUsable
from curriculum.people import usable_name
from curriculum.visit_errors import (
    VisitLines,
    VisitNotClear,
    VisitNumberNotClear,
    VisitOfficialUnclear,
    VisitStopOutside,
    VisitStopUnclear,
)
from curriculum.written_numbers import in_digits
from curriculum.written_times import date_first, read_hour, span_first

LIMITS = {
    "title": 40,
    "aims": 200,
    "organiser": 40,
    "reason": 80,
    "destination": 40,
    "programme": 120,
    "host": 40,
    "contact": 40,
    "post": 40,
    "unit": 60,
    "phone": 30,
    "packing": 40,
}
MOST_DAYS, MOST_STOPS, MOST_PACKED, MOST_OFFICIALS = 15, 24, 15, 60
# A whole programme is read back in one message, which Telegram ends at 4,096 characters.
PROGRAMME_LIMIT = 2_400
_APART = re.compile(r"\s*[/|\t]\s*")
_NUMBERED = re.compile(r"^\s*\d{1,2}\s*[.、．)）]\s*(?!\d)")
_DAY = re.compile(
    r"(?:第\s*(?P<number>\d{1,2}|[一二三四五六七八九十]{1,3})\s*天|day\s*(?P<english>\d{1,2}))\s*",
    re.IGNORECASE,
)
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九十", start=1)}
_WORDS = re.compile(r"[\s,，、;；]+")
# So many digits in a row make a number to call.
_NUMBER_TO_CALL = re.compile(r"\d{5}|\d{3,4}-\d{3}")


@dataclass(frozen=True, slots=True)
class StopPlan:
    """One place on one day as it is planned."""

    destination: str
    day: date
    at: time | None
    programme: str
    host_name: str
    host_contact: str


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody who travels along and is not a learner here."""

    name: str
    post: str
    unit_name: str
    phone: str


def one_line(written: str, field: str) -> str:
    """A text on one line, 1 to LIMITS[field] characters; raises VisitNotClear."""
    line = " ".join(clean(written).split())
    if not 1 <= len(line) <= LIMITS[field]:
        raise VisitNotClear(field=field, limit=LIMITS[field])
    return line


def days(written: str) -> int:
    """How many days a journey takes: 2, 3天, 两天; raises VisitNotClear."""
    text = unicodedata.normalize("NFKC", written).strip().removesuffix("天").strip()
    text = in_digits(text)
    is_number = text.isascii() and text.isdecimal() and len(text) <= 3
    if not is_number or not 1 <= int(text) <= MOST_DAYS:
        raise VisitNumberNotClear(field="days", limit=MOST_DAYS)
    return int(text)


def packing(written: str) -> list[str]:
    """What to take along, a line or a comma-separated word each; raises VisitNotClear."""
    found = re.split(r"[\n、;；]+", clean(written))
    lines = [" ".join(_NUMBERED.sub("", one).split()) for one in found]
    lines = list(dict.fromkeys(one for one in lines if one))
    if not 1 <= len(lines) <= MOST_PACKED:
        raise VisitLines(field="packing", limit=MOST_PACKED)
    return [one_line(one, "packing") for one in lines]


def _lines(written: str) -> Iterator[tuple[int, str]]:
    """The filled lines of a text with their numbers, from 1 on, without 1. and 2、 before them."""
    text = unicodedata.normalize("NFKC", clean(written))
    filled = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(filled, start=1):
        yield number, _NUMBERED.sub("", line)


def stops(written: str, first: date, last: date, *, today: date) -> list[StopPlan]:
    """A line for each place: `12月20日 10:00 place / what is done there / host number`.

    A day may be written 第2天; a line without one lies on the day of the line before. An hour may
    be a span, 10:00-12:00: its end is kept with what is done there. Raises
    VisitNotClear, VisitStopUnclear, VisitStopOutside.
    """
    found: list[StopPlan] = []
    day = first
    for number, line in _lines(written):
        head, *rest = _APART.split(line)
        day, at, until, destination = _when(head, day, first=first, today=today)
        if not first <= day <= last:
            raise VisitStopOutside(line=number, day=day)
        if not destination or len(rest) > 2:
            raise VisitStopUnclear(line=number)
        programme, host = [*rest, "", ""][:2]
        plan = StopPlan(destination, day, at, with_end(programme, until), *_host(host))
        found.append(stop(number, plan))
    if not 1 <= len(found) <= MOST_STOPS:
        raise VisitLines(field="stops", limit=MOST_STOPS)
    check_room(found)
    return in_order(found)


def hours(written: str) -> tuple[time, time | None]:
    """From when on, and until when where that is said: 9:30, 10:00-12:00; HourNotUnderstood."""
    span = span_first(written)
    if span is None:
        return read_hour(written), None
    begins, ends, rest = span
    if rest:
        raise HourNotUnderstood
    return begins, ends


def with_end(programme: str, until: time | None) -> str:
    """What is done at a place with the hour until which it lasts: 座谈（至12:00）."""
    if until is None:
        return programme
    is_latin = programme.isascii() and programme != ""
    end = f" (to {until:%H:%M})" if is_latin else f"（至{until:%H:%M}）"
    return programme + end


def check_room(found: list[StopPlan]) -> None:
    """Raises VisitNotClear for a programme that no message holds."""
    texts = ((one.destination, one.programme, one.host_name, one.host_contact) for one in found)
    if sum(len(text) for row in texts for text in row) > PROGRAMME_LIMIT:
        raise VisitNotClear(field="stops", limit=PROGRAMME_LIMIT)


def in_order(found: list[StopPlan]) -> list[StopPlan]:
    """Places by day and hour; those without an hour stay where they were written."""
    last: dict[date, time] = {}
    keyed = []
    for place, one in enumerate(found):
        at = one.at or last.get(one.day, time())
        last[one.day] = at
        keyed.append((one.day, at, place, one))
    return [one for *_, one in sorted(keyed, key=lambda row: row[:3])]


def stop(number: int, written: StopPlan) -> StopPlan:
    """A place whose texts have their lengths; VisitStopUnclear names the line where not."""
    lengths = {
        "destination": LIMITS["destination"],
        "programme": LIMITS["programme"],
        "host_name": LIMITS["host"],
        "host_contact": LIMITS["contact"],
    }
    texts = {name: " ".join(getattr(written, name).split()) for name in lengths}
    if not texts["destination"] or any(len(texts[name]) > lengths[name] for name in lengths):
        raise VisitStopUnclear(line=number)
    return StopPlan(day=written.day, at=written.at, **texts)


def _when(
    head: str, day: date, *, first: date, today: date
) -> tuple[date, time | None, time | None, str]:
    """The day, from when until when, and the rest of what a line begins with."""
    numbered, rest = _DAY.match(head), head
    if numbered:
        day = first + timedelta(days=_number(numbered) - 1)
        rest = head[numbered.end() :]
    elif span_first(head) is None:
        # 10-12点 is no date, though it begins like one.
        with suppress(DateNotUnderstood):
            day, rest = date_first(head, today=today)
    if span := span_first(rest.strip()):
        return day, *span
    word, _, after = rest.strip().partition(" ")
    try:
        return day, read_hour(word), None, after.strip()
    except HourNotUnderstood:
        return day, None, None, rest.strip()


def day_number(written: str) -> int | None:
    """Which day of a journey 第2天 is; None for anything else."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", written).strip())
    return _number(found) if found else None


def _number(found: "re.Match[str]") -> int:
    written = found["number"] or found["english"]
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)


def _host(written: str) -> tuple[str, str]:
    """A name and a number to call, whichever of the two is there."""
    words = [word for word in _WORDS.split(written) if word]
    numbers = [word for word in words if _NUMBER_TO_CALL.search(word)]
    return " ".join(word for word in words if word not in numbers), " ".join(numbers)


def host(written: str) -> tuple[str, str]:
    """A host as name and number."""
    return _host(unicodedata.normalize("NFKC", clean(written)))


def officials(written: str) -> list[Official]:
    """A line for each: `姓名 职务 单位 电话`, by spaces or slashes; all but the name may lack.

    Raises VisitNotClear, VisitOfficialUnclear.
    """
    found = [official(number, line) for number, line in _lines(written)]
    if not 1 <= len(found) <= MOST_OFFICIALS:
        raise VisitLines(field="officials", limit=MOST_OFFICIALS)
    return found


def official(number: int, line: str) -> Official:
    """One official out of one line; raises VisitOfficialUnclear."""
    pieces = _APART.split(line) if _APART.search(line) else _WORDS.split(line)
    pieces = [" ".join(piece.split()) for piece in pieces if piece.strip()]
    numbers = [piece for piece in pieces if _NUMBER_TO_CALL.search(piece)]
    words = [piece for piece in pieces if piece not in numbers]
    name, post, *unit = [*words, "", ""] if words else ["", "", ""]
    return official_of(number, name, post, " ".join(unit).strip(), phone=" ".join(numbers))


def official_of(number: int, name: str, post: str, unit_name: str, *, phone: str) -> Official:
    """An official whose texts have their lengths; raises VisitOfficialUnclear."""
    try:
        name = usable_name(name)
    except NameNotUsable as error:
        raise VisitOfficialUnclear(line=number) from error
    found = Official(name, post, unit_name, phone)
    for text, field in ((post, "post"), (unit_name, "unit"), (phone, "phone")):
        if len(text) > LIMITS[field]:
            raise VisitOfficialUnclear(line=number)
    return found
