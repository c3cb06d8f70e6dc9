"""What is written about a training, read: names, hours of a day, topics with their trainers."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from curriculum.clean_text import clean
from curriculum.errors import HourNotUnderstood
from curriculum.people import COORDINATOR, LEARNER, SUPERVISOR, ZONE
from curriculum.rhythm import moment_at
from curriculum.training_errors import (
    TrainingHours,
    TrainingLines,
    TrainingNotClear,
    TrainingNumberNotClear,
)
from curriculum.written_numbers import in_digits
from curriculum.written_times import read_hour

TITLE_LIMIT, PLACE_LIMIT, ORGANISER_LIMIT, TOPIC_LIMIT, NAME_LIMIT = 40, 80, 40, 60, 40
REASON_LIMIT = 80
MOST_PLACES, MOST_DAYS, HALF_DAYS_A_DAY = 2_000, 7, 3
LONGEST, SHORTEST = 8 * 60, 15
ROLE_WORDS = {
    "社工": LEARNER,
    "学员": LEARNER,
    "learner": LEARNER,
    "learners": LEARNER,
    "督导者": SUPERVISOR,
    "督导": SUPERVISOR,
    "supervisor": SUPERVISOR,
    "supervisors": SUPERVISOR,
    "协调员": COORDINATOR,
    "coordinator": COORDINATOR,
    "coordinators": COORDINATOR,
}
_APART = re.compile(r"[、，,;；\n\t]+")
_SPANS = re.compile(r"(?<![-–—~至到])[\s、，,;；和]+(?![-–—~至到])")
_SPAN = re.compile(r"(?P<first>.+?)\s*(?:-|–|—|~|至|到)\s*(?P<last>.+)")
_TRAINER = re.compile(r"\s*[/|]\s*|\s*[,，;；\t]\s*")
# A half day on which nothing is planned.
NOTHING = ("-", "—", "无", "休息", "none")


@dataclass(frozen=True, slots=True)
class PeriodPlan:
    """One half day as it is planned."""

    starts_at: datetime
    minutes: int
    topic: str
    trainer: str


def one_line(written: str, field: str, limit: int) -> str:
    """A text on one line, 1 to `limit` characters; raises TrainingNotClear."""
    line = " ".join(clean(written).split())
    if not 1 <= len(line) <= limit:
        raise TrainingNotClear(field=field, limit=limit)
    return line


def title(written: str) -> str:
    """A training's title."""
    return one_line(written, "title", TITLE_LIMIT)


def place(written: str) -> str:
    """Where it is held."""
    return one_line(written, "place", PLACE_LIMIT)


def organiser(written: str) -> str:
    """Who holds it."""
    return one_line(written, "organiser", ORGANISER_LIMIT)


def reason(written: str) -> str:
    """Why it does not take place."""
    return one_line(written, "reason", REASON_LIMIT)


def places(written: str) -> int:
    """How many can come: 40, 40人; raises TrainingNotClear."""
    return _number(written, "places", MOST_PLACES, "人")


def days(written: str) -> int:
    """How many days it takes: 2, 3天, 两天; raises TrainingNotClear."""
    return _number(written, "days", MOST_DAYS, "天")


def _number(written: str, field: str, most: int, unit: str) -> int:
    text = unicodedata.normalize("NFKC", written).strip().removesuffix(unit).strip()
    text = in_digits(text)
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and 1 <= int(text) <= most):
        raise TrainingNumberNotClear(field=field, limit=most)
    return int(text)


def hours(written: str) -> list[tuple[time, int]]:
    """The half days of a day as (start, minutes): 9:30-12:30 15:00-18:00; raises TrainingHours."""
    text = unicodedata.normalize("NFKC", clean(written)).strip()
    spans = [_span(part) for part in _SPANS.split(text) if part]
    ends = [(_minute(start), _minute(start) + minutes) for start, minutes in spans]
    follow = all(end <= start for (_, end), (start, _) in pairwise(ends))
    if not 1 <= len(spans) <= HALF_DAYS_A_DAY or not follow:
        raise TrainingHours
    return spans


def _span(written: str) -> tuple[time, int]:
    found = _SPAN.fullmatch(written)
    if found is None:
        raise TrainingHours
    return span(found["first"], found["last"])


def span(first: str, last: str) -> tuple[time, int]:
    """A start and an end as (start, minutes); raises TrainingHours."""
    try:
        start, end = read_hour(first), read_hour(last)
    except HourNotUnderstood as error:
        raise TrainingHours from error
    minutes = _minute(end) - _minute(start)
    if not SHORTEST <= minutes <= LONGEST:
        raise TrainingHours
    return start, minutes


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def topics(written: str, wanted: int) -> list[tuple[str, str] | None]:
    """A line for each half day: its topic and, behind a slash, who gives it; - for none.

    Raises TrainingLines for more or fewer lines than `wanted`, TrainingNotClear for a long one.
    """
    lines = [line.strip() for line in clean(written).splitlines() if line.strip()]
    lines = [re.sub(r"^\s*\d{1,2}\s*[.、．)）]\s*", "", line) for line in lines]
    if len(lines) != wanted or all(line in NOTHING for line in lines):
        raise TrainingLines(wanted=wanted, found=len(lines))
    return [None if line in NOTHING else _topic(line) for line in lines]


def _topic(line: str) -> tuple[str, str]:
    topic, *rest = _TRAINER.split(unicodedata.normalize("NFKC", line), maxsplit=1)
    return one_line(topic, "topic", TOPIC_LIMIT), trainer(rest[0] if rest else "")


def trainer(written: str) -> str:
    """Who gives a half day, "" where that is open yet; raises TrainingNotClear."""
    return one_line(written, "trainer", NAME_LIMIT) if written.strip() else ""


def lay_out(
    first: date,
    count: int,
    spans: Sequence[tuple[time, int]],
    lines: Sequence[tuple[str, str] | None],
) -> list[PeriodPlan]:
    """The half days of `count` days from `first` on, each with its line; without the empty ones."""
    slots = [
        (moment_at(first + timedelta(days=day), start, ZONE), minutes)
        for day in range(count)
        for start, minutes in spans
    ]
    return [
        PeriodPlan(starts_at, minutes, *line)
        for (starts_at, minutes), line in zip(slots, lines, strict=True)
        if line is not None
    ]


def ends_at(starts_at: datetime, minutes: int) -> datetime:
    """When a half day ends."""
    return starts_at + timedelta(minutes=minutes)


def names(written: str) -> list[str]:
    """The names in a list of units, cohorts and roles, each once."""
    found = (" ".join(name.split()) for name in _APART.split(clean(written)))
    return list(dict.fromkeys(name for name in found if name))
