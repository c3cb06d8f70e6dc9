"""What goes on paper of a training: who signs in a half day, and what a calendar is told of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import training_events
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_events import EventView
from storage import directory, trainings
from storage import training_attendance as stored
from storage.trainings import PUBLISHED, TrainingEvent, TrainingPeriod


@dataclass(frozen=True, slots=True)
class Signer:
    """One line to sign; `role` is a code, "" where she holds none; `contact` may be left out."""

    name: str
    unit: str
    role: str
    contact: str


@dataclass(frozen=True, slots=True)
class SignInSheet:
    """A half day's sheet, its people by station."""

    title: str
    place: str
    organiser: str
    topic: str
    trainer: str
    starts_at: datetime
    minutes: int
    signers: tuple[Signer, ...]


def sign_in_sheet(
    session: Session, speaker: Speaker, period_id: int, *, now: datetime
) -> SignInSheet:
    """The sheet of a half day; telephone numbers only for who arranges the training. NotThere."""
    period = trainings.period(session, period_id)
    event = trainings.event(session, period.event_id, bot=speaker.bot) if period else None
    if period is None or event is None or event.state != PUBLISHED:
        raise NotThere
    if not training_events.calls(session, speaker, event, period):
        raise NotThere
    shows_contacts = training_events.arranges(session, speaker, event)
    return sheet_of(session, event, period, shows_contacts=shows_contacts, now=now)


def sheet_of(
    session: Session,
    event: TrainingEvent,
    period: TrainingPeriod,
    *,
    shows_contacts: bool,
    now: datetime,
) -> SignInSheet:
    """`sign_in_sheet` of a half day at hand."""
    lines = stored.roll(session, period)
    held = directory.grants_of(session, [one.person_id for one in lines], on=local_date(now, ZONE))
    roles = {grant.person_id: grant.role for grant in reversed(held)}
    return SignInSheet(
        title=event.title,
        place=event.place,
        organiser=event.organiser,
        topic=period.topic,
        trainer=period.trainer,
        starts_at=period.starts_at,
        minutes=period.minutes,
        signers=tuple(
            Signer(
                one.name,
                one.unit_name,
                roles.get(one.person_id, ""),
                (one.phone or "") if shows_contacts else "",
            )
            for one in lines
        ),
    )


def for_calendar(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> EventView:
    """A training that a calendar can be told of: announced, or called off since. NotThere."""
    found = training_events.read(session, speaker, event_id, now=now)
    # What was never announced stands in nobody's calendar.
    if found.state == "draft":
        raise NotThere
    return found
