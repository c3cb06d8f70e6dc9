"""A training as one sheet holds it: read whole, with every fault named by its row and column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlmodel import Session

from curriculum import training_plans, training_words
from curriculum.errors import Refusal
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_errors import TrainingHours
from curriculum.training_plans import Plan
from curriculum.training_words import PeriodPlan
from curriculum.written_times import read_date

T = TypeVar("T")
# What stands beside each other in two columns, and the columns of the half days.
FIELDS = ("title", "organiser", "place", "places", "deadline", "invited", "unit")
NEEDED = ("title", "place", "places", "deadline", "invited")
COLUMNS = ("date", "from", "to", "topic", "trainer")
MOST_PERIODS = training_words.MOST_DAYS * training_words.HALF_DAYS_A_DAY


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: `line` from 1, 0 for the whole; `column` a field or column, or ""."""

    line: int
    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet as it was written: fields with their lines, half days with theirs."""

    fields: Mapping[str, tuple[int, str]]
    periods: Sequence[tuple[int, Mapping[str, str]]]
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The plan a sheet makes, or what has to be mended first; `names` is whom it is for."""

    plan: Plan | None
    names: str
    faults: tuple[Fault, ...]


class _Reading:
    """Collects what is wrong while everything is read, so that all of it is said at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)

    def take(self, line: int, column: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; a refusal becomes a fault."""
        try:
            return read()
        except Refusal as refusal:
            self.faults.append(Fault(line, column, refusal.code, refusal.facts))
            return None


def check(session: Session, speaker: Speaker, written: Written, *, now: datetime) -> Checked:
    """Read a whole sheet; raises NotThere for who arranges no training."""
    reading = _Reading(written.faults)
    units = training_plans.units_of(session, speaker)
    for name in NEEDED:
        if name not in written.fields:
            reading.faults.append(Fault(0, name, "field_missing"))
    unit_id, unit_name = _unit(written, units, reading)
    values: dict[str, Any] = {}
    for name, (line, text) in written.fields.items():
        read = _reader(session, speaker, name, text, unit_id=unit_id, now=now)
        if read is not None:
            values[name] = reading.take(line, name, read)
    values.setdefault("organiser", unit_name)
    periods = _periods(written, reading, now=now)
    if not periods and not reading.faults:
        reading.faults.append(Fault(0, "topic", "no_periods"))
    if periods and values.get("deadline") is not None:
        starts_at, _ = training_plans.span_of(periods)
        line = written.fields["deadline"][0]
        reading.take(
            line,
            "deadline",
            lambda: training_plans.check_dates(starts_at, values["deadline"], now=now),
        )
    names = written.fields.get("invited", (0, ""))[1]
    if reading.faults:
        ordered = sorted(reading.faults, key=lambda one: one.line)
        return Checked(None, names, tuple(ordered))
    values.pop("unit", None)
    plan = Plan(unit_id=unit_id, periods=tuple(periods), **values)
    return Checked(plan, names, ())


def _unit(written: Written, units: Sequence[tuple[int, str]], reading: _Reading) -> tuple[int, str]:
    """Whose training it is: the one she looks after, or which of several."""
    line, name = written.fields.get("unit", (0, ""))
    found = [one for one in units if not name or one[1] == name]
    if len(found) == 1:
        return found[0]
    if not name:
        reading.faults.append(Fault(0, "unit", "field_missing"))
    else:
        reading.faults.append(Fault(line, "unit", "training_invited", {"name": name}))
    return units[0]


def _reader(
    session: Session, speaker: Speaker, name: str, text: str, *, unit_id: int, now: datetime
) -> Callable[[], Any] | None:
    simple: dict[str, Callable[[str], Any]] = {
        "title": training_words.title,
        "organiser": training_words.organiser,
        "place": training_words.place,
        "places": training_words.places,
    }
    if name in simple:
        return lambda: simple[name](text)
    if name == "deadline":
        return lambda: read_date(text, today=local_date(now, ZONE))
    if name == "invited":
        return lambda: training_plans.read_invited(session, speaker, unit_id, text, now=now)
    return None


def _periods(written: Written, reading: _Reading, *, now: datetime) -> list[PeriodPlan]:
    """The half days in their order, none within another."""
    found: list[tuple[int, PeriodPlan]] = []
    for line, cells in written.periods[: MOST_PERIODS + 1]:
        plan = _period(line, cells, reading, now=now)
        if plan is not None:
            found.append((line, plan))
    if len(written.periods) > MOST_PERIODS:
        reading.faults.append(Fault(0, "topic", "too_many_periods", {"limit": MOST_PERIODS}))
    found.sort(key=lambda one: one[1].starts_at)
    end: datetime | None = None
    for line, plan in found:
        if end is not None and plan.starts_at < end:
            reading.faults.append(Fault(line, "from", "periods_overlap"))
        end = training_words.ends_at(plan.starts_at, plan.minutes)
    return [plan for _, plan in found]


def _period(
    line: int, cells: Mapping[str, str], reading: _Reading, *, now: datetime
) -> PeriodPlan | None:
    today = local_date(now, ZONE)
    day = reading.take(line, "date", lambda: read_date(cells.get("date", ""), today=today))
    span = reading.take(line, "from", lambda: _span(cells.get("from", ""), cells.get("to", "")))
    topic = reading.take(
        line,
        "topic",
        lambda: training_words.one_line(
            cells.get("topic", ""), "topic", training_words.TOPIC_LIMIT
        ),
    )
    trainer = reading.take(
        line, "trainer", lambda: training_words.trainer(cells.get("trainer", ""))
    )
    if day is None or span is None or topic is None or trainer is None:
        return None
    return PeriodPlan(moment_at(day, span[0], ZONE), span[1], topic, trainer)


def _span(first: str, last: str) -> Any:
    if not first or not last:
        raise TrainingHours
    return training_words.span(first, last)
