"""Where a half day of a training can lie, what stands against changing it, and reading its time."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import training_changes, training_plans
from curriculum.errors import ChangedMeanwhile, DateNotUnderstood, HourNotUnderstood
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_attendance import TO_CONFIRM
from curriculum.training_errors import (
    TrainingCertified,
    TrainingHalfFar,
    TrainingHalfOverlaps,
    TrainingHalfSigned,
    TrainingHours,
)
from curriculum.training_events import PRESENT, to_arrange
from curriculum.training_rows import MOST_PERIODS
from curriculum.training_words import LONGEST, MOST_DAYS, SHORTEST, PeriodPlan, ends_at
from curriculum.written_times import date_first, read_span
from storage import certificates, trainings
from storage import training_attendance as attendance
from storage.trainings import CANCELLED, PUBLISHED, TrainingEvent, TrainingPeriod


def to_change(
    session: Session, speaker: Speaker, event_id: int, *, seen: int | None, lock: bool = True
) -> TrainingEvent:
    """A training whose programme she may change; NotThere, ChangedMeanwhile, TrainingCertified."""
    event = to_arrange(session, speaker, event_id, seen=seen, lock=lock)
    if event.state == CANCELLED:
        raise ChangedMeanwhile
    if is_certified(session, event):
        raise TrainingCertified
    return event


def is_certified(session: Session, event: TrainingEvent) -> bool:
    """Whether somebody holds a certificate: its minutes are those of the programme."""
    return any(row.revoked_at is None for row in certificates.of_event(session, event.id or 0))


def signed(session: Session, period: TrainingPeriod) -> int:
    """How many were in a half day, or say so and wait for a word."""
    states = (*PRESENT, TO_CONFIRM)
    return attendance.count_in(session, period.event_id, states).get(period.id or 0, 0)


def require_unsigned(session: Session, period: TrainingPeriod) -> None:
    """Raises TrainingHalfSigned."""
    count = signed(session, period)
    if count:
        raise TrainingHalfSigned(count=count)


def check(
    session: Session,
    event: TrainingEvent,
    plan: PeriodPlan,
    period: TrainingPeriod | None,
    *,
    now: datetime,
) -> None:
    """Whether a half day can lie there: beside the others, near them, after the deadline."""
    if period is not None and plan.starts_at != period.starts_at:
        require_unsigned(session, period)
    others = [
        one
        for one in trainings.periods(session, event.id or 0)
        if period is None or one.id != period.id
    ]
    if len(others) >= MOST_PERIODS:
        raise TrainingHalfFar(days=MOST_DAYS, halves=MOST_PERIODS)
    end = ends_at(plan.starts_at, plan.minutes)
    for one in others:
        if plan.starts_at < ends_at(one.starts_at, one.minutes) and one.starts_at < end:
            raise TrainingHalfOverlaps(topic=one.topic)
    first = min([plan.starts_at, *(one.starts_at for one in others)])
    last = max([plan.starts_at, *(one.starts_at for one in others)])
    if local_date(last, ZONE) - local_date(first, ZONE) >= timedelta(days=MOST_DAYS):
        raise TrainingHalfFar(days=MOST_DAYS, halves=MOST_PERIODS)
    is_begun = event.state == PUBLISHED and event.starts_at <= now
    if not is_begun or local_date(first, ZONE) < local_date(event.starts_at, ZONE):
        training_plans.check_dates(first, event.deadline, now=training_changes.opening(event, now))


def read_plan(written: str, day: date | None, *, today: date) -> PeriodPlan:
    """A time as it is written, on `day` where it names none; TrainingHours, HourNotUnderstood."""
    if day is None:
        day, written = date_first(written, today=today)
    try:
        begins, ends = read_span(written)
    except HourNotUnderstood:
        day, written = _dated(written, today=today)
        begins, ends = read_span(written)
    at = moment_at(day, begins, ZONE)
    minutes = int((moment_at(day, ends, ZONE) - at).total_seconds()) // 60
    if not SHORTEST <= minutes <= LONGEST:
        raise TrainingHours
    return PeriodPlan(at, minutes, "", "")


def _dated(written: str, *, today: date) -> tuple[date, str]:
    try:
        return date_first(written, today=today)
    except DateNotUnderstood as error:
        raise TrainingHours from error
