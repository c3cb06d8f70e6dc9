"""Changing a visit: what changed is told once to everybody who travels; cancelling; undoing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from curriculum import visit_owing, visit_plans, visit_words
from curriculum.errors import ChangedMeanwhile, NothingToUndo, NotThere
from curriculum.event_words import change_name, note_change
from curriculum.facts import FOLDABLE, URGENT
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK, UNDO
from curriculum.visit_errors import VisitBegun, VisitStopsLater, VisitUndoTooLate
from curriculum.visit_owing import CHANGED, CONCERNED, NEAR
from curriculum.visit_pages import (
    VisitView,
    ends_at,
    plans,
    starts_at,
    to_arrange,
    view,
    write_down,
)
from curriculum.visit_snapshots import TOLD, begins_at, differences, restore, snapshot
from curriculum.visit_words import StopPlan
from curriculum.written_times import read_date
from storage import owing
from storage import visit_people as people
from storage.visits import APPROVED, CANCELLED, DRAFT, PROPOSED, ExchangeVisit

# What can be changed, one at a time; and what of it changes without a word to anybody.
CHANGEABLE = ("first_day", "days", "stops", "title", "aims", "organiser", "packing")
UNTOLD = ("aims", "organiser", "packing")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a change would be: how it reads, how many are told of it, whether at once and loudly."""

    value: str
    told: int
    is_urgent: bool


def change(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    field: str,
    value: str,
    *,
    seen: int,
    now: datetime,
) -> VisitView:
    """Change one of CHANGEABLE to what was written.

    Raises NotThere, ChangedMeanwhile, VisitBegun and what reading the value raises.
    """
    visit = _to_change(session, speaker, visit_id, field, seen=seen, now=now)
    before = snapshot(session, visit)
    if field == "first_day":
        first = date.fromisoformat(value)
        visit_plans.check_dates(first, now=now)
        _move(session, visit, first)
    elif field == "days":
        visit.ends_on = _last(session, visit, visit_words.days(value))
    elif field == "stops":
        visit_plans.lay_out(session, visit, _read_stops(visit, value, now=now))
    elif field == "packing":
        visit.packing = visit_words.packing(value)
    else:
        setattr(visit, field, visit_words.one_line(value, field))
    _settle(session, visit, before, now=now)
    write_down(session, visit, "change_visit", actor_id=speaker.person_id, now=now, field=field)
    return view(session, speaker, visit, now=now)


def _to_change(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    field: str,
    *,
    seen: int | None,
    now: datetime,
) -> ExchangeVisit:
    """A visit that can still be changed in this; `seen` None: it is only looked at."""
    visit = to_arrange(session, speaker, visit_id, seen=seen, lock=seen is not None)
    if visit.state == CANCELLED:
        raise ChangedMeanwhile
    if field not in (*CHANGEABLE, "cancel"):
        raise NotThere
    if visit.state in (DRAFT, PROPOSED):
        return visit
    # On the way its programme can still change, and it can end early; its first day is past.
    is_begun = starts_at(visit, plans(session, visit)) <= now
    if ends_at(visit) <= now or (is_begun and field == "first_day"):
        raise VisitBegun
    return visit


def _move(session: Session, visit: ExchangeVisit, first: date) -> None:
    """Another first day: everything moves along."""
    by = first - visit.starts_on
    stops = [replace(one, day=one.day + by) for one in plans(session, visit)]
    visit.starts_on, visit.ends_on = first, visit.ends_on + by
    visit_plans.lay_out(session, visit, stops)


def _last(session: Session, visit: ExchangeVisit, count: int) -> date:
    """The last of so many days; a place that would lie behind it is moved first."""
    last = visit_plans.last_day(visit.starts_on, count)
    if any(one.day > last for one in plans(session, visit)):
        raise VisitStopsLater
    return last


def _read_stops(visit: ExchangeVisit, value: str, *, now: datetime) -> list[StopPlan]:
    today = local_date(now, ZONE)
    return visit_words.stops(value, visit.starts_on, visit.ends_on, today=today)


