"""The series of weekly study as its coordinator arranges it: seen, begun, changed, ended."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import attendance, cohorts, facilitator_messages, gathering_cards, gatherings
from curriculum import weekly_study as study
from curriculum.errors import NotThere, OccasionChanged, OccasionPassed
from curriculum.gathering_cards import Card
from curriculum.occasions import Occasion
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.weekly_study import Series
from storage import audit, cohort_series
from storage import cohorts as stored_cohorts
from storage import gatherings as stored
from storage import schedule as stored_schedule
from storage.cohorts import Cohort, Rhythm
from storage.columns import LARGEST_ID
from storage.gatherings import PLANNED, Gathering
from storage.people import Unit

BACK = timedelta(days=8)
LATE, SKIP_AFTER_HOURS = "merge", 10
CHANGES = ("weather", "urgent_work", "day_off", "other_event")
SERIES = "series"


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


def _cohort(session: Session, speaker: Speaker, cohort_id: int) -> Cohort:
    """A cohort whose series she arranges; raises NotThere."""
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("schedule", unit_path=session.get_one(Unit, cohort.unit_id).path)
    return cohort


def overview(session: Session, speaker: Speaker, cohort_id: int, *, now: datetime) -> Overview:
    """A cohort's series with its sessions; raises NotThere."""
    cohort = _cohort(session, speaker, cohort_id)
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort_id, kind=study.KIND)
    series = study.read_series(rhythm.time_of_day, rhythm.settings) if rhythm else Series()
    people = _people(session, cohort, now=now)
    rows = stored.of_cohorts(session, [cohort_id], since=now - BACK)
    return Overview(
        cohort_id=cohort_id,
        cohort_name=cohort.name,
        is_on=rhythm is not None and rhythm.is_on,
        series=series,
        mark=_mark(rhythm),
        people=people,
        lines=tuple(_line(session, row, cohort, people=people, now=now) for row in rows),
    )


def _people(session: Session, cohort: Cohort, *, now: datetime) -> int:
    cohort_id, on = cohort.id or 0, local_date(now, cohort.zone)
    counted = stored_schedule.people_in(session, [cohort_id], bot=cohort.bot, on=on)
    return counted.get(cohort_id, 0)


def _mark(rhythm: Rhythm | None) -> str:
    """How a series stands, so that two who change it at once notice."""
    if rhythm is None:
        return "none"
    settings = study.read_series(rhythm.time_of_day, rhythm.settings)
    return f"{rhythm.is_on:d}.{settings.weekday}.{settings.at:%H%M}.{settings.minutes}"


def line(session: Session, speaker: Speaker, gathering_id: int, *, now: datetime) -> Line:
    """One session for whoever arranges it; raises NotThere."""
    found = gatherings.read(session, gathering_id, bot=speaker.bot)
    cohort = _cohort(session, speaker, found.cohort_id)
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


def set_series(
    session: Session,
    speaker: Speaker,
    cohort_id: int,
    series: Series,
    *,
    is_on: bool = True,
    seen: str,
    since: datetime | None = None,
    now: datetime,
) -> int:
    """Begin, change or end a series; returns how many sessions ahead changed with it.

    Sessions from `since` on follow, but for those that were changed by themselves. Everybody is
    told once, of the next of them. Raises NotThere, OccasionChanged.
    """
    cohort = _cohort(session, speaker, cohort_id)
    rhythm = cohort_series.locked(session, cohort_id=cohort_id, kind=study.KIND)
    if _mark(rhythm) != seen:
        raise OccasionChanged
    yesterday = local_date(now, cohort.zone) - timedelta(days=1)
    if rhythm is None:
        rhythm = Rhythm(
            cohort_id=cohort_id,
            kind=study.KIND,
            is_on=False,
            time_of_day=series.at,
            late=LATE,
            skip_after_hours=SKIP_AFTER_HOURS,
            settings={},
            watermark=yesterday,
        )
    begins = is_on and not rhythm.is_on
    if begins:
        rhythm.watermark = max(yesterday, cohort.start_on - timedelta(days=1))
    rhythm.is_on, rhythm.time_of_day = is_on, series.at
    rhythm.settings = series.settings
    session.add(rhythm)
    session.flush()
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="set_weekly_study",
        object_kind="cohort",
        object_id=cohort_id,
        is_on=is_on,
        weekday=series.weekday,
        at_hour=f"{series.at:%H:%M}",
        minutes=series.minutes,
    )
    if begins:
        return _begin(session, cohort, rhythm, now=now)
    return _follow(session, speaker, cohort, series, is_on=is_on, since=since or now, now=now)


