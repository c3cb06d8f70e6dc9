"""Who was there as one sheet for all half days: handed out, and entered when it comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import training_attendance, training_events
from curriculum.errors import NotThere
from curriculum.event_access import path_of
from curriculum.event_sheets import Fault
from curriculum.people import Speaker
from curriculum.training_attendance import IMPORTED, OPENS_BEFORE
from curriculum.training_events import PRESENT
from storage import directory, trainings
from storage import training_attendance as stored
from storage import training_people as people
from storage.trainings import PUBLISHED, TrainingEvent, TrainingPeriod

# What people write for "was there", and for "was not"; the latter changes nothing.
YES = ("✓", "√", "v", "1", "到", "到了", "来", "来了", "是", "有", "y", "yes", "here")
NO = ("", "0", "没到", "没来", "缺", "否", "×", "x", "n", "no", "-", "absent")


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the sheet; `here` are the half days she is known to have been in."""

    person_id: int
    name: str
    unit: str
    here: frozenset[int]


@dataclass(frozen=True, slots=True)
class MarksSheet:
    """A training's half days, as (id, start, topic), and everybody on its list by station."""

    event_id: int
    title: str
    periods: tuple[tuple[int, datetime, str], ...]
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it came back: `person_id` "" for who was written in by hand; marks by half day."""

    line: int
    person_id: str
    name: str
    unit: str
    marks: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Written:
    """A sheet that came back."""

    event_id: int
    rows: Sequence[Row]
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One half day: who is news, and who of them was not on the list."""

    period_id: int
    starts_at: datetime
    topic: str
    person_ids: tuple[int, ...]
    walk_ins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a sheet would enter, or what has to be mended first."""

    event_id: int
    title: str
    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...]


def _to_mark(session: Session, speaker: Speaker, event_id: int) -> TrainingEvent:
    event = trainings.event(session, event_id, bot=speaker.bot)
    is_hers = event is not None and training_events.arranges(session, speaker, event)
    if event is None or not is_hers or event.state != PUBLISHED:
        raise NotThere
    return event


def sheet(session: Session, speaker: Speaker, event_id: int) -> MarksSheet:
    """The sheet to fill in, for whoever arranges the training; raises NotThere."""
    event = _to_mark(session, speaker, event_id)
    periods = trainings.periods(session, event_id)
    here: dict[int, set[int]] = {}
    lines = {}
    for period in periods:
        for one in stored.roll(session, period):
            lines[one.person_id] = one
            if one.state in PRESENT:
                here.setdefault(one.person_id, set()).add(period.id or 0)
    return MarksSheet(
        event_id,
        event.title,
        tuple((one.id or 0, one.starts_at, one.topic) for one in periods),
        tuple(
            Person(one.person_id, one.name, one.unit_name, frozenset(here.get(one.person_id, ())))
            for one in lines.values()
        ),
    )


def check(session: Session, speaker: Speaker, written: Written, *, now: datetime) -> Checked:
    """What a sheet would enter; every fault of it at once. Raises NotThere."""
    event = _to_mark(session, speaker, written.event_id)
    periods = {one.id or 0: one for one in trainings.periods(session, written.event_id)}
    rolls = {
        period_id: {one.person_id: one.state for one in stored.roll(session, period)}
        for period_id, period in periods.items()
    }
    listed = {person_id for roll in rolls.values() for person_id in roll}
    faults = list(written.faults)
    news: dict[int, tuple[list[int], list[int]]] = {one: ([], []) for one in periods}
    for row in written.rows:
        person_id = _person(session, event, row, listed, faults)
        for period_id, mark in row.marks.items():
            is_here = _read(row, mark, periods.get(period_id), faults, now=now)
            if not is_here or person_id is None or period_id not in rolls:
                continue
            known, fresh = news[period_id]
            if person_id not in rolls[period_id]:
                fresh.append(person_id)
            elif rolls[period_id][person_id] not in PRESENT:
                known.append(person_id)
    entries = tuple(
        Entry(
            period_id,
            periods[period_id].starts_at,
            periods[period_id].topic,
            tuple(dict.fromkeys(known)),
            tuple(dict.fromkeys(fresh)),
        )
        for period_id, (known, fresh) in news.items()
        if known or fresh
    )
    return Checked(written.event_id, event.title, () if faults else entries, tuple(faults))


def _person(
    session: Session, event: TrainingEvent, row: Row, listed: set[int], faults: list[Fault]
) -> int | None:
    """Whom a line means: by its number, else the one person of the unit who bears the name."""
    if row.person_id:
        if row.person_id.isdecimal() and int(row.person_id) in listed:
            return int(row.person_id)
        faults.append(Fault(row.line, "person", "person_number_unknown"))
        return None
    found = people.named(session, row.name, path_of(session, event))
    if len(found) > 1 and row.unit:
        grants = {one.person_id: one.unit_name for one in _homes(session, event, row.name)}
        found = [person_id for person_id in found if grants.get(person_id) == row.unit]
    if len(found) == 1:
        return found[0]
    code = "person_several" if found else "person_unknown"
    faults.append(Fault(row.line, "name", code, {"name": row.name}))
    return None


def _homes(session: Session, event: TrainingEvent, name: str) -> list[directory.Findable]:
    everybody = directory.findable(session, [path_of(session, event)])
    return [one for one in everybody if one.name == name]


def _read(
    row: Row, mark: str, period: TrainingPeriod | None, faults: list[Fault], *, now: datetime
) -> bool:
    written = mark.strip().casefold()
    if written in NO:
        return False
    if written not in YES:
        faults.append(Fault(row.line, "mark", "mark_unknown", {"written": mark[:10]}))
    elif period is None:
        faults.append(Fault(row.line, "mark", "period_unknown"))
    elif now < period.starts_at - OPENS_BEFORE:
        faults.append(Fault(row.line, "mark", "period_ahead"))
    else:
        return True
    return False


def enter(
    session: Session,
    speaker: Speaker,
    event_id: int,
    entries: Sequence[tuple[int, Sequence[int], Sequence[int]]],
    *,
    now: datetime,
) -> int:
    """Enter (half day, who is on its list, who is not); gives how many were news.

    Raises NotThere and what calling the roll raises.
    """
    _to_mark(session, speaker, event_id)
    count = 0
    for period_id, person_ids, walk_ins in entries:
        for person_id in walk_ins:
            training_attendance.add_walk_in(
                session, speaker, period_id, person_id, evidence=IMPORTED, now=now
            )
        count += len(walk_ins) + training_attendance.enter(
            session, speaker, period_id, list(person_ids), now=now
        )
    return count