def propose(
    session: Session, speaker: Speaker, visit_id: int, field: str, value: str, *, now: datetime
) -> Proposed:
    """Read a change back before it is made; raises what reading the value raises.

    `value` comes back as `change` and `cancel` take it; a date is one of ISO form.
    """
    visit = _to_change(session, speaker, visit_id, field, seen=None, now=now)
    begins = starts_at(visit, plans(session, visit))
    if field == "first_day":
        day = read_date(value, today=local_date(now, ZONE))
        visit_plans.check_dates(day, now=now)
        value = day.isoformat()
        begins = min(begins, begins + (day - visit.starts_on))
    elif field == "days":
        value = str(visit_words.days(value))
        _last(session, visit, int(value))
    elif field == "stops":
        begins = min(begins, starts_at(visit, _read_stops(visit, value, now=now)))
    elif field == "packing":
        visit_words.packing(value)
    else:
        value = visit_words.one_line(value, "reason" if field == "cancel" else field)
    is_told = visit.state == APPROVED and field not in UNTOLD
    told = people.count_reached(session, visit, *CONCERNED) if is_told else 0
    return Proposed(value, told, is_told and begins - now < NEAR)


def cancel(
    session: Session, speaker: Speaker, visit_id: int, *, reason: str, seen: int, now: datetime
) -> VisitView:
    """It does not take place; everybody concerned is told once, with the reason.

    Raises NotThere, ChangedMeanwhile, VisitBegun, VisitNotClear.
    """
    visit = _to_change(session, speaker, visit_id, "cancel", seen=seen, now=now)
    before = snapshot(session, visit)
    visit.state, visit.reason = CANCELLED, visit_words.one_line(reason, "reason")
    _settle(session, visit, before, now=now)
    write_down(session, visit, "cancel_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def undo(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> VisitView:
    """撤销 the last change or refusal within ten minutes; whoever heard of it hears of that too.

    Raises NotThere, NothingToUndo, VisitUndoTooLate.
    """
    visit = to_arrange(session, speaker, visit_id)
    if visit.before is None or visit.changed_at is None:
        raise NothingToUndo
    if now - visit.changed_at >= UNDO or ends_at(visit) <= now:
        raise VisitUndoTooLate
    if "stops" not in visit.before:
        return visit_plans.reopen(session, speaker, visit, now=now)
    restored, now_is = dict(visit.before), snapshot(session, visit)
    restore(session, visit, restored)
    _settle(session, visit, now_is, now=now)
    # One step back is enough; two would be guessing.
    visit.before = None
    session.add(visit)
    session.flush()
    write_down(session, visit, "undo_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def _settle(
    session: Session, visit: ExchangeVisit, was: Mapping[str, Any], *, now: datetime
) -> None:
    """Note what changed, and owe the word of it: with what nobody was told of yet, as one."""
    session.add(visit)
    session.flush()
    found = differences(was, snapshot(session, visit))
    visit.version += 1
    visit.before, visit.changed_at = dict(was), now
    is_announced = visit.approved_at is not None
    if is_announced and found:
        visit.moves += 1
        # Reminders are counted anew from where it lies now.
        visit.reminded = visit_owing.last_due(visit, now=now)
        if note_change(session, visit, CHANGED, found, TOLD):
            _tell(session, visit, was, now=now)
        else:
            visit.is_urgent = False
    session.add(visit)
    session.flush()


def _tell(session: Session, visit: ExchangeVisit, was: Mapping[str, Any], *, now: datetime) -> None:
    """Owe the word to who travels or has not answered; within a day of the journey it is urgent."""
    nearest = min(begins_at(was), starts_at(visit, plans(session, visit)))
    visit.is_urgent = nearest - now < NEAR
    last = max(visit.ends_on, date.fromisoformat(was["ends_on"]))
    session.add(visit)
    session.flush()
    owing.owe_people(
        session,
        visit,
        people.on_list(visit.id or 0, *CONCERNED),
        kind=CHANGED,
        occasion=change_name(visit),
        urgency=URGENT if visit.is_urgent else FOLDABLE,
        due_at=now + TAKE_BACK,
        not_after=max(ends_at(visit), ends_at(visit) + (last - visit.ends_on)),
        now=now,
    )
