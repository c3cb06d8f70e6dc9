"""Planning a visit: its draft, proposing it, another coordinator's yes or no, taking that back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session

from curriculum import visit_owing, visit_words
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.event_words import invitation_name, is_heard
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.second_thoughts import TAKE_BACK
from curriculum.visit_errors import (
    VisitDates,
    VisitHeard,
    VisitNeedsOther,
    VisitNobody,
    VisitStopOutside,
)
from curriculum.visit_pages import KIND, VisitView, can_approve, to_arrange, view, write_down
from curriculum.visit_words import StopPlan
from storage import visit_people as lines
from storage import visits as stored
from storage.people import Unit
from storage.visits import (
    APPROVED,
    COMING,
    DRAFT,
    INVITED,
    PROPOSED,
    ExchangeVisit,
    VisitStop,
)

# Further ahead nobody plans a journey; a mistyped year does.
LATEST = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Plan:
    """A visit as it was written down."""

    unit_id: int
    title: str
    aims: str
    organiser: str
    starts_on: date
    ends_on: date
    stops: tuple[StopPlan, ...]
    packing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What approving a visit would do: to how many it goes, and who has to be told otherwise."""

    visit: VisitView
    told: int
    untold: int


def check_dates(starts_on: date, *, now: datetime) -> None:
    """Raises VisitDates unless the first day lies after today and within two years."""
    today = local_date(now, ZONE)
    if not today < starts_on <= today + LATEST:
        raise VisitDates


def create(
    session: Session,
    speaker: Speaker,
    plan: Plan,
    *,
    reminders: Mapping[str, Any],
    now: datetime,
) -> VisitView:
    """Store a visit as a draft that only coordinators see; `reminders` as in config.toml.

    Raises NotThere, VisitDates, VisitStopOutside.
    """
    unit = session.get(Unit, plan.unit_id)
    if unit is None:
        raise NotThere
    speaker.require("run_visit", unit_path=unit.path)
    check_dates(plan.starts_on, now=now)
    for number, one in enumerate(plan.stops, start=1):
        if not plan.starts_on <= one.day <= plan.ends_on:
            raise VisitStopOutside(line=number, day=one.day)
    visit = ExchangeVisit(
        bot=speaker.bot,
        unit_id=plan.unit_id,
        title=plan.title,
        aims=plan.aims,
        organiser=plan.organiser,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        state=DRAFT,
        packing=list(plan.packing),
        reminders=dict(reminders),
        changes=[],
        created_by=speaker.person_id,
        created_at=now,
    )
    session.add(visit)
    session.flush()
    lay_out(session, visit, plan.stops)
    write_down(session, visit, "create_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def lay_out(
    session: Session, visit: ExchangeVisit, stops: tuple[StopPlan, ...] | list[StopPlan]
) -> None:
    """Put these places in the stead of those a visit has."""
    for one in stored.stops(session, visit.id or 0):
        session.delete(one)
    session.flush()
    for place, plan in enumerate(stops, start=1):
        session.add(
            VisitStop(
                visit_id=visit.id or 0,
                place=place,
                destination=plan.destination,
                day=plan.day,
                at=plan.at,
                programme=plan.programme,
                host_name=plan.host_name,
                host_contact=plan.host_contact,
            )
        )
    session.flush()


