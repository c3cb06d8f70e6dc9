"""Offline trainings as people see them: who may see which, and the page of one."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlmodel import Session, col, select

from curriculum import event_access
from curriculum.errors import NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK, UNDO
from storage import staffing, training_attendance
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings as stored
from storage.cohorts import Cohort
from storage.people import Unit
from storage.training_seats import DECLINED, REGISTERED, WAITING
from storage.trainings import DRAFT, PUBLISHED, TrainingEvent, TrainingPeriod

KIND, RUN = "annual_training", "run_training"
# What proves that somebody was in a half day, by its name in the ledger.
PRESENT = ("signed_in", "roll_call", "on_paper", "imported")
OPEN, CLOSED, BEGUN, OVER = "open", "closed", "begun", "over"
PAGE = 6


@dataclass(frozen=True, slots=True)
class PeriodView:
    """One half day; `here` of how many it is known that they were there, `state` what of her."""

    period_id: int
    starts_at: datetime
    minutes: int
    topic: str
    trainer: str
    here: int
    is_mine: bool
    state: str | None


@dataclass(frozen=True, slots=True)
class EventView:
    """A training as one person sees it; `ahead` is how many wait before her, from 1 on.

    `phase` is open, closed (for registration), begun or over. `invited` are names of units and
    cohorts, `roles` codes.
    """

    event_id: int
    title: str
    place: str
    latitude: float | None
    longitude: float | None
    organiser: str
    places: int
    taken: int
    waiting: int
    declined: int
    deadline: date
    starts_at: datetime
    ends_at: datetime
    periods: tuple[PeriodView, ...]
    state: str
    reason: str
    version: int
    moves: int
    documents: int
    invited: tuple[str, ...]
    roles: tuple[str, ...]
    phase: str
    seat: str | None
    seat_reason: str
    ahead: int
    is_arranger: bool
    is_invited: bool
    can_take_back: bool
    can_undo: bool

    @property
    def free(self) -> int:
        """How many places are left."""
        return max(0, self.places - self.taken)

    @property
    def minutes(self) -> int:
        """How long all of it takes."""
        return sum(period.minutes for period in self.periods)

    @property
    def is_trainer(self) -> bool:
        """Whether she gives one of its half days."""
        return any(period.is_mine for period in self.periods)


def arranges(session: Session, speaker: Speaker, event: TrainingEvent) -> bool:
    """Whether she coordinates the unit whose training it is."""
    return event_access.arranges(session, speaker, event, RUN)


def to_arrange(
    session: Session,
    speaker: Speaker,
    event_id: int,
    *,
    seen: int | None = None,
    lock: bool = True,
) -> TrainingEvent:
    """A training she may change, locked unless only looked at; NotThere, ChangedMeanwhile."""
    event = stored.event(session, event_id, bot=speaker.bot, lock=lock)
    return event_access.arranged(session, speaker, event, RUN, seen=seen)


def phase_of(event: TrainingEvent, *, now: datetime) -> str:
    """How far a training has got."""
    if event.ends_at <= now:
        return OVER
    if event.starts_at <= now:
        return BEGUN
    return OPEN if local_date(now, ZONE) <= event.deadline else CLOSED


def read(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> EventView:
    """A training as she sees it; raises NotThere where it does not concern her."""
    event = stored.event(session, event_id, bot=speaker.bot)
    if event is None:
        raise NotThere
    return view(session, speaker, event, now=now)


def view(session: Session, speaker: Speaker, event: TrainingEvent, *, now: datetime) -> EventView:
    """`read` for a training at hand."""
    event_id, today = event.id or 0, local_date(now, ZONE)
    is_arranger = arranges(session, speaker, event)
    periods = _periods(session, speaker, event)
    seat = seats.seat(session, event_id, speaker.person_id)
    is_invited = people.is_for(session, event, speaker.person_id, on=today)
    concerned = is_invited or seat is not None or any(one.is_mine for one in periods)
    if not is_arranger and (event.state == DRAFT or not concerned):
        raise NotThere
    units, cohorts = names_of(session, event)
    held = seats.counts(session, [event_id])
    state = seat.state if seat else None
    return EventView(
        event_id=event_id,
        title=event.title,
        place=event.place,
        latitude=event.latitude,
        longitude=event.longitude,
        organiser=event.organiser,
        places=event.places,
        taken=held.get((event_id, REGISTERED), 0),
        waiting=held.get((event_id, WAITING), 0),
        declined=held.get((event_id, DECLINED), 0),
        deadline=event.deadline,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        periods=periods,
        state=event.state,
        reason=event.reason,
        version=event.version,
        moves=event.moves,
        documents=len(stored.documents(session, event_id)),
        invited=(*units, *cohorts),
        roles=tuple(event.invited["roles"]) if units else (),
        phase=phase_of(event, now=now),
        seat=state,
        seat_reason=seat.reason if seat else "",
        ahead=_ahead(session, event_id, speaker.person_id) if state == WAITING else 0,
        is_arranger=is_arranger,
        is_invited=is_invited,
        can_take_back=(
            is_arranger
            and event.state == PUBLISHED
            and event.published_at is not None
            and now - event.published_at < TAKE_BACK
        ),
        can_undo=is_arranger and can_undo(event, now=now),
    )


def can_undo(event: TrainingEvent, *, now: datetime) -> bool:
    """Whether its last change can still be undone: for ten minutes, but not across its start."""
    if event.before is None or event.changed_at is None or now - event.changed_at >= UNDO:
        return False
    return event.starts_at > now or event.changed_at >= event.starts_at


def _periods(session: Session, speaker: Speaker, event: TrainingEvent) -> tuple[PeriodView, ...]:
    here = training_attendance.count_in(session, event.id or 0, PRESENT)
    states = training_attendance.states_of(session, event.id or 0, speaker.person_id)
    return tuple(
        PeriodView(
            period_id=one.id or 0,
            starts_at=one.starts_at,
            minutes=one.minutes,
            topic=one.topic,
            trainer=one.trainer,
            here=here.get(one.id or 0, 0),
            is_mine=one.trainer_id == speaker.person_id,
            state=states.get(one.id or 0),
        )
        for one in stored.periods(session, event.id or 0)
    )


def names_of(session: Session, event: TrainingEvent) -> tuple[list[str], list[str]]:
    """The names of the invited units and cohorts."""
    units = session.exec(select(Unit.name_zh).where(col(Unit.id).in_(event.invited["units"])))
    cohorts = session.exec(select(Cohort.name).where(col(Cohort.id).in_(event.invited["cohorts"])))
    return list(units), list(cohorts)


def _ahead(session: Session, event_id: int, person_id: int) -> int:
    waiting = [seat.person_id for seat in seats.waiting(session, event_id)]
    return waiting.index(person_id) + 1 if person_id in waiting else 0


def unit_at_the_time(session: Session, person_id: int) -> int | None:
    """Where somebody works, for the ledger."""
    membership = staffing.newest_membership(session, person_id)
    return membership.unit_id if membership else None


def calls(session: Session, speaker: Speaker, event: TrainingEvent, period: TrainingPeriod) -> bool:
    """Whether she may call the roll of a half day: she gives it, or arranges the training."""
    return period.trainer_id == speaker.person_id or arranges(session, speaker, event)


# An entry of the audit trail about a training: ids, codes and counts only.
write_down = partial(event_access.write_down, "training")
