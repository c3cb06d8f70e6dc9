"""外出参观交流学: who of a batch is told what and when, and what each message says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session

from curriculum import visit_owing
from curriculum.event_words import change_name, invitation_name, said, subjects, verdicts
from curriculum.facts import Facts, NotWanted, Verdict
from curriculum.visit_owing import (
    AHEAD,
    CHANGED,
    CONCERNED,
    DAY,
    EVE,
    PLACE,
    VERDICT,
)
from curriculum.visit_pages import ends_at, plans, starts_at
from curriculum.visit_words import StopPlan
from storage import visit_people as people
from storage import visits as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.visits import APPROVED, COMING, ExchangeVisit

KIND = visit_owing.KIND


@dataclass(frozen=True, slots=True)
class Brief:
    """What a message says of a visit."""

    visit_id: int
    title: str
    aims: str
    starts_on: date
    ends_on: date
    starts_at: datetime
    destinations: tuple[str, ...]
    state: str
    reason: str
    version: int


def brief(visit: ExchangeVisit, stops: Sequence[StopPlan]) -> Brief:
    """A visit for a message about it."""
    return Brief(
        visit.id or 0,
        visit.title,
        visit.aims,
        visit.starts_on,
        visit.ends_on,
        starts_at(visit, stops),
        tuple(dict.fromkeys(one.destination for one in stops)),
        visit.state,
        visit.reason,
        visit.version,
    )


# One claimed delivery's verdict, given its addressee, its visit and the visit's places.
Judge = Callable[[Claimed, Addressee, ExchangeVisit, list[StopPlan]], Verdict]


def _verdicts(session: Session, claimed: Sequence[Claimed], judge: Judge) -> dict[int, Verdict]:
    """Every claimed message judged, in a fixed number of queries for each visit."""
    to = people.addressees(session, [row.id for row in claimed])
    visits = stored.of_ids(session, subjects(claimed))
    stops = {visit_id: plans(session, visit) for visit_id, visit in visits.items()}

    def with_stops(row: Claimed, one: Addressee, visit: ExchangeVisit) -> Verdict:
        return judge(row, one, visit, stops[visit.id or 0])

    return verdicts(claimed, to, visits, with_stops)


def _facts(
    kind: str, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan], key: str, **more: Any
) -> Facts:
    whole = f"{visit.id}/{visit.version}/{key}"
    return said(kind, one, whole, visit=brief(visit, stops), **more)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed invitation says; whoever said no, or is off the list, is not asked."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        if visit.state != APPROVED or row.occasion != invitation_name(visit):
            return NotWanted("visit_cancelled")
        if one.state not in CONCERNED or ends_at(visit) <= now:
            return NotWanted("not_wanted")
        return _facts(KIND, one, visit, stops, "")

    return _verdicts(session, claimed, judge)


def ahead_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed reminder says; whoever comes no more is not reminded."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        _, moves, day = row.occasion.split(":")
        is_on = visit.state == APPROVED and int(moves) == visit.moves and ends_at(visit) > now
        if not is_on or one.state != COMING:
            return NotWanted("not_wanted")
        days = int(day)
        of_day = visit.starts_on - timedelta(days=min(days, 0))
        return _facts(
            row.kind,
            one,
            visit,
            stops,
            day,
            days=days,
            day=of_day,
            places=[stop for stop in stops if stop.day == of_day],
            packing=list(visit.packing) if days == EVE else [],
        )

    return _verdicts(session, claimed, judge)


def changed_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed word of a change says: all that changed since people heard last."""
    del now

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        if row.occasion != change_name(visit) or not visit.changes:
            return NotWanted("not_wanted")
        if one.state not in CONCERNED:
            return NotWanted("not_wanted")
        return _facts(
            CHANGED,
            one,
            visit,
            stops,
            str(one.state),
            changes=_read(visit.changes),
            mine=one.state,
            is_urgent=visit.is_urgent,
            change=visit.change,
        )

    return _verdicts(session, claimed, judge)


def place_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed word about a person's own place says, while it is still so."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        _, version, what = row.occasion.split(":")
        is_on = visit.state == APPROVED and ends_at(visit) > now
        if not is_on or int(version) != one.version:
            return NotWanted("not_wanted")
        return _facts(PLACE, one, visit, stops, what, what=what)

    return _verdicts(session, claimed, judge)


def verdict_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What became of a proposal, for whoever proposed it, while it is still so."""

    def judge(row: Claimed, one: Addressee, visit: ExchangeVisit, stops: list[StopPlan]) -> Verdict:
        _, version, what = row.occasion.split(":")
        if int(version) != visit.version or ends_at(visit) <= now:
            return NotWanted("not_wanted")
        return _facts(VERDICT, one, visit, stops, what, what=what)

    return _verdicts(session, claimed, judge)


def ahead_line(facts: Facts) -> Mapping[str, Any]:
    """An early reminder as a line of the next lesson."""
    return {"starts_at": facts.values["visit"].starts_at}


def _read(changes: Sequence[Any]) -> tuple[tuple[str, Any, Any], ...]:
    """Changes as they are worded: days as such."""

    def value(field: str, written: str) -> Any:
        if field != "when":
            return written
        return tuple(date.fromisoformat(day) for day in written.split("/"))

    return tuple((field, value(field, was), value(field, now_is)) for field, was, now_is in changes)


# What else is sent around a visit, each of its own kind.
NOTICES: tuple[Any, ...] = (
    SimpleNamespace(KIND=AHEAD, facts=ahead_facts, line=ahead_line),
    SimpleNamespace(KIND=DAY, facts=ahead_facts),
    SimpleNamespace(KIND=CHANGED, facts=changed_facts),
    SimpleNamespace(KIND=PLACE, facts=place_facts),
    SimpleNamespace(KIND=VERDICT, facts=verdict_facts),
)
