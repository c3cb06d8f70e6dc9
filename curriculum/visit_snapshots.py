"""A visit as plain values: what changed since, in which words people hear it, going back."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from sqlmodel import Session

from curriculum import visit_plans
from curriculum.people import ZONE
from curriculum.rhythm import moment_at
from curriculum.visit_pages import FIRST_HOUR, plans
from curriculum.visit_words import StopPlan
from storage.visits import ExchangeVisit

# What people are told of when it changes; a calendar's entry is renewed for all of it.
TOLD = ("state", "when", "destinations", "programme", "title")
FIELDS = ("title", "aims", "organiser", "state", "reason")


def snapshot(session: Session, visit: ExchangeVisit) -> dict[str, Any]:
    """A visit as plain values, to compare with and to go back to."""
    return {
        **{field: getattr(visit, field) for field in FIELDS},
        "starts_on": visit.starts_on.isoformat(),
        "ends_on": visit.ends_on.isoformat(),
        "packing": list(visit.packing),
        "stops": [
            [
                one.destination,
                one.day.isoformat(),
                one.at.isoformat() if one.at else "",
                one.programme,
                one.host_name,
                one.host_contact,
            ]
            for one in plans(session, visit)
        ],
    }


def restore(session: Session, visit: ExchangeVisit, was: Mapping[str, Any]) -> None:
    """Make a visit what it was."""
    for field in FIELDS:
        setattr(visit, field, was[field])
    visit.starts_on = date.fromisoformat(was["starts_on"])
    visit.ends_on = date.fromisoformat(was["ends_on"])
    visit.packing = list(was["packing"])
    stops = [
        StopPlan(name, date.fromisoformat(day), time.fromisoformat(at) if at else None, *texts)
        for name, day, at, *texts in was["stops"]
    ]
    visit_plans.lay_out(session, visit, stops)


def differences(was: Mapping[str, Any], now_is: Mapping[str, Any]) -> list[list[str]]:
    """[field, was, is] of what is different and told, in the order of TOLD."""

    def told(one: Mapping[str, Any]) -> dict[str, str]:
        first = date.fromisoformat(one["starts_on"])
        # Places as they lie to the first day, so that a mere shift is no other programme.
        shape = [[(date.fromisoformat(row[1]) - first).days, *row[2:]] for row in one["stops"]]
        return {
            "state": one["state"],
            "when": f"{one['starts_on']}/{one['ends_on']}",
            "destinations": "、".join(dict.fromkeys(row[0] for row in one["stops"])),
            "programme": str(shape),
            "title": one["title"],
        }

    before, after = told(was), told(now_is)
    found = {f: [before[f], after[f]] for f in TOLD if before[f] != after[f]}
    if "programme" in found:
        # What exactly is read on the visit's page; the words of hosts stay out of this list.
        found["programme"] = ["was", "is"]
    return [[field, *pair] for field, pair in found.items()]


def begins_at(was: Mapping[str, Any]) -> datetime:
    """When a journey began as it stood: `starts_at` of a snapshot."""
    first = was["starts_on"]
    hours = [time.fromisoformat(row[2]) for row in was["stops"] if row[1] == first and row[2]]
    return moment_at(date.fromisoformat(first), min(hours, default=FIRST_HOUR), ZONE)
