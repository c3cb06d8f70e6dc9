"""What the ledger says of a training's half days; what is corrected becomes a new row there."""

from datetime import datetime

from sqlmodel import Session

from curriculum import records, training_events
from curriculum.people import ZONE
from curriculum.records import OFFLINE
from curriculum.rhythm import local_date
from curriculum.training_events import KIND, PRESENT
from storage import training_attendance as stored
from storage.trainings import TrainingEvent, TrainingPeriod


def record(
    session: Session,
    event: TrainingEvent,
    period: TrainingPeriod,
    person_id: int,
    state: str,
    *,
    by: int,
    now: datetime,
) -> bool:
    """Let the ledger say what a state proves of a person; True when that is news."""
    return records.settle(
        session,
        person_id=person_id,
        unit_id=training_events.unit_at_the_time(session, person_id),
        study=KIND,
        occasion=f"{event.id}:{period.id}",
        occurred_on=local_date(period.starts_at, ZONE),
        title=f"{event.title}：{period.topic}",
        source_id=period.id,
        minutes=period.minutes,
        mode=OFFLINE,
        evidence=state if state in PRESENT else None,
        recorded_by=None if by == person_id else by,
        now=now,
    )


def settle_again(
    session: Session, event: TrainingEvent, period: TrainingPeriod, *, by: int, now: datetime
) -> int:
    """Correct the ledger where a half day took other minutes than were recorded; how many rows."""
    there = [one for one in stored.roll(session, period) if one.state in PRESENT]
    return sum(
        record(session, event, period, one.person_id, str(one.state), by=by, now=now)
        for one in there
    )
