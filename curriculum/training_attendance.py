"""Attendance at a training, per half day: the code on the wall, the trainer's list, paper, sheets.

Whatever proves presence goes into the ledger at once; what is corrected becomes a new row there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from curriculum import training_events
from curriculum.errors import NotThere, TooEarly
from curriculum.event_access import path_of
from curriculum.people import Speaker
from curriculum.training_errors import TrainingListClosed
from curriculum.training_events import PRESENT, write_down
from curriculum.training_ledger import record
from curriculum.training_words import ends_at
from storage import training_attendance as stored
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings
from storage.training_attendance import Expected
from storage.training_seats import REGISTERED, WALK_IN, TrainingSeat
from storage.trainings import PUBLISHED, TrainingEvent, TrainingPeriod

SIGNED_IN, ROLL_CALL, ON_PAPER, IMPORTED = PRESENT
TO_CONFIRM, ABSENT = "to_confirm", "absent"
# How whoever calls the roll knows it.
BY_HAND = (ROLL_CALL, ON_PAPER)
# From when on the code on the wall counts, and until when it counts by itself.
OPENS_BEFORE, CLOSES_AFTER = timedelta(minutes=30), timedelta(minutes=30)
# How long a trainer may still mend the list (EXPERIENCE section 3); who arranges it may always.
OPEN_FOR = timedelta(days=7)
EARLY, RECORDED, BEFORE, LATE, MISSED, UNANNOUNCED, OVER, NOT_ON = (
    "early",
    "recorded",
    "before",
    "late",
    # Whoever called the roll had not seen her.
    "missed",
    "unannounced",
    "over",
    "not_on",
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What scanning the code came to, and from when on it counts."""

    outcome: str
    event_id: int
    title: str
    topic: str
    starts_at: datetime
    minutes: int
    opens_at: datetime


@dataclass(frozen=True, slots=True)
class Roll:
    """A half day's list for whoever calls it; `lines` is one page, the counts are of all."""

    period_id: int
    event_id: int
    title: str
    topic: str
    starts_at: datetime
    lines: tuple[Expected, ...]
    page: int
    pages: int
    here: int
    to_confirm: int
    everybody: int


PAGE = 6


def sign_in(session: Session, speaker: Speaker, token: str, *, now: datetime) -> SignedIn:
    """The code on the wall: recorded in its time, to be confirmed later or without a place.

    Raises NotThere for a code that is none of ours.
    """
    period = trainings.period_by_token(session, token)
    event = _event(session, speaker, period, lock=True)
    if period is None or event is None:
        raise NotThere
    standing = stored.of(session, period.id or 0, speaker.person_id)
    seat = seats.seat(session, event.id or 0, speaker.person_id)
    is_expected = seat is not None and seat.state in (REGISTERED, WALK_IN)
    outcome = _outcome(event, period, standing.state if standing else None, now=now)
    if outcome == RECORDED and not (seat is not None and seat.state == REGISTERED):
        outcome = UNANNOUNCED
    if outcome in (LATE, MISSED, UNANNOUNCED) and not is_expected:
        _seat_walk_in(session, event, speaker.person_id, actor_id=speaker.person_id, now=now)
    if outcome in (RECORDED, LATE, MISSED, UNANNOUNCED):
        state = SIGNED_IN if outcome == RECORDED else TO_CONFIRM
        _settle(session, event, period, speaker.person_id, state, by=speaker.person_id, now=now)
    return SignedIn(
        outcome,
        event.id or 0,
        event.title,
        period.topic,
        period.starts_at,
        period.minutes,
        period.starts_at - OPENS_BEFORE,
    )


def _event(
    session: Session, speaker: Speaker, period: TrainingPeriod | None, *, lock: bool
) -> TrainingEvent | None:
    if period is None:
        return None
    return trainings.event(session, period.event_id, bot=speaker.bot, lock=lock)


def _outcome(
    event: TrainingEvent, period: TrainingPeriod, state: str | None, *, now: datetime
) -> str:
    if event.state != PUBLISHED:
        return NOT_ON
    if state in PRESENT or state == TO_CONFIRM:
        return BEFORE
    if now < period.starts_at - OPENS_BEFORE:
        return EARLY
    if now >= ends_at(period.starts_at, period.minutes):
        return OVER
    if state == ABSENT:
        return MISSED
    return RECORDED if now <= period.starts_at + CLOSES_AFTER else LATE


def _seat_walk_in(
    session: Session, event: TrainingEvent, person_id: int, *, actor_id: int, now: datetime
) -> None:
    """Note who came without a place; she takes nobody's."""
    event_id = event.id or 0
    found = seats.seat(session, event_id, person_id) or TrainingSeat(
        event_id=event_id,
        person_id=person_id,
        state=WALK_IN,
        queued=seats.next_number(session, event_id),
        version=0,
        changed_at=now,
    )
    found.state, found.reason, found.version = WALK_IN, "", found.version + 1
    found.changed_by, found.changed_at = actor_id, now
    session.add(found)
    session.flush()
    write_down(session, event, "training_walk_in", actor_id=actor_id, now=now, person=person_id)


