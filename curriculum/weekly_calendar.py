"""The series of weekly study follows days off: moved within the week, left out, back again."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import attendance, cohorts, gatherings, gatherings_back
from curriculum import weekly_study as study
from curriculum.occasions import Occasion
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.weekly_changes import follow, in_its_week
from curriculum.weekly_series import cohort_of, cohorts_within
from curriculum.weekly_study import Series
from storage import cohorts as stored_cohorts
from storage import gatherings as stored
from storage import rooms
from storage.cohorts import Cohort, Rhythm
from storage.gatherings import CANCELLED, PLANNED, Gathering


def follow_calendar(session: Session, speaker: Speaker, *, now: datetime) -> int:
    """Let the series of all cohorts she arranges follow days that are off, or worked, from now on.

    A session that was left out is back once its week has a day for it. Everybody is told as of any
    other change of the series; gives how many sessions changed.
    """
    changed = 0
    for cohort_id, _ in cohorts_within(session, speaker):
        rhythm = stored_cohorts.rhythm_of(session, cohort_id=cohort_id, kind=study.KIND)
        if rhythm is not None and rhythm.is_on:
            cohort = cohort_of(session, speaker, cohort_id)
            series = study.read_series(rhythm.time_of_day, rhythm.settings)
            changed += follow(session, speaker, cohort, series, is_on=True, since=now, now=now)
            changed += _put_back(session, speaker, cohort, series, now=now)
            changed += _fill(session, cohort, rhythm, now=now)
    return changed


def _put_back(
    session: Session, speaker: Speaker, cohort: Cohort, series: Series, *, now: datetime
) -> int:
    """Let the sessions take place again that were left out, where their week has a day for them."""
    put_back = 0
    ahead = stored.of_cohorts(
        session, [cohort.id or 0], since=now, states=(CANCELLED,), kind=study.KIND
    )
    for found in ahead:
        # The rooms of a session are back with the first of them.
        if found.state != CANCELLED or not _is_left_out(session, cohort, found):
            continue
        starts_at = in_its_week(session, cohort, series, found)
        if starts_at is not None and starts_at > now:
            gatherings_back.put_back(session, speaker, found.id or 0, starts_at=starts_at, now=now)
            attendance.record_again(session, speaker, found, now=now)
            put_back += 1
    return put_back


def _is_left_out(session: Session, cohort: Cohort, found: Gathering) -> bool:
    """Whether a session went with its series and nothing else is in its week: no monthly session,
    none that a coordinator cancelled herself, no newer one of another weekday.
    """
    if found.reason != study.SERIES:
        return False
    own = {room.id for room in rooms.of_session(session, found)}
    day = local_date(found.starts_at, cohort.zone)
    return not any(
        other.state == PLANNED or (other.kind == study.KIND and not _is_older(other, found))
        for other in gatherings.in_week(session, cohort, day)
        if other.id not in own
    )


def _is_older(other: Gathering, found: Gathering) -> bool:
    """Whether a weekly session of the same week went with the series before this one was made."""
    return other.reason == study.SERIES and (other.id or 0) < (found.id or 0)


def _fill(session: Session, cohort: Cohort, rhythm: Rhythm, *, now: datetime) -> int:
    """Make the sessions of weeks that were planned while none of their days was worked."""
    beat = cohorts.beat_of(session, cohort, kind=study.KIND)
    today = local_date(now, cohort.zone)
    last = min(rhythm.watermark, cohort.end_on or rhythm.watermark)
    first = max(today, cohort.start_on)
    if beat is None or first > last:
        return 0
    made = 0
    for day in study.dates(beat, first, last):
        if beat.due_at(day) > now and not _is_planned(session, cohort, day):
            made += study.plan(session, Occasion(beat, day), now=now)
    return made


def _is_planned(session: Session, cohort: Cohort, day: date) -> bool:
    """Whether the week of a date has its session, or had one that was moved out of it."""
    monday = day - timedelta(days=day.weekday())
    days = [monday + timedelta(days=n) for n in range(7)]
    return stored.has_date(session, cohort.id or 0, days, kind=study.KIND) or bool(
        gatherings.in_week(session, cohort, day, kind=study.KIND)
    )
