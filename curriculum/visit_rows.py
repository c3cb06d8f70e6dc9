"""A visit as one workbook holds it: read whole, with every fault named by its row and column."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from sqlmodel import Session

from curriculum import visit_plans, visit_words
from curriculum.event_access import units_of
from curriculum.event_sheets import Fault, Fields, Reading, Rows
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_errors import VisitStopOutside
from curriculum.visit_pages import RUN
from curriculum.visit_plans import Plan
from curriculum.visit_words import Official, StopPlan
from curriculum.written_times import read_date
from storage import visit_people as lines
from storage.people import Unit

# What stands beside each other in two columns, the columns of the places, those of the people.
FIELDS = ("title", "aims", "first_day", "days", "organiser", "packing", "unit")
NEEDED = ("title", "aims", "first_day", "days")
COLUMNS = ("date", "at", "destination", "programme", "host_name", "host_contact")
PEOPLE = ("name", "post", "unit_name", "phone")


@dataclass(frozen=True, slots=True)
class Written:
    """A workbook as it was written: fields, places and people, each with its line."""

    fields: Fields
    stops: Rows
    people: Rows
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """The plan a workbook makes with its people, or what has to be mended first."""

    plan: Plan | None
    person_ids: tuple[int, ...]
    officials: tuple[Official, ...]
    faults: tuple[Fault, ...]


def check(
    session: Session,
    speaker: Speaker,
    written: Written,
    *,
    usual: Sequence[str],
    now: datetime,
) -> Checked:
    """Read a whole workbook; `usual` is packed where it says nothing. NotThere: arranges none."""
    reading = Reading(written.faults)
    units = units_of(session, speaker, RUN)
    reading.need(written.fields, NEEDED)
    unit_id, unit_name = reading.unit(written.fields, units, unknown="unit_unknown")
    values: dict[str, Any] = {"organiser": unit_name, "packing": list(usual)}
    for name, (line, text) in written.fields.items():
        if name != "unit":
            values[name] = reading.take(line, name, partial(_field, name, text, now=now))
    stops = _stops(written, reading, values, now=now)
    if not stops and not reading.faults:
        reading.blame(0, "destination", "no_stops")
    person_ids, officials = _people(session, unit_id, written, reading)
    if reading.faults:
        return Checked(None, (), (), reading.faults)
    plan = Plan(
        unit_id=unit_id,
        title=values["title"],
        aims=values["aims"],
        organiser=values["organiser"],
        starts_on=values["first_day"],
        ends_on=visit_plans.last_day(values["first_day"], values["days"]),
        stops=tuple(visit_words.in_order(stops)),
        packing=tuple(values["packing"]),
    )
    return Checked(plan, tuple(dict.fromkeys(person_ids)), tuple(officials), ())


def _field(name: str, text: str, *, now: datetime) -> Any:
    if name == "first_day":
        day = read_date(text, today=local_date(now, ZONE))
        visit_plans.check_dates(day, now=now)
        return day
    if name == "days":
        return visit_words.days(text)
    if name == "packing":
        return visit_words.packing(text)
    return visit_words.one_line(text, name)


def _stops(
    written: Written, reading: Reading, values: Mapping[str, Any], *, now: datetime
) -> list[StopPlan]:
    """The places, each on a day of the journey; without an own day on that of the one before."""
    first, count = values.get("first_day"), values.get("days")
    if first is None or count is None:
        return []
    last, day = visit_plans.last_day(first, count), first
    today = local_date(now, ZONE)
    found = []
    for number, (line, cells) in enumerate(written.stops[: visit_words.MOST_STOPS + 1], start=1):
        text = cells.get("date", "")
        on = reading.take(line, "date", partial(_day, text, day, first=first, today=today))
        at = cells.get("at", "")
        hours = reading.take(line, "at", partial(visit_words.hours, at)) if at else None
        hour, until = hours or (None, None)
        if on is None:
            continue
        day = on
        if not first <= on <= last:
            reading.blame(line, "date", VisitStopOutside.code, line=line, day=on)
            continue
        plan = StopPlan(
            cells.get("destination", ""),
            on,
            hour,
            visit_words.with_end(cells.get("programme", ""), until),
            *(cells.get(name, "") for name in ("host_name", "host_contact")),
        )
        read = reading.take(line, "destination", partial(visit_words.stop, number, plan))
        found += [read] if read is not None else []
    if len(written.stops) > visit_words.MOST_STOPS:
        reading.blame(0, "destination", "visit_lines", limit=visit_words.MOST_STOPS)
    reading.take(0, "programme", partial(visit_words.check_room, found))
    return found


def _day(text: str, before: date, *, first: date, today: date) -> date:
    if not text:
        return before
    numbered = visit_words.day_number(text)
    return first + timedelta(days=numbered - 1) if numbered else read_date(text, today=today)


def _people(
    session: Session, unit_id: int, written: Written, reading: Reading
) -> tuple[list[int], list[Official]]:
    """Learners by name, told apart by unit; whoever has a post is an official."""
    known = lines.roster(session, [session.get_one(Unit, unit_id).path]) if written.people else []
    ids: list[int] = []
    officials: list[Official] = []
    for line, cells in written.people:
        name, post = cells.get("name", ""), cells.get("post", "")
        unit = cells.get("unit_name", "")
        if post or not name:
            read = partial(
                visit_words.official_of, line, name, post, unit, phone=cells.get("phone", "")
            )
            one = reading.take(line, "name", read)
            officials += [one] if one is not None else []
            continue
        bearing = [p for p in known if p.name == name and unit in ("", p.unit_name)]
        if len(bearing) == 1:
            ids.append(bearing[0].person_id)
        else:
            code = "person_several" if bearing else "person_unknown"
            reading.blame(line, "name", code, name=name)
    return ids, officials
