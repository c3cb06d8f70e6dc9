"""A pasted 接龙 for the roll of a visit: who was there, on one day or all along, and who was not.

On this roll everybody expected stands as there, so a list says something of whom it leaves out too;
whoever enters it decides whether that counts.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import chain_list
from curriculum.chain_list import Matched
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.visit_access import days_of, days_so_far, days_there, report_of, write_down
from curriculum.visit_ledger import settle
from curriculum.visit_roll import to_call
from storage import visit_logs as logs
from storage import visits as stored
from storage.gathering_people import Expected
from storage.visits import ExchangeVisit


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered: how many were there and how many were not; `day` None for all days."""

    day: date | None
    there: int
    absent: int


def days(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> list[date]:
    """The days a list can be of, those that have begun; raises NotThere, VisitNotBegun."""
    return days_so_far(to_call(session, speaker, visit_id, now=now), now=now)


def match(
    session: Session, speaker: Speaker, visit_id: int, text: str, *, now: datetime
) -> Matched:
    """Match a pasted list to the roll, officials too; ids are those of its lines.

    Raises NotThere, VisitNotBegun, NoNumbers.
    """
    to_call(session, speaker, visit_id, now=now)
    lines = [
        Expected(one.id or 0, one.name, one.unit_name, one.state, "", is_away=False)
        for one in stored.people(session, visit_id)
        if one.name
    ]
    return chain_list.match(text, lines)


def left_out(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    line_ids: Collection[int],
    *,
    day: date | None,
    now: datetime,
) -> list[tuple[int, str]]:
    """(line, name) of who stands as there and is not among these; raises NotThere, VisitNotBegun.

    `day` is the day the list is of, None for all days.
    """
    visit = to_call(session, speaker, visit_id, now=now)
    wanted = set(_days(visit, day))
    there = days_there(session, visit)
    return [
        (one.id or 0, one.name)
        for one in stored.people(session, visit_id)
        if one.id not in line_ids and wanted & set(there[one.id or 0])
    ]


def _days(visit: ExchangeVisit, day: date | None) -> list[date]:
    """The days a list is entered for; raises NotThere for one that is not of the journey."""
    every = days_of(visit)
    if day is not None and day not in every:
        raise NotThere
    return every if day is None else [day]


def enter(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    line_ids: Sequence[int],
    *,
    absent: Sequence[int] = (),
    with_others: bool = False,
    day: date | None = None,
    now: datetime,
) -> Entered:
    """Enter who the list says was there, and who was not (`absent`); where the roll is confirmed
    the ledger follows at once.

    With `with_others` whom the list leaves out was not there either. Raises NotThere,
    VisitNotBegun.
    """
    visit = to_call(session, speaker, visit_id, now=now, lock=True)
    by_id = {one.id or 0: one for one in stored.people(session, visit_id)}
    if not by_id.keys() >= {*line_ids, *absent}:
        raise NotThere
    wanted = _days(visit, day)
    missing = set(absent) - set(line_ids)
    if with_others:
        known = {*line_ids, *missing}
        others = left_out(session, speaker, visit_id, known, day=day, now=now)
        missing |= {line_id for line_id, _ in others}
    is_there = dict.fromkeys(line_ids, True) | dict.fromkeys(sorted(missing), False)
    for line_id, there in is_there.items():
        for one in wanted:
            logs.mark(session, line_id, one, is_there=there, by=speaker.person_id, now=now)
    report = report_of(session, visit_id, lock=True)
    if report.confirmed_at is not None:
        changed = [by_id[line_id] for line_id in is_there]
        settle(session, visit, report, changed, by=speaker.person_id, now=now)
    write_down(
        session,
        visit_id,
        "enter_visit_list",
        actor_id=speaker.person_id,
        now=now,
        day=day.isoformat() if day is not None else None,
        there=len(set(line_ids)),
        absent=len(missing),
    )
    return Entered(day, len(set(line_ids)), len(missing))
