"""Who comes to a training: places, a waiting list that moves up by itself, who cannot and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import training_events
from curriculum.errors import NotThere
from curriculum.facts import FOLDABLE, URGENT
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_errors import TrainingBegun, TrainingClosed
from curriculum.training_events import EventView, to_arrange, view, write_down
from storage import deliveries
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings as stored
from storage.people import Person
from storage.training_seats import DECLINED, REGISTERED, WAITING, Seated, TrainingSeat
from storage.trainings import PUBLISHED, TrainingEvent

SEAT = "training_seat"
# Why somebody cannot come; a code, never words.
REASONS = ("field_visit", "other_meeting", "on_leave", "unsaid")
# Of whom a coordinator took off the list.
REMOVED = "removed"
MOVED_UP, ADDED, TAKEN_OFF = "moved_up", "added", "taken_off"
# Nearer than this a word about somebody's place does not wait for the morning.
NEAR = timedelta(hours=24)
PAGE = 6
LISTS = (REGISTERED, WAITING, DECLINED)


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of who comes, waits or cannot; `counts` of all three lists."""

    event_id: int
    title: str
    name: str
    lines: tuple[Seated, ...]
    page: int
    pages: int
    counts: tuple[int, int, int]
    version: int
    can_change: bool


def register(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> EventView:
    """我报名: a place where one is free, else the end of the waiting list; twice is once.

    Raises NotThere, TrainingClosed, TrainingBegun.
    """
    event = _hers(session, speaker, event_id, now=now)
    found = seats.seat(session, event_id, speaker.person_id)
    if found is None or found.state not in (REGISTERED, WAITING):
        _require_open(event, now=now)
        _seat(session, event, speaker.person_id, actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)


def decline(
    session: Session, speaker: Speaker, event_id: int, *, reason: str, now: datetime
) -> EventView:
    """去不了, with one of REASONS; whoever waits longest moves up. NotThere, TrainingBegun."""
    event = _hers(session, speaker, event_id, now=now)
    if reason not in REASONS:
        raise NotThere
    if event.starts_at <= now:
        raise TrainingBegun
    _give_up(session, event, speaker.person_id, reason, actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)


def _hers(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> TrainingEvent:
    """A published training that is for her, locked: two who ask at once are served in turn."""
    event = stored.event(session, event_id, bot=speaker.bot, lock=True)
    if event is None or event.state != PUBLISHED:
        raise NotThere
    on = local_date(now, ZONE)
    is_seated = seats.seat(session, event_id, speaker.person_id) is not None
    if not is_seated and not people.is_for(session, event, speaker.person_id, on=on):
        raise NotThere
    return event


def _require_open(event: TrainingEvent, *, now: datetime) -> None:
    phase = training_events.phase_of(event, now=now)
    if phase == training_events.CLOSED:
        raise TrainingClosed(day=event.deadline)
    if phase != training_events.OPEN:
        raise TrainingBegun


def _seat(
    session: Session, event: TrainingEvent, person_id: int, *, actor_id: int, now: datetime
) -> TrainingSeat:
    """Give somebody a place, or the last number of the waiting list; the event is locked."""
    event_id = event.id or 0
    taken = seats.count(session, event_id, REGISTERED)
    state = REGISTERED if taken < event.places else WAITING
    return _set(session, event, person_id, state, actor_id=actor_id, now=now, is_queued=True)


def _set(
    session: Session,
    event: TrainingEvent,
    person_id: int,
    state: str,
    *,
    actor_id: int | None,
    now: datetime,
    reason: str = "",
    is_queued: bool = False,
) -> TrainingSeat:
    event_id = event.id or 0
    found = seats.seat(session, event_id, person_id)
    if found is None:
        found = TrainingSeat(
            event_id=event_id,
            person_id=person_id,
            state=state,
            queued=seats.next_number(session, event_id),
            version=0,
            changed_at=now,
        )
    elif is_queued:
        found.queued = seats.next_number(session, event_id)
    found.state, found.reason, found.version = state, reason, found.version + 1
    found.changed_by, found.changed_at = actor_id, now
    session.add(found)
    session.flush()
    write_down(session, event, f"training_{state}", actor_id=actor_id, now=now, person=person_id)
    return found


def _give_up(
    session: Session,
    event: TrainingEvent,
    person_id: int,
    reason: str,
    *,
    actor_id: int,
    now: datetime,
) -> TrainingSeat:
    seat = _set(session, event, person_id, DECLINED, actor_id=actor_id, now=now, reason=reason)
    move_up(session, event, now=now)
    return seat


def move_up(session: Session, event: TrainingEvent, *, now: datetime) -> int:
    """Give free places to who waits longest, and tell each at once; gives how many moved up."""
    free = event.places - seats.count(session, event.id or 0, REGISTERED)
    if free <= 0:
        return 0
    moved = seats.waiting(session, event.id or 0, limit=free)
    for seat in moved:
        found = _set(session, event, seat.person_id, REGISTERED, actor_id=None, now=now)
        _tell(session, event, found, MOVED_UP, now=now)
    return len(moved)


def _tell(
    session: Session, event: TrainingEvent, seat: TrainingSeat, what: str, *, now: datetime
) -> None:
    deliveries.add(
        session,
        bot=event.bot,
        kind=SEAT,
        occasion=f"{event.id}:{seat.version}:{what}",
        recipient=seat.person_id,
        person_id=seat.person_id,
        subject_id=event.id,
        urgency=URGENT if event.starts_at - now < NEAR else FOLDABLE,
        due_at=now,
        not_after=event.ends_at,
        created_at=now,
    )


def listed(
    session: Session, speaker: Speaker, event_id: int, name: str, *, page: int = 0, now: datetime
) -> ListPage:
    """One page of a list of a training, for whoever arranges it; raises NotThere."""
    event = stored.event(session, event_id, bot=speaker.bot)
    if event is None or not training_events.arranges(session, speaker, event) or name not in LISTS:
        raise NotThere
    lines = seats.seated(session, event_id, [name])
    pages = max(1, -(-len(lines) // PAGE))
    page = min(page, pages - 1)
    held = seats.counts(session, [event_id])
    return ListPage(
        event_id=event_id,
        title=event.title,
        name=name,
        lines=tuple(lines[page * PAGE : (page + 1) * PAGE]),
        page=page,
        pages=pages,
        counts=(
            held.get((event_id, REGISTERED), 0),
            held.get((event_id, WAITING), 0),
            held.get((event_id, DECLINED), 0),
        ),
        version=event.version,
        can_change=event.state == PUBLISHED and event.starts_at > now,
    )


def on_list(
    session: Session, speaker: Speaker, event_id: int, person_id: int, *, now: datetime
) -> tuple[str, str, str]:
    """(name, station, the training's title) of who comes or waits; NotThere, TrainingBegun."""
    event = to_arrange(session, speaker, event_id, lock=False)
    found = [
        one
        for one in seats.seated(session, event_id, [REGISTERED, WAITING])
        if one.person_id == person_id
    ]
    if not found:
        raise NotThere
    if event.starts_at <= now:
        raise TrainingBegun
    return found[0].name, found[0].unit_name, event.title


def add_person(
    session: Session, speaker: Speaker, event_id: int, person_id: int, *, now: datetime
) -> str:
    """Put somebody on the list who cannot press herself; gives her state. She is told.

    After the deadline too. Raises NotThere, TrainingBegun.
    """
    event = to_arrange(session, speaker, event_id)
    if event.state != PUBLISHED or not people.works_under(
        session, person_id, speaker.reach("run_training")
    ):
        raise NotThere
    if event.starts_at <= now:
        raise TrainingBegun
    found = seats.seat(session, event_id, person_id)
    if found is not None and found.state in (REGISTERED, WAITING):
        return found.state
    seat = _seat(session, event, person_id, actor_id=speaker.person_id, now=now)
    _tell(session, event, seat, ADDED, now=now)
    return seat.state


def take_off(
    session: Session, speaker: Speaker, event_id: int, person_id: int, *, now: datetime
) -> str:
    """Take somebody off the list, who is told; gives her name. NotThere, TrainingBegun."""
    event = to_arrange(session, speaker, event_id)
    found = seats.seat(session, event_id, person_id)
    if found is None or found.state not in (REGISTERED, WAITING):
        raise NotThere
    if event.starts_at <= now:
        raise TrainingBegun
    seat = _give_up(session, event, person_id, REMOVED, actor_id=speaker.person_id, now=now)
    _tell(session, event, seat, TAKEN_OFF, now=now)
    return session.get_one(Person, person_id).name
