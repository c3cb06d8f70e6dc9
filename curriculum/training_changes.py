"""Changing a training: what changed is told once to everybody concerned; cancelling; undoing."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import annual_training, training_plans, training_seats, training_words
from curriculum.errors import ChangedMeanwhile, NothingToUndo, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.training_errors import (
    TrainingBegun,
    TrainingCertified,
    TrainingLines,
    TrainingPlaces,
    TrainingUndoTooLate,
)
from curriculum.training_events import (
    EventView,
    can_undo,
    to_arrange,
    view,
    write_down,
)
from curriculum.training_ledger import settle_again
from curriculum.training_snapshots import restore, snapshot
from curriculum.training_telling import settle
from curriculum.written_times import read_date
from storage import certificates, training_attendance
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings as stored
from storage.people import Unit
from storage.training_seats import REGISTERED
from storage.trainings import CANCELLED, PUBLISHED, TrainingEvent, TrainingPeriod

# What a coordinator can change, one at a time.
CHANGEABLE = (
    "title",
    "first_day",
    "hours",
    "programme",
    "place",
    "deadline",
    "places",
    "organiser",
    "invited",
)
# What changes without a word to anybody but who is invited by it.
UNTOLD = ("places", "organiser", "invited")
LIMITS = {
    "title": training_words.TITLE_LIMIT,
    "place": training_words.PLACE_LIMIT,
    "organiser": training_words.ORGANISER_LIMIT,
    "cancel": training_words.REASON_LIMIT,
}


def change(
    session: Session,
    speaker: Speaker,
    event_id: int,
    field: str,
    value: str,
    *,
    seen: int,
    now: datetime,
) -> EventView:
    """Change one of CHANGEABLE to what was written.

    Raises NotThere, ChangedMeanwhile, TrainingBegun and what reading the value raises.
    """
    event = _to_change(session, speaker, event_id, seen=seen, now=now)
    before = snapshot(session, event)
    if field in ("first_day", "hours", "programme"):
        _lay_out_anew(session, event, field, value, now=now)
    elif field == "deadline":
        event.deadline = date.fromisoformat(value)
    elif field == "places":
        event.places = _places(session, event, value)
    elif field == "invited":
        event.invited = training_plans.read_invited(session, speaker, event.unit_id, value, now=now)
        # Whoever it is for only now is told within the minute.
        event.invited_on = None
    elif field in ("title", "place", "organiser"):
        read = {
            "title": training_words.title,
            "place": training_words.place,
            "organiser": training_words.organiser,
        }[field]
        setattr(event, field, read(value))
        if field == "place":
            # The pin was of the other place.
            event.latitude = event.longitude = None
    else:
        raise NotThere
    training_plans.check_dates(event.starts_at, event.deadline, now=opening(event, now))
    settle(session, event, before, now=now)
    write_down(session, event, "change_training", actor_id=speaker.person_id, now=now, field=field)
    if event.state == PUBLISHED:
        training_seats.move_up(session, event, now=now)
    return view(session, speaker, event, now=now)


def opening(event: TrainingEvent, now: datetime) -> datetime:
    """A deadline that has passed may stay as it is; one that is set must lie ahead."""
    passed = moment_at(event.deadline, annual_training.HOUR, ZONE)
    return min(now, passed) if event.state == PUBLISHED else now


def _to_change(
    session: Session, speaker: Speaker, event_id: int, *, seen: int | None, now: datetime
) -> TrainingEvent:
    event = to_arrange(session, speaker, event_id, seen=seen)
    if event.state == CANCELLED:
        raise ChangedMeanwhile
    # A draft whose first day has passed can still be given another.
    is_begun = event.starts_at <= now and event.state == PUBLISHED
    if is_begun or training_attendance.is_any(session, event_id):
        raise TrainingBegun
    return event


def _places(session: Session, event: TrainingEvent, value: str) -> int:
    wanted = training_words.places(value)
    taken = seats.count(session, event.id or 0, REGISTERED)
    if wanted < taken:
        raise TrainingPlaces(count=taken)
    return wanted


def _newly_invited(
    session: Session, speaker: Speaker, event: TrainingEvent, value: str, *, now: datetime
) -> int:
    """How many would be told because it is for them only now."""
    invited = training_plans.read_invited(session, speaker, event.unit_id, value, now=now)
    if event.state != PUBLISHED or local_date(now, ZONE) > event.deadline:
        return 0
    today = local_date(now, ZONE)
    return people.count_reached(session, event, on=today, invited=invited, but_told=True)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a change would be: how it reads, and how many are told of it."""

    value: str
    told: int


