"""What a visit that is over asks of whoever arranges it: the roll, then the summary."""

from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import working_days
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import WorkingCalendar, local_date, next_working_day
from curriculum.todo_items import SOON, TODAY, Item
from curriculum.visit_access import RUN
from storage import visit_logs as logs
from storage import visits as stored
from storage.people import Unit
from storage.visits import APPROVED

ROLL, SUMMARY = "visit_roll", "visit_summary"
# Working days after the journey from which on it is asked for (issue: 2 and 5).
ROLL_AFTER, SUMMARY_AFTER = 2, 5
ASKED_FOR = timedelta(days=60)


def items(session: Session, speaker: Speaker, *, now: datetime) -> list[Item]:
    """The rolls that nobody confirmed and the summaries that nobody published."""
    today, found = local_date(now, ZONE), []
    visits = [
        one
        for one in stored.arranged_by(session, speaker.reach(RUN), bot=speaker.bot)
        if one.state == APPROVED and today - ASKED_FOR <= one.ends_on < today
    ]
    reports = logs.reports(session, [one.id or 0 for one in visits])
    for visit in visits:
        report, path = reports.get(visit.id or 0), session.get_one(Unit, visit.unit_id).path
        calendar = working_days.calendar_of(
            session, unit_path=path, working_weekdays=[1, 2, 3, 4, 5]
        )
        is_called = report is not None and report.confirmed_at is not None
        is_out = report is not None and report.published_at is not None
        if not is_called and today >= _after(visit.ends_on, ROLL_AFTER, calendar):
            found.append(
                Item(ROLL, "visit_roll", f"{visit.id}:0", TODAY, visit.title, visit.ends_on)
            )
        if not is_out and today >= _after(visit.ends_on, SUMMARY_AFTER, calendar):
            found.append(
                Item(SUMMARY, "visit_summary", str(visit.id), SOON, visit.title, visit.ends_on)
            )
    return found


def _after(day: date, count: int, calendar: WorkingCalendar) -> date:
    """The working day so many after a day."""
    for _ in range(count):
        day = next_working_day(day, calendar)
    return day
