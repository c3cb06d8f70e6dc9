"""A training in a small county, planned and announced, for the tests of trainings."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import training_plans, training_words
from curriculum.people import Speaker
from curriculum.training_events import EventView
from curriculum.training_plans import Plan
from tests.county import County

FIRST_DAY = date(2026, 12, 21)
REMINDERS = {"days": [30, 7, 1], "late": "merge", "skip_after_hours": 10}
SPANS = [(time(9, 30), 180), (time(15, 0), 180)]
TOPICS = (("接案", "学员1"), ("个案", "外请老师"), ("小组", ""), ("社区", ""))


def coordinator(county: County) -> Speaker:
    """Whoever arranges it."""
    assert county.coordinator is not None
    return county.coordinator


def draft(
    session: Session,
    county: County,
    *,
    now: datetime,
    places: int = 2,
    first: date = FIRST_DAY,
    topics: Sequence[tuple[str, str]] = TOPICS,
    **changed: Any,
) -> EventView:
    """A training of two days for all learners of the county, registration until a week before."""
    values: dict[str, Any] = {
        "unit_id": county.top.id,
        "title": "社工实务培训",
        "place": "林芝市民政局三楼",
        "organiser": "林芝市社工指导中心",
        "places": places,
        "deadline": first - timedelta(days=7),
        "invited": {"units": [county.top.id], "cohorts": [], "roles": ["learner"]},
        "periods": tuple(training_words.lay_out(first, 2, SPANS, topics)),
    }
    plan = Plan(**(values | changed))
    return training_plans.create(session, coordinator(county), plan, reminders=REMINDERS, now=now)


def announced(session: Session, county: County, *, now: datetime, **changed: Any) -> EventView:
    """The same, announced."""
    found = draft(session, county, now=now, **changed)
    return training_plans.publish(
        session, coordinator(county), found.event_id, seen=found.version, now=now
    )
