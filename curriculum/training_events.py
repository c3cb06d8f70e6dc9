"""Offline trainings as people see them: who may see which, the page of one, the list of all."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from curriculum import directory
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK, UNDO
from storage import audit, staffing, training_attendance
from storage import training_people as people
from storage import training_seats as seats
from storage import trainings as stored
from storage.cohorts import Cohort
from storage.people import Unit
from storage.training_seats import DECLINED, REGISTERED, WAITING
from storage.trainings import DRAFT, PUBLISHED, TrainingEvent, TrainingPeriod

KIND = "annual_training"
# What proves that somebody was in a half day, by its name in the ledger.
PRESENT = ("signed_in", "roll_call", "on_paper", "imported")
OPEN, CLOSED, BEGUN, OVER = "open", "closed", "begun", "over"
PAGE = 6
# How long a training that is over stays on the list of whoever was invited.
SHOWN_FOR = timedelta(days=60)


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


@dataclass(frozen=True, slots=True)
class Line:
    """One training on a list; `seat` is hers."""

    event_id: int
    title: str
    starts_at: datetime
    state: str
    phase: str
    seat: str | None


@dataclass(frozen=True, slots=True)
class EventsPage:
    """One page of the trainings that concern somebody, the coming ones first."""

    lines: tuple[Line, ...]
    page: int
    pages: int
    can_arrange: bool
    words: str


def arranges(session: Session, speaker: Speaker, event: TrainingEvent) -> bool:
    """Whether she coordinates the unit whose training it is."""
    return speaker.may("run_training", unit_path=path_of(session, event))


def path_of(session: Session, event: TrainingEvent) -> str:
    """The path of the unit whose training it is."""
    return session.get_one(Unit, event.unit_id).path


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
    if event is None or not arranges(session, speaker, event):
        raise NotThere
    if seen is not None and seen != event.version:
        raise ChangedMeanwhile
    return event


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


def listed(
    session: Session, speaker: Speaker, *, words: str = "", page: int = 0, now: datetime
) -> EventsPage:
    """One page of the trainings she arranges, is invited to, comes to or gives a part of.

    With `words` those whose title or place holds each of them; raises SearchTooLong.
    """
    words = directory.searched(words)
    found = [
        event
        for event in _concerning(session, speaker, now=now)
        if all(
            word in directory.folded(f"{event.title} {event.place}")
            for word in directory.wanted(words)
        )
    ]
    coming = [event for event in found if event.ends_at > now]
    past = sorted(
        (event for event in found if event.ends_at <= now),
        key=lambda event: event.starts_at,
        reverse=True,
    )
    ordered = [*sorted(coming, key=lambda event: event.starts_at), *past]
    pages = max(1, -(-len(ordered) // PAGE))
    page = min(page, pages - 1)
    hers = {seat.event_id: seat.state for seat in seats.seats_of(session, speaker.person_id)}
    lines = tuple(
        Line(
            event.id or 0,
            event.title,
            event.starts_at,
            event.state,
            phase_of(event, now=now),
            hers.get(event.id or 0),
        )
        for event in ordered[page * PAGE : (page + 1) * PAGE]
    )
    return EventsPage(lines, page, pages, speaker.may("run_training"), words)


def _concerning(session: Session, speaker: Speaker, *, now: datetime) -> list[TrainingEvent]:
    today = local_date(now, ZONE)
    found = {
        event.id: event
        for event in stored.arranged_by(session, speaker.reach("run_training"), bot=speaker.bot)
    }
    seated = {seat.event_id for seat in seats.seats_of(session, speaker.person_id)}
    given = stored.given_by(session, speaker.person_id)
    for event in stored.recent(session, bot=speaker.bot, since=now - SHOWN_FOR):
        if event.id in found:
            continue
        is_hers = event.id in seated or event.id in given
        if is_hers or people.is_for(session, event, speaker.person_id, on=today):
            found[event.id] = event
    return list(found.values())


def unit_at_the_time(session: Session, person_id: int) -> int | None:
    """Where somebody works, for the ledger."""
    membership = staffing.newest_membership(session, person_id)
    return membership.unit_id if membership else None


def calls(session: Session, speaker: Speaker, event: TrainingEvent, period: TrainingPeriod) -> bool:
    """Whether she may call the roll of a half day: she gives it, or arranges the training."""
    return period.trainer_id == speaker.person_id or arranges(session, speaker, event)


def write_down(
    session: Session,
    event: TrainingEvent,
    action: str,
    *,
    actor_id: int | None,
    now: datetime,
    **facts: int | str | None,
) -> None:
    """An entry of the audit trail about a training: ids, codes and counts only."""
    audit.add(
        session,
        at=now,
        actor_id=actor_id,
        action=action,
        object_kind="training",
        object_id=event.id,
        version=event.version,
        **facts,
    )
