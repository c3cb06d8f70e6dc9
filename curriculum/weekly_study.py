"""每周共学, the weekly group study: a visible series per cohort, three weeks of it made ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import facilitators, gatherings, gatherings_back, splitting
from curriculum.gatherings import CLOSES_AFTER, OPENS_BEFORE, WEEKLY
from curriculum.occasions import Beat, Occasion
from storage import gatherings as stored
from storage import rooms
from storage.cohorts import Cohort
from storage.gatherings import CANCELLED, PLANNED, REPLACED, SKIPPED

KIND = WEEKLY
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# The reason of a change that comes with the whole series.
SERIES = "series"
# What becomes of a date that is a day off: another day of the same week, or none.
SHIFT, LEAVE_OUT = "move", "skip"
# This week and the two behind it; weeks are planned whole, so that none is planned twice.
DAYS_PLANNED = 20
AGENDA = (("review", 10), ("lesson", 20), ("case", 20), ("wrap_up", 10))
WHOLE_AGENDA = 60


@dataclass(frozen=True, slots=True)
class Series:
    """A cohort's series as its rhythm holds it; `place` "" is the work group.

    From two `rooms` on its sessions meet in so many, each in its one of `room_places`, or all in
    `place` where there are none.
    """

    title: str = "每周共学"
    weekday: str = "friday"
    at: time = time(15, 0)
    minutes: int = 60
    place: str = ""
    on_holidays: str = SHIFT
    opens_before: int = OPENS_BEFORE
    closes_after: int = CLOSES_AFTER
    agenda: Sequence[tuple[str, int]] = field(default=AGENDA)
    rooms: int = 0
    room_places: Sequence[str] = ()

    @property
    def settings(self) -> dict[str, Any]:
        """What a rhythm keeps of it besides its hour."""
        return {
            "title": self.title,
            "weekday": self.weekday,
            "minutes": self.minutes,
            "place": self.place,
            "on_holidays": self.on_holidays,
            "opens_before": self.opens_before,
            "closes_after": self.closes_after,
            "agenda": [list(item) for item in self.agenda],
            "rooms": self.rooms,
            "room_places": list(self.room_places),
        }


def read_series(at: time, settings: Mapping[str, Any]) -> Series:
    """The series that a rhythm holds; what it does not say is as usual."""
    known = {name: settings[name] for name in Series().settings if name in settings}
    if "agenda" in known:
        known["agenda"] = tuple((what, minutes) for what, minutes in known["agenda"])
    known["room_places"] = tuple(known.get("room_places", ()))
    return Series(at=at, **known)


def place_in(series: Series, room: int) -> str:
    """Where a room of the series meets; 0 is the whole cohort."""
    return series.room_places[room - 1] if 0 < room <= len(series.room_places) else series.place


def moved(series: Series, *, weekday: str, at: time) -> Series:
    """The same series on another day of the week and at another hour."""
    return replace(series, weekday=weekday, at=at)


def horizon(today: date) -> date:
    """The Sunday of the week after next: so far ahead the series is made."""
    return today - timedelta(days=today.weekday()) + timedelta(days=DAYS_PLANNED)


def dates(beat: Beat, since: date, until: date) -> list[date]:
    """The dates of this rhythm: one in each week, moved within it or left out on days off."""
    series = read_series(beat.time_of_day, beat.settings)
    monday = since - timedelta(days=since.weekday())
    found = []
    while monday <= until:
        day = _day_in_week(beat, series, monday)
        if day is not None and since <= day <= until:
            found.append(day)
        monday += timedelta(days=7)
    return found


def _day_in_week(beat: Beat, series: Series, monday: date) -> date | None:
    """The session's day: the set one, else the nearest worked one, earlier ones first."""
    place = WEEKDAYS.index(series.weekday)
    wished = monday + timedelta(days=place)
    if beat.calendar.is_working(wished) or place >= 5:
        return wished
    if series.on_holidays == LEAVE_OUT:
        return None
    week = [monday + timedelta(days=n) for n in range(7)]
    worked = [day for day in week if beat.calendar.is_working(day)]
    return min(worked, key=lambda day: (abs((day - wished).days), day), default=None)


