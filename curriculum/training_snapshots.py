"""A training as plain values: what changed since, in which words people hear it, going back."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from curriculum import training_events, training_plans, training_programme
from curriculum.event_access import path_of
from curriculum.training_errors import TrainingHalfSigned
from curriculum.training_words import PeriodPlan
from storage import training_attendance as attendance
from storage import training_seats as seats
from storage import trainings as stored
from storage.training_seats import REGISTERED
from storage.trainings import TrainingEvent, TrainingPeriod

# What people are told of when it changes.
TOLD = ("state", "when", "programme", "place", "title", "deadline")
FIELDS = ("title", "place", "latitude", "longitude", "organiser", "places", "state", "reason")


def snapshot(session: Session, event: TrainingEvent) -> dict[str, Any]:
    """A training as plain values, to compare with and to go back to."""
    periods = stored.periods(session, event.id or 0)
    return {
        **{field: getattr(event, field) for field in FIELDS},
        "deadline": event.deadline.isoformat(),
        "invited": dict(event.invited),
        "periods": [
            [one.id, one.starts_at.isoformat(), one.minutes, one.topic, one.trainer, one.token]
            for one in periods
        ],
    }


def restore(session: Session, event: TrainingEvent, was: Mapping[str, Any]) -> None:
    """Make a training what it was; a half day that was dropped gets its code back too."""
    path = path_of(session, event)
    for field in FIELDS:
        setattr(event, field, was[field])
    # Who has registered meanwhile keeps the place.
    event.places = max(event.places, seats.count(session, event.id or 0, REGISTERED))
    event.deadline, event.invited = date.fromisoformat(was["deadline"]), dict(was["invited"])
    there = {one.id: one for one in stored.periods(session, event.id or 0)}
    for period_id, starts_at, minutes, topic, trainer, token in was["periods"]:
        plan = PeriodPlan(datetime.fromisoformat(starts_at), minutes, topic, trainer)
        known = there.get(period_id)
        if known is None:
            known = TrainingPeriod(
                id=period_id, event_id=event.id or 0, token=token, **_columns(plan)
            )
        for name, value in _columns(plan).items():
            setattr(known, name, value)
        known.trainer_id = training_plans.trainer_id(session, trainer, path=path)
        session.add(known)
    for period_id in there.keys() - {row[0] for row in was["periods"]}:
        _drop_added(session, event, there[period_id])
    session.flush()
    event.starts_at, event.ends_at = training_plans.span_of(stored.periods(session, event.id or 0))


def _drop_added(session: Session, event: TrainingEvent, period: TrainingPeriod) -> None:
    """A half day that was added goes again, unless somebody was there by now."""
    states = (*training_events.PRESENT, "to_confirm")
    signed = attendance.count_in(session, event.id or 0, states).get(period.id or 0, 0)
    if signed:
        raise TrainingHalfSigned(count=signed)
    attendance.drop_of(session, period.id or 0)
    session.delete(period)


def _columns(plan: PeriodPlan) -> dict[str, Any]:
    return {
        "starts_at": plan.starts_at,
        "minutes": plan.minutes,
        "topic": plan.topic,
        "trainer": plan.trainer,
    }


def differences(was: Mapping[str, Any], now_is: Mapping[str, Any]) -> list[list[str]]:
    """[field, was, is] of what is different, in the order of TOLD."""
    pairs = {
        field: (str(was[field]), str(now_is[field]))
        for field in ("state", "place", "title", "deadline")
    }
    firsts = was["periods"][0][1], now_is["periods"][0][1]
    pairs["when"] = firsts
    plans = [_shape(one["periods"]) for one in (was, now_is)]
    if plans[0] != plans[1]:
        pairs["programme"] = (_programme(was), _programme(now_is))
    return [[field, *pairs[field]] for field in TOLD if len(set(pairs.get(field, ("",)))) > 1]


def _programme(snapshot: Mapping[str, Any]) -> str:
    return training_programme.written(snapshot["periods"])


def _shape(periods: list[Any]) -> list[Any]:
    """Half days as they lie to each other, so that a mere shift is no other programme."""
    first = datetime.fromisoformat(periods[0][1])
    return [
        [(datetime.fromisoformat(starts_at) - first).total_seconds(), minutes, topic, trainer]
        for _, starts_at, minutes, topic, trainer, _ in periods
    ]