def propose(
    session: Session, speaker: Speaker, visit_id: int, *, seen: int, now: datetime
) -> VisitView:
    """报批: from now on it waits for another coordinator's yes.

    Raises NotThere, ChangedMeanwhile, VisitDates, VisitNobody.
    """
    visit = to_arrange(session, speaker, visit_id, seen=seen)
    _to_go_out(session, visit, DRAFT, now=now)
    visit.state, visit.reason = PROPOSED, ""
    visit.proposed_by, visit.proposed_at = speaker.person_id, now
    _settled(session, visit)
    write_down(session, visit, "propose_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def withdraw(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> VisitView:
    """收回报批: a draft again, before anybody has decided. NotThere, ChangedMeanwhile."""
    visit = to_arrange(session, speaker, visit_id)
    if visit.state != PROPOSED:
        raise ChangedMeanwhile
    visit.state = DRAFT
    _settled(session, visit)
    write_down(session, visit, "withdraw_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def _to_go_out(session: Session, visit: ExchangeVisit, state: str, *, now: datetime) -> None:
    if visit.state != state:
        raise ChangedMeanwhile
    check_dates(visit.starts_on, now=now)
    if not lines.listed(session, visit):
        raise VisitNobody


def _settled(session: Session, visit: ExchangeVisit) -> None:
    """A step that cannot be taken back any more by 撤销 of the one before it."""
    visit.version += 1
    visit.before = None
    session.add(visit)
    session.flush()


def _to_decide(
    session: Session, speaker: Speaker, visit_id: int, *, seen: int | None, now: datetime
) -> ExchangeVisit:
    visit = to_arrange(session, speaker, visit_id, seen=seen, lock=seen is not None)
    if visit.state != PROPOSED:
        raise ChangedMeanwhile
    if not can_approve(session, speaker, visit, now=now):
        raise VisitNeedsOther
    return visit


def preview(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> Preview:
    """Whom an approval would tell; raises as `approve`."""
    visit = _to_decide(session, speaker, visit_id, seen=None, now=now)
    _to_go_out(session, visit, PROPOSED, now=now)
    told = lines.count_reached(session, visit, INVITED, COMING)
    everybody = len(lines.listed(session, visit))
    return Preview(view(session, speaker, visit, now=now), told, everybody - told)


def approve(
    session: Session, speaker: Speaker, visit_id: int, *, seen: int, now: datetime
) -> VisitView:
    """批准: everybody on the list is told, a minute from now, so that it can be taken back.

    Raises NotThere, ChangedMeanwhile, VisitNeedsOther, VisitDates, VisitNobody.
    """
    visit = _to_decide(session, speaker, visit_id, seen=seen, now=now)
    _to_go_out(session, visit, PROPOSED, now=now)
    year = visit.starts_on.year
    visit.number = visit.number or stored.next_number(
        session, visit.unit_id, first=date(year, 1, 1), last=date(year, 12, 31)
    )
    visit.state, visit.approved_at, visit.approved_by = APPROVED, now, speaker.person_id
    visit.round += 1
    # What was due before it was approved is said by the invitation itself.
    visit.reminded = visit_owing.last_due(visit, now=now)
    _settled(session, visit)
    told = visit_owing.invite(session, visit, now=now)
    if visit.proposed_by != speaker.person_id:
        visit_owing.tell_verdict(session, visit, visit_owing.AGREED, now=now)
    write_down(session, visit, "approve_visit", actor_id=speaker.person_id, now=now, people=told)
    return view(session, speaker, visit, now=now)


def take_back(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> VisitView:
    """撤回 within the minute: it waits for approval again, and nobody hears of it; VisitHeard."""
    visit = to_arrange(session, speaker, visit_id)
    if visit.state != APPROVED:
        raise ChangedMeanwhile
    is_told = is_heard(session, KIND, invitation_name(visit))
    if is_told or visit.approved_at is None or now - visit.approved_at >= TAKE_BACK:
        raise VisitHeard
    visit.state, visit.approved_at, visit.approved_by = PROPOSED, None, None
    visit.number = None
    _settled(session, visit)
    write_down(session, visit, "take_back_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def refuse(
    session: Session, speaker: Speaker, visit_id: int, *, reason: str, seen: int, now: datetime
) -> VisitView:
    """不批准, with a reason: a draft again, and whoever proposed it is told; 撤销 for ten minutes.

    Raises NotThere, ChangedMeanwhile, VisitNeedsOther, VisitNotClear.
    """
    visit = _to_decide(session, speaker, visit_id, seen=seen, now=now)
    visit.reason = visit_words.one_line(reason, "reason")
    visit.state, visit.version = DRAFT, visit.version + 1
    visit.before, visit.changed_at = {"state": PROPOSED}, now
    session.add(visit)
    session.flush()
    visit_owing.tell_verdict(session, visit, visit_owing.REFUSED, now=now)
    write_down(session, visit, "refuse_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def reopen(session: Session, speaker: Speaker, visit: ExchangeVisit, *, now: datetime) -> VisitView:
    """撤销 of a refusal: it waits again; whoever heard of the refusal hears of that too."""
    refusal = f"{visit.id}:{visit.version}:{visit_owing.REFUSED}"
    heard = is_heard(session, visit_owing.VERDICT, refusal)
    visit.state, visit.reason = PROPOSED, ""
    _settled(session, visit)
    if heard:
        visit_owing.tell_verdict(session, visit, visit_owing.REOPENED, now=now)
    write_down(session, visit, "undo_visit", actor_id=speaker.person_id, now=now)
    return view(session, speaker, visit, now=now)


def last_day(starts_on: date, count: int) -> date:
    """The last of so many days."""
    return starts_on + timedelta(days=count - 1)
