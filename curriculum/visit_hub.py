"""Where the log of a visit begins: what there is to do during and after it, and which is on now."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from curriculum.visit_access import standing
from storage import visit_logs as logs
from storage import visits as stored
from storage.visits import APPROVED


@dataclass(frozen=True, slots=True)
class Hub:
    """What a visit's log offers somebody; `mine` counts her entries, `lines` what she may read."""

    visit_id: int
    title: str
    starts_on: date
    ends_on: date
    mine: int
    lines: int
    travels: bool
    is_arranger: bool
    has_begun: bool
    # From the last day on: what was brought home, the summary.
    is_home: bool
    is_over: bool
    is_roll_confirmed: bool
    is_published: bool


def hub(session: Session, speaker: Speaker, visit_id: int, *, now: datetime) -> Hub:
    """What there is to do about a visit's log and after it; raises NotThere."""
    found = standing(session, speaker, visit_id)
    count = logs.count_seen(session, visit_id, reader=found.line_id)
    today, report = local_date(now, ZONE), logs.report(session, visit_id)
    return Hub(
        visit_id=visit_id,
        title=found.visit.title,
        starts_on=found.visit.starts_on,
        ends_on=found.visit.ends_on,
        mine=logs.count_of(session, found.line_id) if found.line_id else 0,
        lines=count,
        travels=found.line is not None,
        is_arranger=found.is_arranger,
        has_begun=today >= found.visit.starts_on,
        is_home=today >= found.visit.ends_on,
        is_over=today > found.visit.ends_on,
        is_roll_confirmed=report is not None and report.confirmed_at is not None,
        is_published=report is not None and report.published_at is not None,
    )


def under_way(session: Session, speaker: Speaker, *, now: datetime) -> tuple[int, str] | None:
    """(visit, title) of the one journey she is on today; None where there is none, or several."""
    today = local_date(now, ZONE)
    found = [
        visit
        for visit in stored.joined_by(session, speaker.person_id, bot=speaker.bot)
        if visit.state == APPROVED and visit.starts_on <= today <= visit.ends_on
    ]
    found = [one for one in found if standing(session, speaker, one.id or 0).line is not None]
    return (found[0].id or 0, found[0].title) if len(found) == 1 else None
