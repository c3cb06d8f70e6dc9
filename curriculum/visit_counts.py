"""How many batches travelled, how many people with them, and where to: counted from their rolls.

A batch counts in the period in which it came home, and once its roll is confirmed. Learners and
officials are counted apart and together; people (人数) and person-times (人次) are not mixed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.people import ZONE, Speaker
from curriculum.records import Period
from curriculum.rhythm import local_date
from curriculum.visit_access import RUN, days_there
from curriculum.visit_ledger import minutes_of
from storage import visit_logs as logs
from storage import visits as stored
from storage.visits import APPROVED, ExchangeVisit


@dataclass(frozen=True, slots=True)
class Traveller:
    """One who was there: on how many days, for how many minutes."""

    name: str
    unit_name: str
    post: str
    is_official: bool
    days: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch that is over; `people` are empty until its roll is confirmed."""

    visit_id: int
    title: str
    number: int | None
    unit_name: str
    starts_on: date
    ends_on: date
    destinations: tuple[str, ...]
    is_confirmed: bool
    people: tuple[Traveller, ...]

    @property
    def learners(self) -> int:
        """How many social workers were there."""
        return sum(not one.is_official for one in self.people)

    @property
    def officials(self) -> int:
        """How many others were there."""
        return sum(one.is_official for one in self.people)


@dataclass(frozen=True, slots=True)
class VisitCounts:
    """The figures of one span; `waiting` batches are over and have no confirmed roll.

    `learners` and `officials` are different people, `times` counts one who went twice twice.
    """

    batches: int
    learners: int
    officials: int
    times: int
    destinations: int
    waiting: int

    @property
    def people(self) -> int:
        """Learners and officials together."""
        return self.learners + self.officials


@dataclass(frozen=True, slots=True)
class CountsPage:
    """The figures of a period and of all time, with the batches of the period."""

    period: Period
    counts: VisitCounts
    cumulative: VisitCounts
    batches: tuple[Batch, ...]


def counts_for(session: Session, speaker: Speaker, period: Period, *, now: datetime) -> CountsPage:
    """The figures within reach of whoever arranges visits; raises NotThere."""
    speaker.require(RUN)
    reach, today = speaker.reach(RUN), local_date(now, ZONE)
    found = _over(session, reach, bot=speaker.bot, today=today)
    within = [one for one in found if period.since <= one.ends_on <= period.until]
    return CountsPage(
        period,
        _counted(session, within),
        _counted(session, [one for one in found if one.ends_on <= period.until]),
        tuple(_batch(session, one) for one in within),
    )


def visit_counts(
    session: Session, reach: Sequence[str], *, bot: int, period: Period, now: datetime
) -> VisitCounts:
    """The figures of a period for the units at these paths and under them."""
    found = _over(session, reach, bot=bot, today=local_date(now, ZONE))
    within = [one for one in found if period.since <= one.ends_on <= period.until]
    return _counted(session, within)


def _over(session: Session, reach: Sequence[str], *, bot: int, today: date) -> list[ExchangeVisit]:
    """The approved visits whose last day is over, or whose roll stands already."""
    visits = [one for one in stored.arranged_by(session, reach, bot=bot) if one.state == APPROVED]
    reports = logs.reports(session, [one.id or 0 for one in visits])
    return [
        one
        for one in visits
        if one.ends_on < today or (one.id in reports and reports[one.id].confirmed_at is not None)
    ]


def _counted(session: Session, visits: Sequence[ExchangeVisit]) -> VisitCounts:
    batches = times = waiting = 0
    learners: set[int] = set()
    officials: set[tuple[str, str, str]] = set()
    places: set[str] = set()
    reports = logs.reports(session, [one.id or 0 for one in visits])
    for visit in visits:
        report = reports.get(visit.id or 0)
        if report is None or report.confirmed_at is None:
            waiting += 1
            continue
        batches += 1
        places |= set(_destinations(session, visit))
        there = days_there(session, visit)
        for line in stored.people(session, visit.id or 0):
            if not there[line.id or 0]:
                continue
            times += 1
            if line.person_id is None:
                officials.add((line.name, line.post, line.unit_name))
            else:
                learners.add(line.person_id)
    return VisitCounts(batches, len(learners), len(officials), times, len(places), waiting)


def _batch(session: Session, visit: ExchangeVisit) -> Batch:
    report = logs.report(session, visit.id or 0)
    is_confirmed = report is not None and report.confirmed_at is not None
    return Batch(
        visit_id=visit.id or 0,
        title=visit.title,
        number=visit.number,
        unit_name=visit.organiser,
        starts_on=visit.starts_on,
        ends_on=visit.ends_on,
        destinations=_destinations(session, visit),
        is_confirmed=is_confirmed,
        people=travellers(session, visit) if is_confirmed else (),
    )


def travellers(session: Session, visit: ExchangeVisit) -> tuple[Traveller, ...]:
    """Who was there on any day, learners first."""
    report = logs.report(session, visit.id or 0)
    there, minutes = days_there(session, visit), minutes_of(session, visit, report)
    found = [
        Traveller(
            line.name,
            line.unit_name,
            line.post,
            line.person_id is None,
            len(there[line.id or 0]),
            sum(minutes[day] for day in there[line.id or 0]),
        )
        for line in stored.people(session, visit.id or 0)
        if there[line.id or 0]
    ]
    return tuple(sorted(found, key=lambda one: one.is_official))


def _destinations(session: Session, visit: ExchangeVisit) -> tuple[str, ...]:
    names = (stop.destination for stop in stored.stops(session, visit.id or 0))
    return tuple(dict.fromkeys(names))
