"""An exchange visit in a small county, planned, proposed and approved, for the tests of visits."""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import visit_people, visit_plans
from curriculum.people import COORDINATOR, Speaker
from curriculum.visit_pages import VisitView
from curriculum.visit_plans import Plan
from curriculum.visit_words import Official, StopPlan
from tests.county import County, join

FIRST_DAY = date(2026, 12, 21)
REMINDERS = {"days": [7, 1], "hour": "08:00", "late": "merge", "skip_after_hours": 10}
STOPS = (
    StopPlan("城关区社工站", FIRST_DAY, time(10), "座谈", "扎西主任", "0891-6322222"),
    StopPlan(
        "山南市养老院", FIRST_DAY + timedelta(days=1), time(9, 30), "参观", "德吉", "13988887777"
    ),
)
OFFICIALS = (
    Official("索朗", "副局长", "林芝市民政局", "13900001111"),
    Official("央金", "科长", "巴宜区民政局", ""),
)


def coordinator(county: County) -> Speaker:
    """Whoever makes it."""
    assert county.coordinator is not None
    return county.coordinator


def colleague(session: Session, county: County, *, now: datetime) -> Speaker:
    """Another coordinator of the same unit, who decides on it."""
    return join(
        session,
        county,
        chat_id=901,
        name="另一位协调员",
        role=COORDINATOR,
        unit=county.top,
        now=now,
    )


def draft(session: Session, county: County, *, now: datetime, **changed: Any) -> VisitView:
    """A visit of two days to two places with everybody of the county and two officials."""
    values: dict[str, Any] = {
        "unit_id": county.top.id,
        "title": "赴拉萨山南交流",
        "aims": "看站点怎么管理",
        "organiser": "林芝市社工指导中心",
        "starts_on": FIRST_DAY,
        "ends_on": FIRST_DAY + timedelta(days=1),
        "stops": STOPS,
        "packing": ("身份证", "保暖衣服", "高原药"),
    }
    chief = coordinator(county)
    plan = Plan(**(values | changed))
    made = visit_plans.create(session, chief, plan, reminders=REMINDERS, now=now)
    ids = [one.person_id for one in county.learners]
    visit_people.add(session, chief, made.visit_id, ids, now=now)
    visit_people.add_officials(session, chief, made.visit_id, OFFICIALS, now=now)
    return made


def approved(
    session: Session, county: County, other: Speaker, *, now: datetime, **changed: Any
) -> VisitView:
    """The same, proposed by one and approved by the other."""
    made = draft(session, county, now=now, **changed)
    at: dict[str, Any] = {"now": now}
    put = visit_plans.propose(session, coordinator(county), made.visit_id, seen=made.version, **at)
    return visit_plans.approve(session, other, made.visit_id, seen=put.version, **at)