def plan(session: Session, occasion: Occasion, *, now: datetime) -> int:
    """Make one session of the series, with whose turn it is; returns 1, or 0 where it stands.

    In a week with a monthly or quarterly session that one takes its place.
    """
    beat, day = occasion.beat, occasion.local_date
    if beat.due_at(day) <= now:
        note_missed(session, occasion, state=SKIPPED, now=now)
        return 0
    cohort = session.get_one(Cohort, beat.cohort_id)
    others = [
        other
        for other in gatherings.in_week(session, cohort, day)
        if other.kind != KIND and other.state == PLANNED
    ]
    return _add(session, occasion, state=REPLACED if others else PLANNED, now=now)


def coming(session: Session, beat: Beat, since: date, until: date) -> list[tuple[date, datetime]]:
    """The sessions of a span: those that are made, as they stand now, then those of the rhythm."""
    made_to = stored.newest_date(session, beat.cohort_id, kind=KIND)
    rows = stored.of_cohorts(
        session,
        [beat.cohort_id],
        since=beat.due_at(since, time()),
        until=beat.due_at(until + timedelta(days=1), time()),
        states=(PLANNED,),
        kind=KIND,
    )
    # A week is planned whole, so the rhythm goes on with the next one.
    first = since if made_to is None else max(since, made_to + timedelta(7 - made_to.weekday()))
    later = dates(beat, first, until) if first <= until else []
    return [
        *((row.local_date, row.starts_at) for row in rows if row.room <= 1),
        *((day, beat.due_at(day)) for day in later),
    ]


def note_missed(session: Session, occasion: Occasion, *, state: str, now: datetime) -> None:
    """Keep a date that came too late where a coordinator sees it; its roll can still be entered."""
    del state
    _add(session, occasion, state=SKIPPED, now=now)


def _add(session: Session, occasion: Occasion, *, state: str, now: datetime) -> int:
    beat, day = occasion.beat, occasion.local_date
    cohort = session.get_one(Cohort, beat.cohort_id)
    series = read_series(beat.time_of_day, beat.settings)
    found = gatherings.add(
        session,
        cohort,
        kind=KIND,
        day=day,
        title=series.title,
        starts_at=beat.due_at(day),
        minutes=series.minutes,
        place=series.place,
        agenda=agenda_of(series),
        opens_before=series.opens_before,
        closes_after=series.closes_after,
        actor_id=None,
        now=now,
        state=state,
    )
    is_revived = found.state == CANCELLED and found.reason == SERIES and state == PLANNED
    if is_revived:
        gatherings_back.revive(session, found, starts_at=beat.due_at(day), now=now)
    elif found.created_at != now or state != PLANNED:
        return 0
    if series.rooms > 1 and not found.room:
        places = series.room_places
        splitting.split_as_before(session, found, series.rooms, places=places, now=now)
    for room in rooms.of_session(session, found):
        if is_revived or room.facilitator_id is None:
            facilitators.give_turn(session, room, cohort, now=now)
        gatherings.owe(session, room, cohort.zone, now=now)
    return 1


def agenda_of(series: Series) -> list[tuple[str, int]]:
    """The agenda in the minutes there are: its usual parts, each in proportion."""
    whole = sum(minutes for _, minutes in series.agenda) or WHOLE_AGENDA
    scaled = [
        (what, max(5, minutes * series.minutes // whole // 5 * 5))
        for what, minutes in series.agenda
    ]
    rest = series.minutes - sum(minutes for _, minutes in scaled)
    what, minutes = scaled[-1]
    return [*scaled[:-1], (what, max(0, minutes + rest))]
