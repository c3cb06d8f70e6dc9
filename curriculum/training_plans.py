"""Planning a training: whom it is for, its draft, announcing it to everybody, taking that back."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from curriculum import annual_training, training_words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.event_words import invitation_name, is_heard
from curriculum.people import LEARNER, ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK
from curriculum.training_errors import NobodyInvited, TrainingDates, TrainingHeard, TrainingInvited
from curriculum.training_events import KIND, EventView, to_arrange, view, write_down
from curriculum.training_words import ROLE_WORDS, PeriodPlan
from storage import schedule as stored_schedule
from storage import training_people as people
from storage import units
from storage.people import Unit
from storage.trainings import DRAFT, PUBLISHED, TrainingEvent, TrainingPeriod

TOKEN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """A training as it was written down; `invited` as the event keeps it."""

    unit_id: int
    title: str
    place: str
    organiser: str
    places: int
    deadline: date
    invited: Mapping[str, list[Any]]
    periods: tuple[PeriodPlan, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What announcing a training would do: to how many people it goes."""

    event: EventView
    people: int


def cohorts_of(session: Session, speaker: Speaker, unit_id: int) -> list[tuple[int, str]]:
    """The cohorts of a unit and under it, as (id, name); raises NotThere."""
    path = _unit(session, speaker, unit_id).path
    rows = stored_schedule.cohorts_under(session, [path], bot=speaker.bot)
    return [(cohort.id or 0, cohort.name) for cohort, *_ in rows]


def _unit(session: Session, speaker: Speaker, unit_id: int) -> Unit:
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotThere
    speaker.require("run_training", unit_path=unit.path)
    return unit


def read_invited(
    session: Session, speaker: Speaker, unit_id: int, written: str, *, now: datetime
) -> dict[str, list[Any]]:
    """Whom a training is for: names of units, cohorts and roles; raises TrainingInvited.

    With no unit and no cohort named it is for all of the unit's own; with no role, for learners.
    """
    unit = _unit(session, speaker, unit_id)
    known = {
        name: known_id
        for known_id, _, name in units.open_units(session, [unit.path], on=local_date(now, ZONE))
    }
    cohorts = {name: cohort_id for cohort_id, name in cohorts_of(session, speaker, unit_id)}
    found: dict[str, list[Any]] = {"units": [], "cohorts": [], "roles": []}
    names = training_words.names(written)
    for name in names:
        if name.lower() in ROLE_WORDS:
            found["roles"].append(ROLE_WORDS[name.lower()])
        elif name in known:
            found["units"].append(known[name])
        elif name in cohorts:
            found["cohorts"].append(cohorts[name])
        else:
            raise TrainingInvited(name=name[: training_words.NAME_LIMIT])
    if not names:
        raise TrainingInvited(name="")
    if not found["units"] and not found["cohorts"]:
        found["units"] = [unit_id]
    found["roles"] = found["roles"] or [LEARNER]
    return found


def check_dates(plan_starts: datetime, deadline: date, *, now: datetime) -> None:
    """Raises TrainingDates unless today <= deadline < the first day."""
    today = local_date(now, ZONE)
    if not today <= deadline < local_date(plan_starts, ZONE):
        raise TrainingDates


def create(
    session: Session,
    speaker: Speaker,
    plan: Plan,
    *,
    reminders: Mapping[str, Any],
    now: datetime,
) -> EventView:
    """Store a training as a draft that nobody else hears of; `reminders` as in config.toml.

    Raises NotThere, TrainingDates.
    """
    unit = _unit(session, speaker, plan.unit_id)
    starts_at, ends_at = span_of(plan.periods)
    check_dates(starts_at, plan.deadline, now=now)
    event = TrainingEvent(
        bot=speaker.bot,
        unit_id=plan.unit_id,
        title=plan.title,
        place=plan.place,
        organiser=plan.organiser,
        places=plan.places,
        deadline=plan.deadline,
        invited=dict(plan.invited),
        starts_at=starts_at,
        ends_at=ends_at,
        state=DRAFT,
        reminders=dict(reminders),
        changes=[],
        created_by=speaker.person_id,
        created_at=now,
    )
    session.add(event)
    session.flush()
    for one in plan.periods:
        add_period(session, event, one, path=unit.path)
    session.flush()
    write_down(session, event, "create_training", actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)


def span_of(periods: Sequence[PeriodPlan | TrainingPeriod]) -> tuple[datetime, datetime]:
    """When the first of these half days begins and the last one ends."""
    starts = [one.starts_at for one in periods]
    ends = [training_words.ends_at(one.starts_at, one.minutes) for one in periods]
    return min(starts), max(ends)


def add_period(session: Session, event: TrainingEvent, plan: PeriodPlan, *, path: str) -> None:
    """Store one half day, with a code of its own for the wall."""
    session.add(
        TrainingPeriod(
            event_id=event.id or 0,
            starts_at=plan.starts_at,
            minutes=plan.minutes,
            topic=plan.topic,
            trainer=plan.trainer,
            trainer_id=trainer_id(session, plan.trainer, path=path),
            token=secrets.token_urlsafe(TOKEN_BYTES),
        )
    )


def trainer_id(session: Session, name: str, *, path: str) -> int | None:
    """Who a trainer is, where exactly one person of the unit bears the name."""
    found = people.named(session, name, path) if name else []
    return found[0] if len(found) == 1 else None


def preview(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> Preview:
    """How many an announcement would go to; NotThere, ChangedMeanwhile, TrainingDates."""
    event = to_arrange(session, speaker, event_id, lock=False)
    return Preview(view(session, speaker, event, now=now), _to_announce(session, event, now=now))


def _to_announce(session: Session, event: TrainingEvent, *, now: datetime) -> int:
    if event.state != DRAFT:
        raise ChangedMeanwhile
    check_dates(event.starts_at, event.deadline, now=now)
    reached = people.count_reached(session, event, on=local_date(now, ZONE))
    if not reached:
        raise NobodyInvited
    return reached


def publish(
    session: Session, speaker: Speaker, event_id: int, *, seen: int, now: datetime
) -> EventView:
    """发出: everybody it is for is told, a minute from now, so that it can be taken back."""
    event = to_arrange(session, speaker, event_id, seen=seen)
    reached = _to_announce(session, event, now=now)
    event.state, event.published_at = PUBLISHED, now
    event.round, event.version = event.round + 1, event.version + 1
    # What was due before it was announced is said by the announcement itself.
    event.reminded = annual_training.last_due(event, now=now)
    annual_training.invite(session, event, now=now)
    write_down(
        session, event, "publish_training", actor_id=speaker.person_id, now=now, people=reached
    )
    return view(session, speaker, event, now=now)


def take_back(session: Session, speaker: Speaker, event_id: int, *, now: datetime) -> EventView:
    """撤回 within the minute: a draft again, and nobody hears of it; TrainingHeard."""
    event = to_arrange(session, speaker, event_id)
    if event.state != PUBLISHED:
        raise ChangedMeanwhile
    is_told = is_heard(session, KIND, invitation_name(event))
    if is_told or event.published_at is None or now - event.published_at >= TAKE_BACK:
        raise TrainingHeard
    event.state, event.published_at = DRAFT, None
    event.version += 1
    session.add(event)
    session.flush()
    write_down(session, event, "take_back_training", actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)