def _begin(session: Session, cohort: Cohort, rhythm: Rhythm, *, now: datetime) -> int:
    """Make the first weeks at once, so that whoever begins a series sees it."""
    beat = cohorts.beat_of(session, cohort, kind=study.KIND)
    last = study.horizon(local_date(now, cohort.zone))
    if beat is None or rhythm.watermark >= last:
        return 0
    end = min(last, cohort.end_on or last)
    made = 0
    for day in study.dates(beat, rhythm.watermark + timedelta(days=1), end):
        if beat.due_at(day) > now:
            made += study.plan(session, Occasion(beat, day), now=now)
    rhythm.watermark = last
    session.add(rhythm)
    return made


def _follow(
    session: Session,
    speaker: Speaker,
    cohort: Cohort,
    series: Series,
    *,
    is_on: bool,
    since: datetime,
    now: datetime,
) -> int:
    """Let what is made of the series already follow it."""
    changed = 0
    for found in stored.of_cohorts(
        session, [cohort.id or 0], since=since, states=(PLANNED,), kind=study.KIND
    ):
        if found.is_own or found.starts_at <= now:
            continue
        starts_at = _in_its_week(session, cohort, series, found) if is_on else None
        if starts_at is None or starts_at <= now:
            attendance.call_off(
                session,
                speaker,
                found.id or 0,
                reason=SERIES,
                seen=None,
                is_told=not changed,
                now=now,
            )
        elif _differs(found, series, starts_at):
            gatherings.rearrange(
                session,
                speaker,
                found.id or 0,
                starts_at=starts_at,
                place=series.place,
                minutes=series.minutes,
                reason=SERIES,
                seen=None,
                is_told=not changed,
                is_own=False,
                now=now,
            )
        else:
            continue
        changed += 1
    return changed


def _differs(found: Gathering, series: Series, starts_at: datetime) -> bool:
    return (found.starts_at, found.place, found.minutes) != (
        starts_at,
        series.place,
        series.minutes,
    )


def _in_its_week(
    session: Session, cohort: Cohort, series: Series, found: Gathering
) -> datetime | None:
    """When a session of the week of this one is, by the series; None where there is none."""
    beat = cohorts.beat_of(session, cohort, kind=study.KIND)
    day = local_date(found.starts_at, cohort.zone)
    monday = day - timedelta(days=day.weekday())
    dates = study.dates(beat, monday, monday + timedelta(days=6)) if beat else []
    return moment_at(dates[0], series.at, cohort.zone) if dates else None


def move(
    session: Session,
    speaker: Speaker,
    gathering_id: int,
    *,
    day: date,
    at: str,
    is_whole: bool,
    reason: str,
    seen: int,
    now: datetime,
) -> Gathering:
    """Move one session to a local day and hour (HH:MM), alone or with all that follow.

    Raises NotThere, OccasionPassed, OccasionChanged.
    """
    found = gatherings.to_arrange(session, speaker, gathering_id, seen=seen, now=now)
    cohort = _cohort(session, speaker, found.cohort_id)
    hour = datetime.strptime(at, "%H:%M").time()  # noqa: DTZ007  an hour of any day
    starts_at = moment_at(day, hour, cohort.zone)
    if starts_at <= now:
        raise OccasionPassed
    if not is_whole or found.kind != study.KIND:
        return gatherings.rearrange(
            session, speaker, gathering_id, starts_at=starts_at, reason=reason, seen=seen, now=now
        )
    rhythm = stored_cohorts.rhythm_of(session, cohort_id=found.cohort_id, kind=study.KIND)
    if rhythm is None:
        raise NotThere
    old = study.read_series(rhythm.time_of_day, rhythm.settings)
    series = study.moved(old, weekday=study.WEEKDAYS[day.weekday()], at=hour)
    set_series(
        session,
        speaker,
        found.cohort_id,
        series,
        seen=_mark(rhythm),
        since=found.starts_at,
        now=now,
    )
    return gatherings.read(session, gathering_id, bot=speaker.bot)


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
