"""Holding or moving one date of the schedule, and taking that back."""

from datetime import datetime, time
from typing import Any

from sqlmodel import Session

from curriculum import daily_lesson, occasions
from curriculum.daily_lesson import KIND
from curriculum.errors import NotThere
from curriculum.gathering_errors import (
    HourNotPossible,
    OccasionBegun,
    OccasionChanged,
    OccasionPassed,
)
from curriculum.people import Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.schedule import DAYS_AHEAD, Detail, Place, detail_of, mark_of, place_of
from storage import audit
from storage import deliveries as outbox
from storage import lesson_deliveries as owed
from storage import schedule as stored


def hold(session: Session, speaker: Speaker, name: str, *, seen: str, now: datetime) -> Detail:
    """Send nothing on a date; the cohort goes on with the same lesson on its next working day.

    Raises OccasionPassed, OccasionBegun when somebody has it already, OccasionChanged.
    """
    place, standing = _for_change(session, speaker, name, seen=seen, now=now)
    if stored.is_begun(session, kind=KIND, occasion=place.occasion.name):
        raise OccasionBegun
    standing.state = occasions.HELD
    session.add(standing)
    session.flush()
    held = stored.hold_waiting(session, kind=KIND, occasion=place.occasion.name)
    _note(session, speaker, place, "hold_occasion", now=now, rows=held)
    return detail_of(session, place, standing, now=now)


def move(
    session: Session, speaker: Speaker, name: str, hour: time, *, seen: str, now: datetime
) -> Detail:
    """Send a date's message at another hour of the same day; its date and name stay.

    Members with an hour of their own keep it, unless it is earlier than the new one. Raises
    OccasionPassed, OccasionChanged, HourNotPossible.
    """
    place, standing = _for_change(session, speaker, name, seen=seen, now=now)
    moment = moment_at(place.day, hour, place.beat.zone)
    if moment <= now or place.beat.is_quiet(moment):
        raise HourNotPossible(
            start=f"{place.beat.quiet_from:%H:%M}", end=f"{place.beat.quiet_to:%H:%M}"
        )
    standing.moved_to = moment
    _open_again(session, place, standing, now=now)
    _note(session, speaker, place, "move_occasion", now=now, to=moment.isoformat())
    return detail_of(session, place, standing, now=now)


def as_usual(session: Session, speaker: Speaker, name: str, *, seen: str, now: datetime) -> Detail:
    """Take a hold or a move back: the date goes out at its rhythm's hour.

    Raises OccasionPassed when that hour, or the one it was moved to, has come; OccasionChanged.
    """
    place, standing = _for_change(session, speaker, name, seen=seen, now=now)
    if place.due_at(None) <= now:
        raise OccasionPassed
    standing.moved_to = None
    _open_again(session, place, standing, now=now)
    _note(session, speaker, place, "occasion_as_usual", now=now)
    return detail_of(session, place, standing, now=now)


def _for_change(
    session: Session, speaker: Speaker, name: str, *, seen: str, now: datetime
) -> tuple[Place, outbox.Occasion]:
    """A date that may be changed, locked until the transaction ends."""
    place = place_of(session, speaker, name)
    if (place.day - local_date(now, place.beat.zone)).days > DAYS_AHEAD:
        raise NotThere
    standing = stored.lock_occasion(
        session, kind=KIND, cohort_id=place.beat.cohort_id, local_date=place.day, now=now
    )
    if mark_of(place.beat, standing) != seen:
        raise OccasionChanged
    if place.due_at(standing) <= now:
        raise OccasionPassed
    return place, standing


def _open_again(
    session: Session, place: Place, standing: outbox.Occasion, *, now: datetime
) -> None:
    """Let a date go out: planned now if its midnight has passed, else by the planner."""
    beat, day, name = place.beat, place.day, place.occasion.name
    standing.state = occasions.MOVED
    session.add(standing)
    session.flush()
    if stored.watermark_of(session, kind=KIND, cohort_id=beat.cohort_id) < day:
        return
    stored.reopen_held(session, kind=KIND, occasion=name)
    daily_lesson.plan(session, place.occasion, now=now)
    for own in {*owed.hours_of(session, beat.cohort_id), None}:
        hour = beat.hour_on(own, standing.moved_to)
        stored.redue_members(
            session,
            kind=KIND,
            occasion=name,
            cohort_id=beat.cohort_id,
            own_time=own,
            due_at=beat.due_at(day, hour),
            not_after=beat.not_after(day, hour),
        )


def _note(
    session: Session, speaker: Speaker, place: Place, action: str, *, now: datetime, **facts: Any
) -> None:
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action=action,
        object_kind="cohort",
        object_id=place.beat.cohort_id,
        day=place.day.isoformat(),
        **facts,
    )
