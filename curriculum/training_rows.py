"""A training as one sheet holds it: read whole, with every fault named by its row and column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from curriculum import training_plans, training_words
from curriculum.event_access import units_of
from curriculum.event_sheets import Fault, Fields, Reading, Rows
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_errors import TrainingHours
from curriculum.training_events import RUN
from curriculum.training_plans import Plan
from curriculum.training_words import PeriodPlan
from curriculum.written_times import read_date

# What stands beside each other in two columns, and the columns of the half days.
FIELDS = ("title", "organiser", "place", "places", "deadline", "invited", "unit")
NEEDED = ("title", "place", "places", "deadline", "invited")
COLUMNS = ("date", "from", "to", "topic", "trainer")
MOST_PERIODS = training_words.MOST_DAYS * training_words.HALF_DAYS_A_DAY


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet as it was written: fields with their lines, half days with theirs."""

    fields: Fields
    periods: Rows
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The plan a sheet makes, or what has to be mended first; `names` is whom it is for."""

    plan: Plan | None
    names: str
    faults: tuple[Fault, ...]


def check(session: Session, speaker: Speaker, written: Written, *, now: datetime) -> Checked:
    """Read a whole sheet; raises NotThere for who arranges no training."""
    reading = Reading(written.faults)
    units = units_of(session, speaker, RUN)
    reading.need(written.fields, NEEDED)
    unit_id, unit_name = reading.unit(written.fields, units, unknown="training_invited")
    values: dict[str, Any] = {}
    for name, (line, text) in written.fields.items():
        read = _reader(session, speaker, name, text, unit_id=unit_id, now=now)
        if read is not None:
            values[name] = reading.take(line, name, read)
    values.setdefault("organiser", unit_name)
    periods = _periods(written, reading, now=now)
    if not periods and not reading.faults:
        reading.blame(0, "topic", "no_periods")
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
        return Checked(None, names, reading.faults)
    values.pop("unit", None)
    plan = Plan(unit_id=unit_id, periods=tuple(periods), **values)
    return Checked(plan, names, ())


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


def _periods(written: Written, reading: Reading, *, now: datetime) -> list[PeriodPlan]:
    """The half days in their order, none within another."""
    found: list[tuple[int, PeriodPlan]] = []
    for line, cells in written.periods[: MOST_PERIODS + 1]:
        plan = _period(line, cells, reading, now=now)
        if plan is not None:
            found.append((line, plan))
    if len(written.periods) > MOST_PERIODS:
        reading.blame(0, "topic", "too_many_periods", limit=MOST_PERIODS)
    found.sort(key=lambda one: one[1].starts_at)
    end: datetime | None = None
    for line, plan in found:
        if end is not None and plan.starts_at < end:
            reading.blame(line, "from", "periods_overlap")
        end = training_words.ends_at(plan.starts_at, plan.minutes)
    return [plan for _, plan in found]


def _period(
    line: int, cells: Mapping[str, str], reading: Reading, *, now: datetime
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
