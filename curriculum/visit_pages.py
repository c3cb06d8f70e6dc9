"""Exchange visits as people see them: who may see which, and the page of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlmodel import Session

from curriculum import event_access
from curriculum.errors import NotThere
from curriculum.event_access import path_of
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from curriculum.second_thoughts import TAKE_BACK, UNDO
from curriculum.visit_words import StopPlan
from storage import deputies, topic_people
from storage import visit_people as lines
from storage import visits as stored
from storage.visits import (
    APPROVED,
    CANCELLED,
    COMING,
    INVITED,
    LISTED,
    NOT_COMING,
    PROPOSED,
    ExchangeVisit,
    VisitStop,
)

KIND, RUN = "exchange_visit", "run_visit"
AHEAD, BEGUN, OVER = "ahead", "begun", "over"
# The journey begins at this hour where the first place names none.
FIRST_HOUR = time(8)


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as one person sees it; counts are of everybody on the list, officials too.

    `mine` is how she stands herself, `phase` ahead, begun or over, `unconfirmed` how many have not
    said 知道了 to a late change yet.
    """

    visit_id: int
    number: int | None
    title: str
    aims: str
    organiser: str
    starts_on: date
    ends_on: date
    starts_at: datetime
    ends_at: datetime
    stops: tuple[StopPlan, ...]
    packing: tuple[str, ...]
    state: str
    reason: str
    version: int
    moves: int
    documents: int
    coming: int
    not_coming: int
    unanswered: int
    phase: str
    mine: str | None
    my_reason: str
    unconfirmed: int
    is_announced: bool
    is_arranger: bool
    can_approve: bool
    can_take_back: bool
    can_undo: bool

    @property
    def people(self) -> int:
        """Everybody on the list, whatever she said."""
        return self.coming + self.not_coming + self.unanswered

    @property
    def destinations(self) -> tuple[str, ...]:
        """The places, each once."""
        return tuple(dict.fromkeys(one.destination for one in self.stops))


def plan_of(one: VisitStop) -> StopPlan:
    """A stored place as a plain value."""
    return StopPlan(
        one.destination, one.day, one.at, one.programme, one.host_name, one.host_contact
    )


def plans(session: Session, visit: ExchangeVisit) -> list[StopPlan]:
    """The places of a visit as plain values."""
    return [plan_of(one) for one in stored.stops(session, visit.id or 0)]


def starts_at(visit: ExchangeVisit, stops: Sequence[StopPlan]) -> datetime:
    """When the journey begins: with the first place that names an hour on its first day."""
    hours = [one.at for one in stops if one.day == visit.starts_on and one.at is not None]
    return moment_at(visit.starts_on, min(hours, default=FIRST_HOUR), ZONE)


def ends_at(visit: ExchangeVisit) -> datetime:
    """When the last day is over."""
    return moment_at(visit.ends_on + timedelta(days=1), time(), ZONE)


def phase_of(visit: ExchangeVisit, begins: datetime, *, now: datetime) -> str:
    """How far a journey has got."""
    if ends_at(visit) <= now:
        return OVER
    return BEGUN if begins <= now else AHEAD


def arranges(session: Session, speaker: Speaker, visit: ExchangeVisit) -> bool:
    """Whether she coordinates the unit whose visit it is, or one above."""
    return event_access.arranges(session, speaker, visit, RUN)


def to_arrange(
    session: Session,
    speaker: Speaker,
    visit_id: int,
    *,
    seen: int | None = None,
    lock: bool = True,
) -> ExchangeVisit:
    """A visit she may change, locked unless only looked at; NotThere, ChangedMeanwhile."""
    visit = stored.visit(session, visit_id, bot=speaker.bot, lock=lock)
    return event_access.arranged(session, speaker, visit, RUN, seen=seen)


def approvers(session: Session, visit: ExchangeVisit, *, today: date) -> list[list[int]]:
    """Who can approve it, by level, the nearest unit first, without whoever proposed it.

    A seat in which whoever proposed it stands in for another is no other person's either.
    """
    levels = topic_people.coordinators(session, path_of(session, visit), bot=visit.bot, on=today)
    return [
        [
            person_id
            for person_id, acting in _seats(session, level, today)
            if visit.proposed_by not in (person_id, acting)
        ]
        for level in levels
    ]


