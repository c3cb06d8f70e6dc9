"""A deputy who was proposed and nobody answered for: the next are asked, else she hears of it.

Two working days belong to those who were asked last; then the coordinators one unit further up
are asked as well, and where none is left whoever goes away is told, so that she can name another.
"""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import deputy_choice, deputy_words, topic_dates, working_days
from curriculum.approvals import WAITS_WORKING_DAYS
from curriculum.people import ZONE
from curriculum.promises import WEEKDAYS
from curriculum.rhythm import local_date
from storage import audit
from storage import deputy_proposals as stored
from storage.deputies import Deputy


def move_on(session: Session, *, bot: int, now: datetime) -> int:
    """Move every proposal on that waited long enough; returns how many people are told.

    Cheap where none waits: it is asked each minute.
    """
    today, added = local_date(now, ZONE), 0
    before = now - timedelta(days=WAITS_WORKING_DAYS - 1)
    for row in stored.waiting(session, bot=bot, before=before, on=today):
        asked = stored.asked(session, row, kind=deputy_words.KIND)
        if deputy_words.was_told_back(session, row):
            continue
        since = max([row.changed_at, *asked.values()])
        if today >= _over_on(session, row, local_date(since, ZONE), today=today):
            added += _ask_next(session, row, set(asked), now=now)
    return added


def _over_on(session: Session, row: Deputy, since: date, *, today: date) -> date:
    """The first day on which it is no longer the turn of those who were asked on `since`."""
    path = deputy_choice.shared_unit(session, row.person_id, on=today)
    calendar = working_days.calendar_of(session, unit_path=path, working_weekdays=WEEKDAYS)
    return topic_dates.working_days_after(since, WAITS_WORKING_DAYS, calendar)


def _ask_next(session: Session, row: Deputy, asked: set[int], *, now: datetime) -> int:
    without = {row.person_id, row.deputy_id or 0, *asked}
    following = deputy_choice.next_up(session, row.person_id, without, bot=row.bot, now=now)
    if following:
        deputy_words.tell(session, row, following, now=now)
    else:
        deputy_words.tell_back(session, row, now=now)
    audit.add(
        session,
        at=now,
        actor_id=None,
        action="pass_on_deputy" if following else "hand_back_deputy",
        object_kind="deputy",
        object_id=row.id,
        asked=following,
    )
    session.flush()
    return len(following) or 1
