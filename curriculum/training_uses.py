"""培训用上了没有: asked 30 and 60 days after a training; the answer and the example are her own."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlmodel import Session

from curriculum.annual_training import brief, looked_up
from curriculum.errors import NotThere
from curriculum.event_words import said, verdicts
from curriculum.facts import FOLDABLE, NotWanted, Verdict
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_events import PRESENT
from storage import owing, training_attendance, trainings
from storage import training_uses as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.training_uses import TrainingUse
from storage.trainings import PUBLISHED, TrainingEvent

KIND = "training_use"
# Days after the last day (issue 6).
DAYS = (30, 60)
HOUR = time(9)
# What was due while the bot was stopped is asked for so long; the answer is taken until the next.
ASKED_FOR, OPEN_FOR = timedelta(days=7), timedelta(days=30)


def asked_at(event: TrainingEvent, days: int) -> datetime:
    """When it is asked."""
    return moment_at(local_date(event.ends_at, ZONE) + timedelta(days=days), HOUR, ZONE)


def _due(event: TrainingEvent, *, now: datetime) -> int | None:
    """Which question is due and was not sent yet."""
    for days in DAYS:
        at = asked_at(event, days)
        was_sent = event.use_on is not None and event.use_on >= local_date(at, ZONE)
        if at <= now < at + ASKED_FOR and not was_sent:
            return days
    return None


def owe(session: Session, *, bot: int, now: datetime) -> int:
    """Owe what is due to everybody who was there; gives how many rows were added."""
    added, today = 0, local_date(now, ZONE)
    since = now - timedelta(days=DAYS[-1] + 8)
    for found in trainings.recent(session, bot=bot, since=since):
        if found.state != PUBLISHED or _due(found, now=now) is None:
            continue
        event = trainings.event(session, found.id or 0, bot=bot, lock=True)
        days = _due(event, now=now) if event is not None else None
        if event is None or event.state != PUBLISHED or days is None:
            continue
        event.use_on = today
        session.add(event)
        session.flush()
        added += owing.owe_people(
            session,
            event,
            training_attendance.was_in(event.id or 0, PRESENT),
            kind=KIND,
            occasion=f"{event.id}:{days}",
            urgency=FOLDABLE,
            due_at=now,
            not_after=asked_at(event, days) + ASKED_FOR,
            now=now,
        )
    return added


def next_asked(session: Session, *, bot: int, now: datetime) -> datetime | None:
    """When any training is asked about next."""
    ahead = [
        at
        for event in trainings.recent(session, bot=bot, since=now - timedelta(days=DAYS[-1] + 1))
        for at in (asked_at(event, days) for days in DAYS)
        if event.state == PUBLISHED and event.ends_at <= now < at
    ]
    return min(ahead, default=None)


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed question says."""
    del now
    to, events = looked_up(session, claimed)

    def judge(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        days = int(row.occasion.split(":")[1])
        if event.state != PUBLISHED:
            return NotWanted("training_cancelled")
        key = f"{event.id}/{event.version}/{days}"
        return said(KIND, one, key, event=brief(event), days=days)

    return verdicts(claimed, to, events, judge)


def note(
    session: Session,
    speaker: Speaker,
    event_id: int,
    days: int,
    *,
    is_used: bool,
    text: str = "",
    now: datetime,
) -> str:
    """Keep what she says, in place of what she said before; gives the training's title.

    Raises NotThere for a training she was not in, or that is not asked about now.
    """
    event = trainings.event(session, event_id, bot=speaker.bot)
    if event is None or event.state != PUBLISHED or days not in DAYS:
        raise NotThere
    states = training_attendance.states_of(session, event_id, speaker.person_id)
    since = asked_at(event, days)
    if not set(states.values()) & set(PRESENT) or not since <= now < since + OPEN_FOR:
        raise NotThere
    row = stored.of(session, event_id, speaker.person_id, days) or TrainingUse(
        event_id=event_id,
        person_id=speaker.person_id,
        days=days,
        is_used=is_used,
        text="",
        said_at=now,
    )
    row.is_used, row.text, row.said_at = is_used, text or (row.text if is_used else ""), now
    session.add(row)
    return event.title
