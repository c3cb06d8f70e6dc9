"""What visits ask of somebody today: proposing a draft, approving, hearing who travels.

A proposal waits with the coordinators of its unit, without whoever proposed it; after two working
days the next coordinators up the tree are asked too, and so on. Whoever stands in for a coordinator
who is away has two working days of her own. An administrator is never asked to approve content.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import approvals, working_days
from curriculum.event_access import path_of
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.todo_items import SOON, TODAY, Item
from curriculum.visit_pages import approvers, waited_for
from storage import visit_people as lines
from storage import visits as stored
from storage.visits import APPROVED, DRAFT, INVITED, PROPOSED, ExchangeVisit

PROPOSE, APPROVE, HEAR, CALL = "propose_visit", "approve_visit", "hear_visit", "call_visit"
WORKING_WEEKDAYS = [1, 2, 3, 4, 5]
# A draft is asked about while it can still be arranged, unanswered invitations a week before.
DRAFT_AHEAD, HEARD_AHEAD = timedelta(days=30), timedelta(days=7)


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The visits that wait for somebody."""
    today = local_date(now, ZONE)
    found = []
    for visit in stored.arranged_by(session, speaker.reach("run_visit"), bot=speaker.bot):
        # What begins in a few hours may still have to be called about; what is over is over.
        if visit.ends_on >= today and (item := _item(session, speaker, visit, today)):
            found.append(item)
    return found


def _item(session: Session, speaker: Speaker, visit: ExchangeVisit, today: date) -> Item | None:
    ahead = visit.starts_on - today
    if visit.state == DRAFT:
        is_asked = visit.created_by == speaker.person_id and timedelta(0) < ahead <= DRAFT_AHEAD
        return _line(PROPOSE, "visit_manage", visit, SOON) if is_asked else None
    if visit.state == PROPOSED:
        is_asked = ahead > timedelta(0) and speaker.person_id in asked(session, visit, today=today)
        return _line(APPROVE, "visit_manage", visit, TODAY) if is_asked else None
    everybody = lines.listed(session, visit)
    if waiting := len(waited_for(visit, everybody)):
        return _line(CALL, "visit_unconfirmed", visit, TODAY, waiting)
    open_ = sum(one.state == INVITED for one in everybody)
    if visit.state == APPROVED and open_ and timedelta(0) < ahead <= HEARD_AHEAD:
        return _line(HEAR, "visit_open", visit, SOON, open_)
    return None


def _line(kind: str, verb: str, visit: ExchangeVisit, rank: int, count: int = 0) -> Item:
    return Item(kind, verb, str(visit.id), rank, visit.title, visit.starts_on, count)


def asked(session: Session, visit: ExchangeVisit, *, today: date) -> set[int]:
    """Who is asked to approve by now: one unit further up for each two working days.

    A level on which only whoever proposed it sits is passed over at once; where nobody else is
    there at all, she is asked herself.
    """
    levels = [level for level in approvers(session, visit, today=today) if level]
    if not levels:
        return {visit.proposed_by or 0}
    calendar = working_days.calendar_of(
        session, unit_path=path_of(session, visit), working_weekdays=WORKING_WEEKDAYS
    )
    since = local_date(visit.proposed_at or visit.created_at, ZONE)
    return approvals.asked(session, levels, since, calendar, today=today)
