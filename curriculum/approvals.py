"""Who is asked to approve by now: the next coordinators up the tree for each two working days.

Whoever stands in for a coordinator who is away has two working days of her own. An administrator
is never asked to approve content (EXPERIENCE section 8).
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session

from curriculum.rhythm import WorkingCalendar
from curriculum.topic_dates import working_days_after
from storage import deputies

WAITS_WORKING_DAYS = 2


def asked(
    session: Session,
    levels: Sequence[Sequence[int]],
    since: date,
    calendar: WorkingCalendar,
    *,
    today: date,
) -> set[int]:
    """Everybody asked by now; `levels` from the nearest unit up, `since` when the waiting began."""
    people: set[int] = set()
    for level in levels:
        people |= set(level)
        until = working_days_after(since, WAITS_WORKING_DAYS, calendar)
        begun = _stood_in_since(session, level, today=today)
        if begun is not None and begun < until:
            until = working_days_after(max(since, begun), WAITS_WORKING_DAYS, calendar)
        since = until
        if since > today:
            break
    return people


def _stood_in_since(session: Session, people: Sequence[int], *, today: date) -> date | None:
    """From when deputies stand in for all of these people; None where one is there herself."""
    begun = deputies.stood_in_since(session, people, on=today)
    return max(begun.values()) if len(begun) == len(people) else None
