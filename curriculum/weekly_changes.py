"""Changing the series of weekly study: begun, ended, moved whole or a session of it alone."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import attendance, cohorts, gatherings
from curriculum import weekly_study as study
from curriculum.errors import NotThere
from curriculum.gathering_errors import OccasionChanged, OccasionPassed
from curriculum.occasions import Occasion
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.weekly_series import cohort_of, mark_of
from curriculum.weekly_study import Series
from storage import audit, cohort_series
from storage import cohorts as stored_cohorts
from storage import gatherings as stored
from storage.cohorts import Cohort, Rhythm
from storage.gatherings import PLANNED, Gathering

LATE, SKIP_AFTER_HOURS = "merge", 10


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
    cohort = cohort_of(session, speaker, cohort_id)
    rhythm = cohort_series.locked(session, cohort_id=cohort_id, kind=study.KIND)
    if mark_of(rhythm) != seen:
        raise OccasionChanged
    rhythm, begins = _stored(session, cohort, rhythm, series, is_on=is_on, now=now)
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
    return follow(session, speaker, cohort, series, is_on=is_on, since=since or now, now=now)


def _stored(
    session: Session,
    cohort: Cohort,
    rhythm: Rhythm | None,
    series: Series,
    *,
    is_on: bool,
    now: datetime,
) -> tuple[Rhythm, bool]:
    """The rhythm as it is set from now on, and whether the series begins with that."""
    yesterday = local_date(now, cohort.zone) - timedelta(days=1)
    if rhythm is None:
        rhythm = Rhythm(
            cohort_id=cohort.id or 0,
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
    rhythm.settings = rhythm.settings | series.settings
    session.add(rhythm)
    session.flush()
    return rhythm, begins


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


def follow(
    session: Session,
    speaker: Speaker,
    cohort: Cohort,
    series: Series,
    *,
    is_on: bool,
    since: datetime,
    now: datetime,
) -> int:
    """Let what is made of the series already follow it; gives how many sessions changed."""
    changed = 0
    told: date | None = None
    for found in stored.of_cohorts(
        session, [cohort.id or 0], since=since, states=(PLANNED,), kind=study.KIND
    ):
        if found.state != PLANNED or (found.is_own and is_on) or found.starts_at <= now:
            continue
        # The rooms of a session are told with it.
        is_told = told in (None, found.local_date)
        starts_at = in_its_week(session, cohort, series, found) if is_on else None
        if starts_at is None or starts_at <= now:
            attendance.call_off(
                session,
                speaker,
                found.id or 0,
                reason=study.SERIES,
                seen=None,
                is_told=is_told,
                now=now,
            )
        elif _differs(found, series, starts_at):
            gatherings.rearrange(
                session,
                speaker,
                found.id or 0,
                starts_at=starts_at,
                place=study.place_in(series, found.room),
                minutes=series.minutes,
                reason=study.SERIES,
                seen=None,
                is_told=is_told,
                is_own=False,
                now=now,
            )
        else:
            continue
        changed += told != found.local_date
        told = told or found.local_date
    return changed


def _differs(found: Gathering, series: Series, starts_at: datetime) -> bool:
    return (found.starts_at, found.place, found.minutes) != (
        starts_at,
        study.place_in(series, found.room),
        series.minutes,
    )


def in_its_week(
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
    cohort = cohort_of(session, speaker, found.cohort_id)
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
        seen=mark_of(rhythm),
        since=found.starts_at,
        now=now,
    )
    return gatherings.read(session, gathering_id, bot=speaker.bot)
