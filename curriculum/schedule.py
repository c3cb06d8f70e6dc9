"""日程: what goes out when and for whom in the next two weeks, as it will look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import cohorts, coming_lesson, daily_lesson, occasions
from curriculum.cohorts import TOGETHER
from curriculum.daily_lesson import KIND
from curriculum.errors import NotThere
from curriculum.gathering_errors import OccasionPassed
from curriculum.occasions import Beat, Occasion, read_name
from curriculum.people import Speaker
from curriculum.rhythm import days, local_date, moment_at
from storage import deliveries as outbox
from storage import lesson_deliveries as owed
from storage import schedule as stored
from storage.cohorts import Cohort
from storage.columns import LARGEST_ID
from storage.people import Unit

DAYS_AHEAD = 14
USUAL = "usual"
# Offered as buttons; any other hour is typed.
HOURS = ("08:00", "09:00", "12:00", "15:00", "18:00", "20:00")


@dataclass(frozen=True, slots=True)
class Entry:
    """One date of one cohort that lies ahead.

    `mark` is how it stands: usual, held, or the hour it was moved to (HHMM). Whoever changes it
    says which mark she saw, so that two at once do not undo each other unnoticed.
    """

    name: str
    kind: str
    cohort_name: str
    day: date
    due_at: datetime
    mark: str
    people: int
    groups: int
    is_provisional: bool
    is_together: bool

    @property
    def is_held(self) -> bool:
        """Whether nothing goes out on this date."""
        return self.mark == occasions.HELD

    @property
    def is_moved(self) -> bool:
        """Whether it goes out at another hour than the rhythm's."""
        return self.mark not in (USUAL, occasions.HELD)


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day on which none of the cohorts has anything, and what it is called, if anything."""

    day: date
    name: str | None


@dataclass(frozen=True, slots=True)
class Detail:
    """One date with the lesson's `values` as its message will have them, None where each member
    gets a lesson of her own; `hours` (HH:MM) it can be moved to by a button; `can_be_usual` while
    the rhythm's own hour is still ahead."""

    entry: Entry
    values: Mapping[str, Any] | None
    hours: tuple[str, ...]
    can_be_usual: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A date of a cohort as the rules need it."""

    beat: Beat
    cohort: Cohort
    day: date

    @property
    def occasion(self) -> Occasion:
        """The date as deliveries name it."""
        return Occasion(self.beat, self.day)

    def due_at(self, standing: outbox.Occasion | None) -> datetime:
        """When the cohort's message goes out, moved or not."""
        moved_to = standing.moved_to if standing else None
        return self.beat.due_at(self.day, self.beat.hour_on(None, moved_to))


def coming(session: Session, speaker: Speaker, *, now: datetime) -> list[Entry | DayOff]:
    """The next two weeks of every cohort under her unit, in order, days off with their names."""
    speaker.require("schedule")
    within = reach(session, speaker)
    ids = [cohort.id or 0 for cohort, _ in within]
    since = now.date() - timedelta(days=1)
    known = stored.occasions_of(
        session, kind=KIND, cohort_ids=ids, since=since, until=since + timedelta(DAYS_AHEAD + 2)
    )
    audience = _audience(session, ids, bot=speaker.bot, on=now.date())
    entries: list[Entry] = []
    worked: set[date] = set()
    names: dict[date, str | None] = {}
    for beat, cohort in cohorts.beats_of(session, within, kind=KIND):
        span = _span(beat, cohort, now=now)
        dates = daily_lesson.dates(beat, span[0], span[-1]) if span else []
        worked |= set(dates)
        names |= {day: names.get(day) or beat.calendar.name_of(day) for day in span}
        for day in dates:
            entry = _entry(Place(beat, cohort, day), known.get((beat.cohort_id, day)), audience)
            if entry.due_at > now:
                entries.append(entry)
    off = [DayOff(day, name) for day, name in names.items() if day not in worked]
    return sorted([*entries, *off], key=_in_order)


def _span(beat: Beat, cohort: Cohort, *, now: datetime) -> list[date]:
    """The days of the next two weeks on which a cohort is at work or at rest."""
    today = local_date(now, beat.zone)
    last = min(cohort.end_on or date.max, today + timedelta(DAYS_AHEAD))
    return list(days(max(today, cohort.start_on), last))


