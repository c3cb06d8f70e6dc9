"""A visit in the ledger: how long each of its days counts, and what its roll proves of whom."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session

from curriculum import records
from curriculum.records import OFFLINE
from curriculum.visit_access import STUDY, days_of, days_there
from curriculum.visit_minutes import USUAL_MINUTES, by_programme
from curriculum.visit_pages import plans
from storage import staffing
from storage import visits as stored
from storage.visit_logs import VisitReport
from storage.visits import ExchangeVisit, VisitPerson


def minutes_of(
    session: Session, visit: ExchangeVisit, report: VisitReport | None
) -> dict[date, int]:
    """How many minutes each day counts: as settled, as the programme says, else as usual."""
    planned = planned_minutes(session, visit, report)
    kept = report.minutes if report is not None else {}
    return {
        day: kept.get(day.isoformat(), planned.get(day, USUAL_MINUTES)) for day in days_of(visit)
    }


def planned_minutes(
    session: Session, visit: ExchangeVisit, report: VisitReport | None
) -> dict[date, int]:
    """The minutes that the programme says of the days that nobody has settled yet."""
    kept = report.minutes if report is not None else {}
    open_days = {day for day in days_of(visit) if day.isoformat() not in kept}
    if not open_days:
        return {}
    found = by_programme(plans(session, visit))
    return {day: minutes for day, minutes in found.items() if day in open_days}


def settle(
    session: Session,
    visit: ExchangeVisit,
    report: VisitReport,
    people: Sequence[VisitPerson],
    *,
    by: int,
    now: datetime,
) -> None:
    """Let the ledger say of each learner and day what the roll says, nothing before it stands."""
    there, minutes = days_there(session, visit), minutes_of(session, visit, report)
    places = _places(session, visit)
    is_confirmed = report.confirmed_at is not None
    for line in people:
        if line.person_id is None:
            continue
        membership = staffing.newest_membership(session, line.person_id)
        for day in days_of(visit):
            was_there = is_confirmed and day in there[line.id or 0]
            records.settle(
                session,
                person_id=line.person_id,
                unit_id=membership.unit_id if membership else None,
                study=STUDY,
                occasion=f"{visit.id}:{day.isoformat()}",
                occurred_on=day,
                title=f"{visit.title}：{places[day]}" if places.get(day) else visit.title,
                source_id=visit.id,
                minutes=minutes[day],
                mode=OFFLINE,
                evidence=report.evidence if was_there else None,
                recorded_by=by,
                now=now,
            )


def _places(session: Session, visit: ExchangeVisit) -> dict[date, str]:
    """Where each day was spent, each place once."""
    found: dict[date, list[str]] = {}
    for stop in stored.stops(session, visit.id or 0):
        named = found.setdefault(stop.day, [])
        if stop.destination not in named:
            named.append(stop.destination)
    return {day: "、".join(names) for day, names in found.items()}
