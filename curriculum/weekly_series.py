"""The series of weekly study as its coordinator sees it, and a learner's own next sessions."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import attendance, facilitator_messages, gathering_cards, gatherings, room_seats
from curriculum import rooms as rooms_of
from curriculum import weekly_study as study
from curriculum.errors import NotThere
from curriculum.gathering_cards import Card
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.weekly_study import Series
from storage import cohorts as stored_cohorts
from storage import gathering_people
from storage import gatherings as stored
from storage import rooms as seating
from storage import schedule as stored_schedule
from storage.cohorts import Cohort, Rhythm
from storage.columns import LARGEST_ID
from storage.gathering_people import Expected
from storage.gatherings import PLANNED, Gathering
from storage.people import Unit

BACK = timedelta(days=8)
CHANGES = ("weather", "urgent_work", "day_off", "other_event")


@dataclass(frozen=True, slots=True)
class Line:
    """One session, or one of its rooms, as its coordinator sees it; `people` are those it is for.

    `rooms` says how many rooms a session meets in, 0 where it meets whole, `room` which of them a
    line is of; a session in rooms has the facilitator of the first. `may_split` where the cohort
    is large enough; `in_series` where its series meets in rooms too.
    """

    gathering_id: int
    room: int
    rooms: int
    may_split: bool
    in_series: bool
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
        lines=tuple(
            _line(session, row, cohort, people=people, now=now) for row in rows if row.room <= 1
        ),
    )


def _people(session: Session, cohort: Cohort, *, now: datetime) -> int:
    cohort_id, on = cohort.id or 0, local_date(now, cohort.zone)
    counted = stored_schedule.people_in(session, [cohort_id], bot=cohort.bot, on=on)
    return counted.get(cohort_id, 0)


def mark_of(rhythm: Rhythm | None) -> str:
    """How a series stands, so that two who change it at once notice."""
    if rhythm is None:
        return "none"
    series = study.read_series(rhythm.time_of_day, rhythm.settings)
    when = f"{series.weekday}.{series.at:%H%M}.{series.minutes}"
    return f"{rhythm.is_on:d}.{when}.{series.rooms}"


def line(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Line:
    """One session for whoever arranges it, whole whichever of its rooms is asked for.

    Raises NotThere.
    """
    found, cohort = _arranged(session, speaker, gathering_id)
    return _line(session, found, cohort, people=_people(session, cohort, now=now), now=now)


def room_lines(
    session: Session, speaker: Speaker, gathering_id: int, *, now: datetime
) -> list[Line]:
    """The rooms of a session in order, none where it meets whole; raises NotThere."""
    found, cohort = _arranged(session, speaker, gathering_id)
    rooms = seating.of_session(session, found) if found.room else []
    return [_room_line(session, room, cohort, now=now) for room in rooms]


def room_line(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Line:
    """One room for whoever arranges it; raises NotThere."""
    lines = room_lines(session, speaker, gathering_id, now=now)
    found = next((one for one in lines if one.gathering_id == gathering_id), None)
    if found is None:
        raise NotThere
    return found


def _arranged(session: Session, speaker: Speaker, gathering_id: int) -> tuple[Gathering, Cohort]:
    found = rooms_of.standing(session, gatherings.read(session, gathering_id, bot=speaker.bot))
    return found, cohort_of(session, speaker, found.cohort_id)


def _line(
    session: Session, found: Gathering, cohort: Cohort, *, people: int, now: datetime
) -> Line:
    """A session as a whole: the first of its rooms, with the counts of all."""
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=found.cohort_id, kind=study.KIND)
    series = study.read_series(rhythm.time_of_day, rhythm.settings) if rhythm else Series()
    lines = [
        _room_line(session, room, cohort, now=now) for room in seating.of_session(session, found)
    ]
    return replace(
        lines[0],
        room=0,
        rooms=len(lines) if found.room else 0,
        may_split=found.kind in gatherings.SPLITTABLE and people > room_seats.MOST_IN_ROOM,
        in_series=found.kind == study.KIND and series.rooms > 1,
        people=people,
        is_confirmed=all(one.is_confirmed for one in lines),
        here=sum(one.here for one in lines),
        has_minutes=all(one.has_minutes for one in lines),
        minutes_missing=any(one.minutes_missing for one in lines),
    )


def _room_line(session: Session, found: Gathering, cohort: Cohort, *, now: datetime) -> Line:
    leading, gathering_id = found.facilitator_id or 0, found.id or 0
    states = [row.state for row in stored.attendances(session, gathering_id)]
    has_minutes = bool(stored.points(session, gathering_id))
    is_missing = (
        not has_minutes
        and found.state == PLANNED
        and found.starts_at <= now
        and facilitator_messages.minutes_due(session, found, cohort) <= now
    )
    return Line(
        gathering_id=gathering_id,
        room=found.room,
        rooms=0,
        may_split=False,
        in_series=False,
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
        people=len(_in_room(session, found)) if found.room else 0,
        here=sum(state in attendance.PRESENT for state in states),
        has_begun=attendance.opens_at(found) <= now,
        has_minutes=has_minutes,
        minutes_missing=is_missing,
    )


def _in_room(session: Session, found: Gathering) -> list[Expected]:
    zone = session.get_one(Cohort, found.cohort_id).zone
    return gathering_people.roster(session, found, on=local_date(found.starts_at, zone))


def own(session: Session, speaker: Speaker, *, now: datetime) -> list[Card]:
    """A learner's sessions: what of the last week she can still read up on, and her next ones."""
    cohort_ids = [
        cohort.id or 0 for _, cohort in stored_cohorts.cohorts_of(session, speaker.person_id)
    ]
    rows = stored.of_cohorts(session, cohort_ids, since=now - BACK, states=(PLANNED,))
    # Of the rooms of a session her own, and one that she leads.
    rows = [row for row in rows if row.room <= 1 or row.facilitator_id == speaker.person_id]
    shown = [gathering_cards.card(session, speaker, row.id or 0, now=now) for row in rows]
    cards = list({card.gathering_id: card for card in shown}.values())
    ahead = [card for card in cards if card.starts_at + timedelta(minutes=card.minutes) > now]
    open_ones = [card for card in cards if card not in ahead and card.may_make_up]
    hers = [card for card in ahead[1:] if card.is_facilitator]
    return [*open_ones[-1:], *ahead[:1], *hers[:1]]
