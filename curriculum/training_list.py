"""A half day of a training for whoever calls its roll: its counts, its code, a list of names."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import chain_list, training_attendance, training_events
from curriculum.chain_list import Matched
from curriculum.errors import NotThere
from curriculum.people import Speaker
from curriculum.training_attendance import TO_CONFIRM
from curriculum.training_events import PRESENT
from storage import training_attendance as stored
from storage import trainings
from storage.gathering_people import Expected
from storage.trainings import PUBLISHED


@dataclass(frozen=True, slots=True)
class Half:
    """One half day; `token` is what its code carries, `opens_at` when it begins to count."""

    period_id: int
    event_id: int
    title: str
    place: str
    topic: str
    trainer: str
    starts_at: datetime
    minutes: int
    opens_at: datetime
    token: str
    here: int
    to_confirm: int
    everybody: int


def half(session: Session, speaker: Speaker, period_id: int) -> Half:
    """A half day for whoever gives it or arranges the training, at any time; raises NotThere."""
    period = trainings.period(session, period_id)
    event = trainings.event(session, period.event_id, bot=speaker.bot) if period else None
    if period is None or event is None or event.state != PUBLISHED:
        raise NotThere
    if not training_events.calls(session, speaker, event, period):
        raise NotThere
    lines = stored.roll(session, period)
    return Half(
        period_id=period_id,
        event_id=event.id or 0,
        title=event.title,
        place=event.place,
        topic=period.topic,
        trainer=period.trainer,
        starts_at=period.starts_at,
        minutes=period.minutes,
        opens_at=period.starts_at - training_attendance.OPENS_BEFORE,
        token=period.token,
        here=sum(one.state in PRESENT for one in lines),
        to_confirm=sum(one.state == TO_CONFIRM for one in lines),
        everybody=len(lines),
    )


def match(
    session: Session, speaker: Speaker, period_id: int, text: str, *, now: datetime
) -> Matched:
    """Match names from paper or a group to the list; NoNumbers, and as calling the roll."""
    _, period = training_attendance.to_call(session, speaker, period_id, now=now)
    lines = [
        Expected(one.person_id, one.name, one.unit_name, one.state, "", is_away=False)
        for one in stored.roll(session, period)
    ]
    return chain_list.match(text, lines)
