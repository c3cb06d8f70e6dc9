"""The series of weekly study as its coordinator sees it, and a learner's own next sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import attendance, facilitator_messages, gathering_cards, gatherings
from curriculum import weekly_study as study
from curriculum.errors import NotThere
from curriculum.gathering_cards import Card
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.weekly_study import Series
from storage import cohorts as stored_cohorts
from storage import gatherings as stored
from storage import schedule as stored_schedule
from storage.cohorts import Cohort, Rhythm
from storage.columns import LARGEST_ID
from storage.gatherings import PLANNED, Gathering
from storage.people import Unit

BACK = timedelta(days=8)
CHANGES = ("weather", "urgent_work", "day_off", "other_event")


@dataclass(frozen=True, slots=True)
class Line:
    """One session as its coordinator sees it; `people` are those it is for."""

    gathering_id: int
    kind: str
    cohort_id: int
    starts_at: datetime
    minutes: int
    place: str
    state: str
    reason: str
    facilitator: str
    is_confirmed: bool
    version: int
    people: int
    here: int
    has_begun: bool
    has_minutes: bool
    minutes_missing: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A cohort's series and its sessions, those of the last week included; `mark`: as it stands."""

    cohort_id: int
    cohort_name: str
    is_on: bool
    series: Series
    mark: str
    people: int
    lines: tuple[Line, ...]


def cohorts_within(session: Session, speaker: Speaker) -> list[tuple[int, str]]:
    """The cohorts whose series she arranges, as (id, name)."""
    speaker.require("schedule")
    found = stored_schedule.cohorts_under(session, list(speaker.reach("schedule")), bot=speaker.bot)
    return [(cohort.id or 0, cohort.name) for cohort, _, _ in found]


def cohort_of(session: Session, speaker: Speaker, cohort_id: int) -> Cohort:
    """A cohort whose series she arranges; raises NotThere."""
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("schedule", unit_path=session.get_one(Unit, cohort.unit_id).path)
    return cohort


def overview(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> Overview:
    """A cohort's series with its sessions; raises NotThere."""
    cohort = cohort_of(session, speaker, cohort_id)
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort_id, kind=study.KIND)
    series = study.read_series(rhythm.time_of_day, rhythm.settings) if rhythm else Series()
    people = _people(session, cohort, now=now)
    rows = stored.of_cohorts(session, [cohort_id], since=now - BACK)
    return Overview(
        cohort_id=cohort_id,
        cohort_name=cohort.name,
        is_on=rhythm is not None and rhythm.is_on,
        series=series,
        mark=mark_of(rhythm),
        people=people,
        lines=tuple(_line(session, row, cohort, people=people, now=now) for row in rows),
    )


def _people(session: Session, cohort: Cohort, *, now: datetime) -> int:
    cohort_id, on = cohort.id or 0, local_date(now, cohort.zone)
    counted = stored_schedule.people_in(session, [cohort_id], bot=cohort.bot, on=on)
    return counted.get(cohort_id, 0)


def mark_of(rhythm: Rhythm | None) -> str:
    """How a series stands, so that two who change it at once notice."""
    if rhythm is None:
        return "none"
    settings = study.read_series(rhythm.time_of_day, rhythm.settings)
    return f"{rhythm.is_on:d}.{settings.weekday}.{settings.at:%H%M}.{settings.minutes}"


def line(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Line:
    """One session for whoever arranges it; raises NotThere."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot)
    cohort = cohort_of(session, speaker, found.cohort_id)
    return _line(session, found, cohort, people=_people(session, cohort, now=now), now=now)


def _line(
    session: Session, found: Gathering, cohort: Cohort, *, people: int, now: datetime
) -> Line:
    leading = found.facilitator_id or 0
    states = [row.state for row in stored.attendances(session, found.id or 0)]
    has_minutes = bool(stored.points(session, found.id or 0))
    is_missing = (
        not has_minutes
        and found.state == PLANNED
        and found.starts_at <= now
        and facilitator_messages.minutes_due(session, found, cohort) <= now
    )
    return Line(
        gathering_id=found.id or 0,
        kind=found.kind,
        cohort_id=found.cohort_id,
        starts_at=found.starts_at,
        minutes=found.minutes,
        place=found.place,
        state=found.state,
        reason=found.reason,
        facilitator=stored.names_of(session, [leading]).get(leading, ""),
        is_confirmed=found.is_confirmed,
        version=found.version,
        people=people,
        here=sum(state in attendance.PRESENT for state in states),
        has_begun=attendance.opens_at(found) <= now,
        has_minutes=has_minutes,
        minutes_missing=is_missing,
    )


def own(session: Session, speaker: Speaker, *, now: datetime) -> list[Card]:
    """A learner's sessions: what of the last week she can still read up on, and her next ones."""
    cohort_ids = [
        cohort.id or 0 for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id)
    ]
    rows = stored.of_cohorts(session, cohort_ids, since=now - BACK, states=(PLANNED,))
    cards = [gathering_cards.card(session, speaker, row.id or 0, now=now) for row in rows]
    ahead = [card for card in cards if card.starts_at + timedelta(minutes=card.minutes) > now]
    open_ones = [card for card in cards if card not in ahead and card.may_make_up]
    hers = [card for card in ahead[1:] if card.is_facilitator]
    return [*open_ones[-1:], *ahead[:1], *hers[:1]]