def _in_order(line: Entry | DayOff) -> tuple[date, str, str]:
    if isinstance(line, DayOff):
        return line.day, "", ""
    return line.day, line.due_at.isoformat(), line.cohort_name


def reach(session: Session, speaker: Speaker, action: str = "schedule") -> list[tuple[Cohort, str]]:
    """The cohorts in which she may do something, each with its unit's path."""
    paths = [
        grant.unit_path
        for grant in speaker.grants
        if speaker.may(action, unit_path=grant.unit_path)
    ]
    return [
        (cohort, path) for cohort, path, _ in stored.cohorts_under(session, paths, bot=speaker.bot)
    ]


def detail(session: Session, speaker: Speaker, name: str, *, now: datetime) -> Detail:
    """One date as it will look; raises NotThere for one that is not hers or not ahead."""
    place = place_of(session, speaker, name)
    standing = owed.occasion_on(
        session, kind=KIND, cohort_id=place.beat.cohort_id, local_date=place.day
    )
    if place.due_at(standing) <= now:
        raise OccasionPassed
    return detail_of(session, place, standing, now=now)


def place_of(session: Session, speaker: Speaker, name: str) -> Place:
    """The date behind a name; NotThere when it does not exist or is not hers to arrange."""
    try:
        cohort_id, day = read_name(name)
    except ValueError as error:
        raise NotThere from error
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("schedule", unit_path=session.get_one(Unit, cohort.unit_id).path)
    beat = cohorts.beat_of(session, cohort, kind=KIND)
    is_within = cohort.start_on <= day and (cohort.end_on is None or day <= cohort.end_on)
    if beat is None or not is_within or not daily_lesson.dates(beat, day, day):
        raise NotThere
    return Place(beat, cohort, day)


def mark_of(beat: Beat, standing: outbox.Occasion | None) -> str:
    """How a date stands: usual, held, or the hour it was moved to (HHMM)."""
    if standing is None:
        return USUAL
    if standing.state == occasions.HELD:
        return occasions.HELD
    hour = beat.hour_on(None, standing.moved_to)
    return f"{hour:%H%M}" if hour is not None else USUAL


def _audience(
    session: Session, cohort_ids: Sequence[int], *, bot: int, on: date
) -> dict[int, tuple[int, int]]:
    """How many people and work groups each cohort's messages are for."""
    members = stored.people_in(session, cohort_ids, bot=bot, on=on)
    groups = stored.groups_in(session, cohort_ids, bot=bot)
    return {i: (members.get(i, 0), groups.get(i, 0)) for i in cohort_ids}


def _entry(
    place: Place, standing: outbox.Occasion | None, audience: Mapping[int, tuple[int, int]]
) -> Entry:
    beat = place.beat
    people, groups = audience[beat.cohort_id]
    is_together = beat.pace == TOGETHER
    return Entry(
        name=place.occasion.name,
        kind=KIND,
        cohort_name=place.cohort.name,
        day=place.day,
        due_at=place.due_at(standing),
        mark=mark_of(beat, standing),
        people=people,
        groups=groups if is_together else 0,
        is_provisional=beat.calendar.is_provisional(place.day),
        is_together=is_together,
    )


def detail_of(
    session: Session, place: Place, standing: outbox.Occasion | None, *, now: datetime
) -> Detail:
    """A date as it stands, with its message and the hours it can be moved to."""
    beat = place.beat
    audience = _audience(session, [beat.cohort_id], bot=beat.bot, on=place.day)
    entry = _entry(place, standing, audience)
    values = None
    if beat.pace == TOGETHER:
        lesson_id = coming_lesson.lesson_on(session, place.occasion)
        values = (
            coming_lesson.as_sent(session, lesson_id, occasion=entry.name) if lesson_id else None
        )
    hours = _hours(place, entry, now=now)
    return Detail(entry, values, hours, can_be_usual=place.due_at(None) > now)


def _hours(place: Place, entry: Entry, *, now: datetime) -> tuple[str, ...]:
    """The hours offered: not the present one, none that passed, none in the quiet hours."""
    moments = {h: moment_at(place.day, time.fromisoformat(h), place.beat.zone) for h in HOURS}
    return tuple(
        hour
        for hour, moment in moments.items()
        if moment > now and moment != entry.due_at and not place.beat.is_quiet(moment)
    )
