"""The half days of a training, one by one: added, changed, dropped, also once it is announced.

Everybody concerned is told once what changed, and it can be undone. Where people have signed in,
neither the time nor the half day itself goes; other minutes become correcting rows of the ledger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import training_plans
from curriculum.errors import HourNotUnderstood, NotThere
from curriculum.event_access import path_of
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.training_errors import (
    TrainingHalfLast,
    TrainingHours,
)
from curriculum.training_events import EventView, to_arrange, view, write_down
from curriculum.training_half_checks import (
    check,
    is_certified,
    read_plan,
    require_unsigned,
    signed,
    to_change,
)
from curriculum.training_ledger import settle_again
from curriculum.training_snapshots import snapshot
from curriculum.training_telling import settle
from curriculum.training_words import (
    TOPIC_LIMIT,
    PeriodPlan,
    one_line,
    trainer,
)
from storage import training_attendance as attendance
from storage import training_people as people
from storage import trainings
from storage.trainings import CANCELLED, PUBLISHED, TrainingEvent, TrainingPeriod

TIME, TOPIC, TRAINER = "time", "topic", "trainer"
CHANGEABLE = (TIME, TOPIC, TRAINER)


@dataclass(frozen=True, slots=True)
class HalfPlan:
    """A half day in its coordinator's hands; `signed` people were there or wait for a word.

    `told` people would hear of a change, `version` is the training's.
    """

    period_id: int
    event_id: int
    title: str
    starts_at: datetime
    minutes: int
    topic: str
    trainer: str
    signed: int
    told: int
    version: int
    can_change: bool


def half(session: Session, speaker: Speaker, period_id: int) -> HalfPlan:
    """A half day for whoever arranges the training; raises NotThere."""
    period = trainings.period(session, period_id)
    if period is None:
        raise NotThere
    event = to_arrange(session, speaker, period.event_id, lock=False)
    return HalfPlan(
        period_id=period_id,
        event_id=event.id or 0,
        title=event.title,
        starts_at=period.starts_at,
        minutes=period.minutes,
        topic=period.topic,
        trainer=period.trainer,
        signed=signed(session, period),
        told=told(session, event),
        version=event.version,
        can_change=event.state != CANCELLED and not is_certified(session, event),
    )


def told(session: Session, event: TrainingEvent) -> int:
    """How many would hear of a change."""
    return people.count_concerned(session, event) if event.state == PUBLISHED else 0


def to_add(session: Session, speaker: Speaker, event_id: int) -> tuple[str, int, int]:
    """(title, version, how many would hear of it) of a training that takes one more; as `add`."""
    event = to_change(session, speaker, event_id, seen=None, lock=False)
    return event.title, event.version, told(session, event)


def to_drop(session: Session, speaker: Speaker, period_id: int) -> None:
    """Whether a half day can go; raises as `drop`."""
    period = trainings.period(session, period_id)
    if period is None:
        raise NotThere
    event = to_change(session, speaker, period.event_id, seen=None, lock=False)
    _require_droppable(session, event, period)


def _require_droppable(session: Session, event: TrainingEvent, period: TrainingPeriod) -> None:
    require_unsigned(session, period)
    if len(trainings.periods(session, event.id or 0)) == 1:
        raise TrainingHalfLast


def read_time(
    session: Session,
    speaker: Speaker,
    event_id: int,
    period_id: int,
    written: str,
    *,
    now: datetime,
) -> tuple[datetime, int]:
    """12月22日 14:30-17:30, or only the hours for a half day that keeps its day.

    `period_id` 0 is one that is to be added. Raises NotThere, TrainingHours, DateNotUnderstood and
    whatever stands against that time.
    """
    event = to_change(session, speaker, event_id, seen=None, lock=False)
    period = _of(session, event, period_id) if period_id else None
    day = local_date(period.starts_at, ZONE) if period else None
    try:
        plan = read_plan(written, day, today=local_date(now, ZONE))
    except HourNotUnderstood as error:
        raise TrainingHours from error
    check(session, event, plan, period, now=now)
    return plan.starts_at, plan.minutes


def add(
    session: Session,
    speaker: Speaker,
    event_id: int,
    plan: PeriodPlan,
    *,
    seen: int,
    now: datetime,
) -> EventView:
    """加半天; raises NotThere, ChangedMeanwhile, TrainingCertified and as `read_time`."""
    event = to_change(session, speaker, event_id, seen=seen)
    check(session, event, plan, None, now=now)

    def act() -> None:
        path = path_of(session, event)
        training_plans.add_period(session, event, plan, path=path)

    return _carry_out(session, speaker, event, act, "add_training_half", now=now)


def change(
    session: Session,
    speaker: Speaker,
    period_id: int,
    field: str,
    value: PeriodPlan,
    *,
    seen: int,
    now: datetime,
) -> EventView:
    """Change one of CHANGEABLE to what `value` holds of it; raises as `add`, TrainingHalfSigned."""
    event, period = _with_event(session, speaker, period_id, seen=seen)
    if field == TIME:
        check(session, event, value, period, now=now)
    elif field not in CHANGEABLE:
        raise NotThere

    def act() -> None:
        if field == TIME:
            period.starts_at, period.minutes = value.starts_at, value.minutes
        elif field == TOPIC:
            period.topic = value.topic
        else:
            path = path_of(session, event)
            period.trainer = value.trainer
            period.trainer_id = training_plans.trainer_id(session, value.trainer, path=path)
        session.add(period)
        session.flush()
        settle_again(session, event, period, by=speaker.person_id, now=now)

    return _carry_out(session, speaker, event, act, f"change_training_half_{field}", now=now)


def drop(
    session: Session, speaker: Speaker, period_id: int, *, seen: int, now: datetime
) -> EventView:
    """删半天; raises as `add`, TrainingHalfSigned, TrainingHalfLast."""
    event, period = _with_event(session, speaker, period_id, seen=seen)
    _require_droppable(session, event, period)

    def act() -> None:
        # Only that somebody was not there is known of it, which goes with it.
        attendance.drop_of(session, period_id)
        session.delete(period)

    return _carry_out(session, speaker, event, act, "drop_training_half", now=now)


def read_line(written: str) -> tuple[str, str]:
    """案例讨论 / 德吉: a topic and, behind a slash, who gives it; raises TrainingNotClear."""
    topic, _, name = written.replace("／", "/").partition("/")
    return one_line(topic, TOPIC, TOPIC_LIMIT), trainer(name)


def _carry_out(
    session: Session,
    speaker: Speaker,
    event: TrainingEvent,
    act: Callable[[], None],
    action: str,
    *,
    now: datetime,
) -> EventView:
    """Do it, note what it was, and owe the word of it, also to who gave a half day until now."""
    before = snapshot(session, event)
    gave = {one.trainer_id for one in trainings.periods(session, event.id or 0)} - {None}
    act()
    session.flush()
    periods = trainings.periods(session, event.id or 0)
    event.starts_at, event.ends_at = training_plans.span_of(periods)
    also = {person_id for person_id in gave if person_id is not None}
    settle(session, event, before, also=also, now=now)
    write_down(session, event, action, actor_id=speaker.person_id, now=now)
    return view(session, speaker, event, now=now)


def _with_event(
    session: Session, speaker: Speaker, period_id: int, *, seen: int
) -> tuple[TrainingEvent, TrainingPeriod]:
    period = trainings.period(session, period_id)
    if period is None:
        raise NotThere
    return to_change(session, speaker, period.event_id, seen=seen), period


def _of(session: Session, event: TrainingEvent, period_id: int) -> TrainingPeriod:
    period = trainings.period(session, period_id)
    if period is None or period.event_id != event.id:
        raise NotThere
    return period
