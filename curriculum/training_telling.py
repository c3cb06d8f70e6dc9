"""Telling of a training's change: what is different, to everybody it concerns, once."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col

from curriculum import annual_training
from curriculum.annual_training import CHANGED
from curriculum.event_words import change_name, note_change
from curriculum.facts import FOLDABLE, URGENT
from curriculum.second_thoughts import TAKE_BACK
from curriculum.training_snapshots import TOLD, differences, snapshot
from storage import owing
from storage import training_people as people
from storage import trainings as stored
from storage.people import Person
from storage.trainings import TrainingEvent

# A calendar's entry is renewed for these.
IN_CALENDARS = ("state", "when", "programme", "place", "title")
# Nearer than this a change is urgent (EXPERIENCE section 1).
NEAR = timedelta(hours=24)


def settle(
    session: Session,
    event: TrainingEvent,
    was: Mapping[str, Any],
    *,
    also: Collection[int] = (),
    now: datetime,
) -> None:
    """Note what changed, and owe the word of it: with what nobody was told of yet, as one.

    `also` are people whom it concerns besides.
    """
    session.add(event)
    session.flush()
    found = differences(was, snapshot(session, event))
    event.version += 1
    event.before, event.changed_at = dict(was), now
    is_announced = event.published_at is not None
    if is_announced and any(field in IN_CALENDARS for field, *_ in found):
        event.moves += 1
        # Reminders are counted anew from where it lies now.
        event.reminded = annual_training.last_due(event, now=now)
    told = [one for one in found if one[0] in TOLD]
    if is_announced and told and note_change(session, event, CHANGED, told, TOLD):
        _tell(session, event, also=also, now=now)
    session.add(event)
    session.flush()


def _tell(session: Session, event: TrainingEvent, *, also: Collection[int], now: datetime) -> None:
    """Owe the word to who comes, waits, gives a half day, or was invited and has not declined."""
    trainers = {one.trainer_id for one in stored.periods(session, event.id or 0)} - {None}
    condition = people.concerned(event.id or 0) | col(Person.id).in_(trainers | set(also))
    was_at = [datetime.fromisoformat(was) for field, was, _ in event.changes if field == "when"]
    is_near = min([event.starts_at, *was_at]) - now < NEAR
    owing.owe_people(
        session,
        event,
        condition,
        kind=CHANGED,
        occasion=change_name(event),
        urgency=URGENT if is_near else FOLDABLE,
        due_at=now + TAKE_BACK,
        not_after=max([event.ends_at, *was_at]),
        now=now,
    )