def propose(
    session: Session, speaker: Speaker, event_id: int, field: str, value: str, *, now: datetime
) -> Proposed:
    """Read a change back before it is made; raises what reading the value raises.

    `value` comes back as `change` takes it; a date is one of ISO form.
    """
    event = to_arrange(session, speaker, event_id, lock=False)
    if field in ("first_day", "deadline"):
        value = read_date(value, today=local_date(now, ZONE)).isoformat()
    elif field == "hours":
        training_words.hours(value)
    elif field == "programme":
        training_words.topics(value, len(stored.periods(session, event_id)))
    elif field == "invited":
        return Proposed(value, _newly_invited(session, speaker, event, value, now=now))
    elif field == "places":
        value = str(_places(session, event, value))
    else:
        limit = LIMITS.get(field)
        if limit is None:
            raise NotThere
        value = training_words.one_line(value, field, limit)
    is_told = event.state == PUBLISHED and field not in UNTOLD
    told = people.count_concerned(session, event) if is_told else 0
    return Proposed(value, told)


def set_pin(
    session: Session,
    speaker: Speaker,
    event_id: int,
    *,
    latitude: float,
    longitude: float,
    now: datetime,
) -> EventView:
    """Where it is on the map; nobody is told, since the place is the same."""
    event = _to_change(session, speaker, event_id, seen=None, now=now)
    event.latitude, event.longitude = latitude, longitude
    event.version += 1
    session.add(event)
    session.flush()
    write_down(session, event, "pin_training", actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)


def _lay_out_anew(
    session: Session, event: TrainingEvent, field: str, value: str, *, now: datetime
) -> None:
    """Give the half days another day, other hours, or other topics and trainers."""
    periods = stored.periods(session, event.id or 0)
    path = session.get_one(Unit, event.unit_id).path
    if field == "first_day":
        by = date.fromisoformat(value) - local_date(event.starts_at, ZONE)
        for one in periods:
            one.starts_at += by
        # Registration ends before the first day, wherever that lies.
        last = date.fromisoformat(value) - timedelta(days=1)
        event.deadline = max(min(event.deadline, last), min(last, local_date(now, ZONE)))
    elif field == "hours":
        _other_hours(periods, value)
    else:
        lines = training_words.topics(value, len(periods))
        for one, line in zip(periods, lines, strict=True):
            if line is None:
                session.delete(one)
                continue
            one.topic, one.trainer = line
            one.trainer_id = training_plans.trainer_id(session, one.trainer, path=path)
        periods = [one for one, line in zip(periods, lines, strict=True) if line is not None]
    session.add_all(periods)
    event.starts_at, event.ends_at = training_plans.span_of(periods)


def _other_hours(periods: list[TrainingPeriod], value: str) -> None:
    """The same hours on every day, each half day by its place in its own."""
    spans = training_words.hours(value)
    by_day: dict[date, list[TrainingPeriod]] = {}
    for one in periods:
        by_day.setdefault(local_date(one.starts_at, ZONE), []).append(one)
    most = max(len(own) for own in by_day.values())
    if len(spans) != most:
        raise TrainingLines(wanted=most, found=len(spans))
    for day, own in by_day.items():
        for one, (start, minutes) in zip(own, spans, strict=False):
            one.starts_at, one.minutes = moment_at(day, start, ZONE), minutes


def cancel(
    session: Session, speaker: Speaker, event_id: int, *, reason: str, seen: int, now: datetime
) -> EventView:
    """It does not take place; everybody concerned is told once, with the reason."""
    event = _to_change(session, speaker, event_id, seen=seen, now=now)
    before = snapshot(session, event)
    event.state, event.reason = CANCELLED, training_words.reason(reason)
    settle(session, event, before, now=now)
    write_down(session, event, "cancel_training", actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)


def undo(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> EventView:
    """撤销 the last change within ten minutes; whoever heard of it hears that it is undone.

    Raises NotThere, NothingToUndo, TrainingUndoTooLate, TrainingCertified, TrainingHalfSigned.
    """
    event = to_arrange(session, speaker, event_id)
    if event.before is None or event.changed_at is None:
        raise NothingToUndo
    if not can_undo(event, now=now):
        raise TrainingUndoTooLate
    if any(row.revoked_at is None for row in certificates.of_event(session, event_id)):
        raise TrainingCertified
    restored, now_is = dict(event.before), snapshot(session, event)
    gave = {one.trainer_id for one in stored.periods(session, event_id)}
    restore(session, event, restored)
    for period in stored.periods(session, event_id):
        settle_again(session, event, period, by=speaker.person_id, now=now)
    also = {person_id for person_id in gave if person_id is not None}
    settle(session, event, now_is, also=also, now=now)
    if event.state == PUBLISHED:
        training_seats.move_up(session, event, now=now)
        # Whoever it is for again is told within the minute.
        event.invited_on = None
    # One step back is enough; two would be guessing.
    event.before = None
    session.add(event)
    session.flush()
    write_down(session, event, "undo_training", actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)
