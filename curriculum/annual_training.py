"""每年线下培训学: who is told of a training and when, and what each message says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from sqlmodel import Session, col

from curriculum import training_events, training_programme, training_seats
from curriculum.event_words import change_name, invitation_name, said, subjects, verdicts
from curriculum.facts import FOLDABLE, TIMED, Facts, NotWanted, Verdict
from curriculum.people import ZONE
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import TAKE_BACK
from curriculum.training_events import OPEN, phase_of
from curriculum.training_seats import SEAT
from storage import owing
from storage import training_people as people
from storage import trainings as stored
from storage.addressees import Addressee
from storage.deliveries import Claimed
from storage.people import Person
from storage.training_seats import REGISTERED
from storage.trainings import PUBLISHED, TrainingEvent

KIND = training_events.KIND
AHEAD, CHANGED = "training_ahead", "training_changed"
# A reminder of some days before comes when the quiet hours end; that of the day two hours before.
HOUR = time(9)
ON_THE_DAY, BEFORE_START = 0, timedelta(hours=2)
SEND = "send"


@dataclass(frozen=True, slots=True)
class Brief:
    """What a message says of a training."""

    event_id: int
    title: str
    place: str
    organiser: str
    places: int
    deadline: date
    starts_at: datetime
    ends_at: datetime
    state: str
    reason: str
    version: int


def brief(event: TrainingEvent) -> Brief:
    """A training for a message about it."""
    return Brief(
        event.id or 0,
        event.title,
        event.place,
        event.organiser,
        event.places,
        event.deadline,
        event.starts_at,
        event.ends_at,
        event.state,
        event.reason,
        event.version,
    )


def invite(session: Session, event: TrainingEvent, *, now: datetime) -> int:
    """Owe the invitation to everybody it is for who has none yet; gives how many."""
    today = local_date(now, ZONE)
    event.invited_on = today
    session.add(event)
    session.flush()
    condition = people.is_invited(event.invited, people.paths_of(session, event.invited), on=today)
    return owing.owe_people(
        session,
        event,
        condition,
        kind=KIND,
        occasion=invitation_name(event),
        urgency=FOLDABLE,
        due_at=now + TAKE_BACK,
        not_after=moment_at(event.deadline + timedelta(days=1), time(), ZONE),
        now=now,
    )


def reminders(event: TrainingEvent) -> list[tuple[int, datetime]]:
    """(days before, when it is due) of each reminder, the earliest first; 0 is the day itself."""
    first = local_date(event.starts_at, ZONE)
    days = sorted({int(day) for day in event.reminders["days"]}, reverse=True)
    ahead = [(day, moment_at(first - timedelta(days=day), HOUR, ZONE)) for day in days]
    return [*ahead, (ON_THE_DAY, event.starts_at - BEFORE_START)]


def last_due(event: TrainingEvent, *, now: datetime) -> int | None:
    """Which reminder was due last; None before the first."""
    due = [day for day, due_at in reminders(event) if due_at <= now]
    return due[-1] if due else None


def next_reminder(session: Session, *, bot: int, now: datetime) -> datetime | None:
    """When the next reminder of any open training is due."""
    ahead = [
        due_at
        for event in stored.open_events(session, bot=bot, now=now)
        for _, due_at in reminders(event)
        if due_at > now
    ]
    return min(ahead, default=None)


def owe_ahead(session: Session, *, bot: int, now: datetime) -> int:
    """Owe what belongs to this minute of every open training; gives how many rows were added.

    Once a local day invitations go to who has joined meanwhile, and places of who has left go on.
    """
    added = 0
    for found in stored.open_events(session, bot=bot, now=now):
        due = last_due(found, now=now)
        is_due = due is not None and (found.reminded is None or due < found.reminded)
        is_new_day = found.invited_on != local_date(now, ZONE)
        if not (is_due or is_new_day):
            continue
        event = stored.event(session, found.id or 0, bot=bot, lock=True)
        if event is None or event.state != PUBLISHED:
            continue
        if is_new_day and phase_of(event, now=now) == OPEN:
            added += invite(session, event, now=now)
        if event.starts_at > now:
            added += training_seats.move_up(session, event, now=now)
        if is_due and due is not None:
            added += _remind(session, event, due, now=now)
    return added


def _remind(session: Session, event: TrainingEvent, day: int, *, now: datetime) -> int:
    """Owe one reminder to who comes and to who gives a half day, unless it is too late for it."""
    event.reminded = day
    session.add(event)
    session.flush()
    due_at = dict(reminders(event))[day]
    limit = event.starts_at
    if event.reminders["late"] != SEND:
        late = timedelta(hours=int(event.reminders["skip_after_hours"]))
        limit = min(limit, due_at + late)
    trainers = {one.trainer_id for one in stored.periods(session, event.id or 0)} - {None}
    condition = people.stands(event.id or 0, REGISTERED) | col(Person.id).in_(trainers)
    if now > max(limit, due_at):
        return 0
    return owing.owe_people(
        session,
        event,
        condition,
        kind=AHEAD,
        occasion=f"{event.id}:{event.moves}:{day}",
        urgency=FOLDABLE if day else TIMED,
        due_at=due_at,
        # What begins before the quiet hours end is said when they do.
        not_after=max(limit, due_at) if day else event.ends_at,
        now=now,
    )


def facts(session: Session, claimed: Sequence[Claimed], *, now: datetime) -> dict[int, Verdict]:
    """What each claimed invitation says, in a fixed number of queries for each training."""
    to, events = looked_up(session, claimed)
    on = local_date(now, ZONE)
    still: dict[int, set[int]] = {
        event_id: people.still_invited(session, event, [row.person_id or 0 for row in claimed], on)
        for event_id, event in events.items()
    }

    def verdict(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        if event.state != PUBLISHED or row.occasion != invitation_name(event):
            return NotWanted("training_cancelled")
        if phase_of(event, now=now) != OPEN:
            return NotWanted("training_closed")
        if one.state is not None or one.person_id not in still[event.id or 0]:
            return NotWanted("not_wanted")
        return said(KIND, one, f"{event.id}/{event.version}", event=brief(event))

    return verdicts(claimed, to, events, verdict)


def ahead_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed reminder says; whoever comes no more is not reminded."""
    to, events = looked_up(session, claimed)
    given = {
        event_id: {one.trainer_id for one in stored.periods(session, event_id)}
        for event_id in events
    }

    def verdict(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        _, moves, day = row.occasion.split(":")
        comes = one.state == REGISTERED or one.person_id in given[event.id or 0]
        is_on = event.state == PUBLISHED and int(moves) == event.moves and event.ends_at > now
        if not (is_on and comes):
            return NotWanted("not_wanted")
        key = f"{event.id}/{event.version}/{day}"
        return said(AHEAD, one, key, event=brief(event), days=int(day))

    return verdicts(claimed, to, events, verdict)


def changed_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed word of a change says: all that changed since people heard last."""
    del now
    to, events = looked_up(session, claimed)

    def verdict(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        if row.occasion != change_name(event) or not event.changes:
            return NotWanted("not_wanted")
        key = f"{event.id}/{event.version}/{one.state}"
        changes = _read(event.changes)
        return said(CHANGED, one, key, event=brief(event), changes=changes, seat=one.state)

    return verdicts(claimed, to, events, verdict)


def seat_facts(
    session: Session, claimed: Sequence[Claimed], *, now: datetime
) -> dict[int, Verdict]:
    """What each claimed word about a person's own place says, while it is still so."""
    to, events = looked_up(session, claimed)

    def verdict(row: Claimed, one: Addressee, event: TrainingEvent) -> Verdict:
        _, version, what = row.occasion.split(":")
        is_on = event.state == PUBLISHED and event.ends_at > now
        if not is_on or int(version) != one.version:
            return NotWanted("not_wanted")
        key = f"{event.id}/{event.version}/{what}"
        return said(SEAT, one, key, event=brief(event), what=what, seat=one.state)

    return verdicts(claimed, to, events, verdict)


def ahead_line(facts: Facts) -> Mapping[str, Any]:
    """A reminder as a line of the next lesson; an invitation is none, since it can be answered."""
    return {"starts_at": facts.values["event"].starts_at}


def looked_up(
    session: Session, claimed: Sequence[Claimed]
) -> tuple[dict[int, Addressee], dict[int, TrainingEvent]]:
    """Whom claimed words about trainings are for, by delivery, and the trainings by id."""
    to = people.addressees(session, [row.id for row in claimed])
    return to, stored.of_ids(session, subjects(claimed))


def _read(changes: Sequence[Any]) -> tuple[tuple[str, Any, Any], ...]:
    """Changes as they are worded: moments and dates as such, of a programme its half days."""
    reading = {"when": datetime.fromisoformat, "deadline": date.fromisoformat}
    return tuple(
        (field, (), training_programme.differences(was, now_is))
        if field == "programme"
        else (field, reading.get(field, str)(was), reading.get(field, str)(now_is))
        for field, was, now_is in changes
    )


# What else is sent around a training, each of its own kind.
NOTICES: tuple[Any, ...] = (
    SimpleNamespace(KIND=AHEAD, facts=ahead_facts, line=ahead_line),
    SimpleNamespace(KIND=CHANGED, facts=changed_facts),
    SimpleNamespace(KIND=SEAT, facts=seat_facts),
)
