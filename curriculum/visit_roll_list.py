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
from curriculum.visit_log_errors import VisitUndoTooLate
from curriculum.visit_roll import UNDO, to_call
from storage import visit_logs as logs
from storage import visits as stored
from storage.gathering_people import Expected
from storage.visits import ExchangeVisit

# (line, day, whether she stood as there before, whether she does since).
Change = tuple[int, date, bool, bool]


@dataclass(frozen=True, slots=True)
class Entered:
    """What was entered: how many were there and how many were not; `day` None for all days.

    `changes` is what it changed, for `undo`.
    """

    day: date | None
    there: int
    absent: int
    changes: tuple[Change, ...] = ()


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
    before = days_there(session, visit)
    changes = [
        (line_id, one, one in before[line_id], there)
        for line_id, there in is_there.items()
        for one in wanted
    ]
    _mark(session, speaker, visit, changes, now=now)
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
    changed = tuple(one for one in changes if one[2] != one[3])
    return Entered(day, len(set(line_ids)), len(missing), changed)


def _mark(
    session: Session,
    speaker: Speaker,
    visit: ExchangeVisit,
    changes: Sequence[Change],
    *,
    now: datetime,
) -> None:
    """Note what is so since, and where the roll is confirmed let the ledger follow."""
    for line_id, day, _, there in changes:
        logs.mark(session, line_id, day, is_there=there, by=speaker.person_id, now=now)
    report = report_of(session, visit.id or 0, lock=True)
    if report.confirmed_at is None:
        return
    lines = {line_id for line_id, *_ in changes}
    people = [one for one in stored.people(session, visit.id or 0) if one.id in lines]
    settle(session, visit, report, people, by=speaker.person_id, now=now)


def undo(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    changes: Sequence[Change],
    *,
    entered_at: datetime,
    now: datetime,
) -> int:
    """撤销 of a list for ten minutes; gives how many marks are as they were.

    What somebody changed again meanwhile stays. Raises NotThere, VisitNotBegun, VisitUndoTooLate.
    """
    visit = to_call(session, speaker, visit_id, now=now, lock=True)
    if now - entered_at >= UNDO:
        raise VisitUndoTooLate(minutes=UNDO.seconds // 60)
    there = days_there(session, visit)
    back = [
        (line_id, day, since, before)
        for line_id, day, before, since in changes
        if line_id in there and (day in there[line_id]) == since
    ]
    _mark(session, speaker, visit, back, now=now)
    write_down(
        session,
        visit_id,
        "undo_visit_list",
        actor_id=speaker.person_id,
        now=now,
        marks=len(back),
    )
    return len(back)