def _seats(session: Session, level: Sequence[int], today: date) -> list[tuple[int, int]]:
    """(who holds the seat, who sits in it today)."""
    away = deputies.away_among(session, level, on=today)
    pairs = [(person_id, away.get(person_id, person_id)) for person_id in level]
    return [(person_id, who) for person_id, who in pairs if who is not None]


def can_approve(session: Session, speaker: Speaker, visit: ExchangeVisit, *, now: datetime) -> bool:
    """Whether she may decide on a proposal: not her own while anybody else is there for it."""
    if visit.state != PROPOSED or not arranges(session, speaker, visit):
        return False
    if speaker.person_id != visit.proposed_by:
        return True
    return not any(approvers(session, visit, today=local_date(now, ZONE)))


def read(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> VisitView:
    """A visit as she sees it; raises NotThere where it does not concern her."""
    visit = stored.visit(session, visit_id, bot=speaker.bot)
    if visit is None:
        raise NotThere
    return view(session, speaker, visit, now=now)


def view(session: Session, speaker: Speaker, visit: ExchangeVisit, *, now: datetime) -> VisitView:
    """`read` for a visit at hand."""
    visit_id = visit.id or 0
    is_arranger = arranges(session, speaker, visit)
    mine = stored.line_of(session, visit_id, speaker.person_id)
    # What was called off before anybody heard of it concerns nobody else.
    is_public = visit.approved_at is not None and visit.state in (APPROVED, CANCELLED)
    is_hers = mine is not None and mine.state in LISTED and is_public
    if not is_arranger and not is_hers:
        raise NotThere
    stops = plans(session, visit)
    begins = starts_at(visit, stops)
    people = lines.listed(session, visit)
    states = [one.state for one in people]
    is_heard_soon = visit.approved_at is not None and now - visit.approved_at < TAKE_BACK
    is_fresh = visit.changed_at is not None and now - visit.changed_at < UNDO
    return VisitView(
        visit_id=visit_id,
        number=visit.number,
        title=visit.title,
        aims=visit.aims,
        organiser=visit.organiser,
        starts_on=visit.starts_on,
        ends_on=visit.ends_on,
        starts_at=begins,
        ends_at=ends_at(visit),
        stops=tuple(stops),
        packing=tuple(visit.packing),
        state=visit.state,
        reason=visit.reason,
        version=visit.version,
        moves=visit.moves,
        documents=len(stored.documents(session, visit_id)),
        coming=states.count(COMING),
        not_coming=states.count(NOT_COMING),
        unanswered=states.count(INVITED),
        phase=phase_of(visit, begins, now=now),
        mine=mine.state if mine is not None and is_hers else None,
        my_reason=mine.reason if mine is not None and is_hers else "",
        unconfirmed=len(waited_for(visit, people)),
        is_announced=visit.approved_at is not None,
        is_arranger=is_arranger,
        can_approve=can_approve(session, speaker, visit, now=now),
        can_take_back=is_arranger and visit.state == APPROVED and is_heard_soon,
        can_undo=(is_arranger and visit.before is not None and is_fresh and ends_at(visit) > now),
    )


def waited_for(visit: ExchangeVisit, people: Sequence[lines.Listed]) -> list[lines.Listed]:
    """Who has not confirmed a late change, with or without a chat: those may have to be called."""
    if not visit.is_urgent or visit.state not in (APPROVED, CANCELLED):
        return []
    return [
        one for one in people if one.state in (INVITED, COMING) and one.confirmed < visit.change
    ]


# An entry of the audit trail about a visit: ids, codes and counts only.
write_down = partial(event_access.write_down, "visit")


def for_calendar(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> VisitView:
    """A visit that a calendar can be told of: approved, or called off since. NotThere."""
    found = read(session, speaker, visit_id, now=now)
    # What was never approved stands in nobody's calendar.
    if found.state not in (APPROVED, CANCELLED) or not found.is_announced:
        raise NotThere
    return found