def roll(
    session: Session, speaker: Speaker, period_id: int, *, page: int = 0, now: datetime
) -> Roll:
    """One page of a half day's list; raises NotThere, TooEarly, TrainingListClosed."""
    event, period = to_call(session, speaker, period_id, now=now)
    everybody = stored.roll(session, period)
    pages = max(1, -(-len(everybody) // PAGE))
    page = min(page, pages - 1)
    return Roll(
        period_id=period_id,
        event_id=event.id or 0,
        title=event.title,
        topic=period.topic,
        starts_at=period.starts_at,
        lines=tuple(everybody[page * PAGE : (page + 1) * PAGE]),
        page=page,
        pages=pages,
        here=sum(one.state in PRESENT for one in everybody),
        to_confirm=sum(one.state == TO_CONFIRM for one in everybody),
        everybody=len(everybody),
    )


def to_call(
    session: Session, speaker: Speaker, period_id: int, *, now: datetime, lock: bool = False
) -> tuple[TrainingEvent, TrainingPeriod]:
    """A half day whose list she may call now; raises NotThere, TooEarly, TrainingListClosed."""
    period = trainings.period(session, period_id)
    event = _event(session, speaker, period, lock=lock)
    if period is None or event is None or event.state != PUBLISHED:
        raise NotThere
    if not training_events.calls(session, speaker, event, period):
        raise NotThere
    if now < period.starts_at - OPENS_BEFORE:
        raise TooEarly(at=period.starts_at - OPENS_BEFORE)
    is_over = now > ends_at(period.starts_at, period.minutes) + OPEN_FOR
    if is_over and not training_events.arranges(session, speaker, event):
        raise TrainingListClosed
    return event, period


def tick(
    session: Session,
    speaker: Speaker,
    period_id: int,
    person_id: int,
    *,
    evidence: str = ROLL_CALL,
    now: datetime,
) -> None:
    """A tap on the list: whoever was not there is, and the other way round. As `to_call`."""
    event, period = to_call(session, speaker, period_id, now=now, lock=True)
    line = next((one for one in stored.roll(session, period) if one.person_id == person_id), None)
    if line is None or evidence not in BY_HAND:
        raise NotThere
    state = ABSENT if line.state in PRESENT else evidence
    _settle(session, event, period, person_id, state, by=speaker.person_id, now=now)


def tick_page(
    session: Session,
    speaker: Speaker,
    period_id: int,
    *,
    page: int,
    evidence: str = ROLL_CALL,
    now: datetime,
) -> int:
    """本页都到: everybody on a page of whom nothing speaks against it; gives how many is news."""
    event, period = to_call(session, speaker, period_id, now=now, lock=True)
    if evidence not in BY_HAND:
        raise NotThere
    lines = stored.roll(session, period)[page * PAGE : (page + 1) * PAGE]
    fresh = [one.person_id for one in lines if one.state in (None, TO_CONFIRM)]
    for person_id in fresh:
        _settle(session, event, period, person_id, evidence, by=speaker.person_id, now=now)
    return len(fresh)


def add_walk_in(
    session: Session,
    speaker: Speaker,
    period_id: int,
    person_id: int,
    *,
    evidence: str = ROLL_CALL,
    now: datetime,
) -> None:
    """Somebody who came without a place, found by name; she is on the list and was there."""
    event, period = to_call(session, speaker, period_id, now=now, lock=True)
    path = path_of(session, event)
    is_known = evidence in (*BY_HAND, IMPORTED)
    if not is_known or not people.works_under(session, person_id, [path]):
        raise NotThere
    seat = seats.seat(session, event.id or 0, person_id)
    if seat is None or seat.state not in (REGISTERED, WALK_IN):
        _seat_walk_in(session, event, person_id, actor_id=speaker.person_id, now=now)
    _settle(session, event, period, person_id, evidence, by=speaker.person_id, now=now)


def enter(
    session: Session,
    speaker: Speaker,
    period_id: int,
    person_ids: Sequence[int],
    *,
    now: datetime,
) -> int:
    """Enter who a list or a sheet names; gives how many that is news of. As `to_call`."""
    event, period = to_call(session, speaker, period_id, now=now, lock=True)
    states = {one.person_id: one.state for one in stored.roll(session, period)}
    if not states.keys() >= set(person_ids):
        raise NotThere
    fresh = [person_id for person_id in person_ids if states[person_id] not in PRESENT]
    for person_id in fresh:
        _settle(session, event, period, person_id, IMPORTED, by=speaker.person_id, now=now)
    return len(fresh)


def _settle(
    session: Session,
    event: TrainingEvent,
    period: TrainingPeriod,
    person_id: int,
    state: str,
    *,
    by: int,
    now: datetime,
) -> None:
    """Note a state, and let the ledger say what it proves."""
    stored.mark(session, period.id or 0, person_id, state=state, marked_by=by, now=now)
    if state != TO_CONFIRM:
        record(session, event, period, person_id, state, by=by, now=now)
    write_down(
        session,
        event,
        f"training_{state}",
        actor_id=by,
        now=now,
        person=person_id,
        period=period.id,
    )
