"""By when whoever asked was promised an answer, and whether this month's topic is still open."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from curriculum import topic_dates, working_days
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import WorkingCalendar, local_date
from storage import cohorts as stored_cohorts
from storage import people
from storage.questions import URGENT

# What an urgent question may take, and one where no topic is held: working days.
URGENT_DAYS, WITHOUT_TOPIC = 3, 10
TOPIC = "monthly_topic"
WEEKDAYS = [1, 2, 3, 4, 5]


@dataclass(frozen=True, slots=True)
class Promise:
    """The last day for an answer; `is_next_month` where this month's pool is closed already."""

    answer_by: date
    is_in_topic: bool
    is_next_month: bool


def promised(session: Session, speaker: Speaker, *, urgency: str, now: datetime) -> Promise:
    """What somebody who asks now may count on."""
    cohort = stored_cohorts.latest_cohort(session, speaker.person_id)
    today = local_date(now, cohort.zone if cohort else ZONE)
    calendar = calendar_for(session, speaker)
    if urgency == URGENT:
        by = topic_dates.working_days_after(today, URGENT_DAYS, calendar)
        return Promise(by, is_in_topic=False, is_next_month=False)
    rhythm = cohort and stored_cohorts.rhythm_of(session, cohort_id=cohort.id or 0, kind=TOPIC)
    if not rhythm or not rhythm.is_on:
        by = topic_dates.working_days_after(today, WITHOUT_TOPIC, calendar)
        return Promise(by, is_in_topic=False, is_next_month=False)
    dates = topic_dates.for_question(today, calendar, rhythm.settings)
    return Promise(
        dates.held_on,
        is_in_topic=True,
        is_next_month=(dates.held_on.year, dates.held_on.month) != (today.year, today.month),
    )


def calendar_for(session: Session, speaker: Speaker) -> WorkingCalendar:
    """The calendar somebody works by: her cohort's weekdays, her unit's days."""
    cohort = stored_cohorts.latest_cohort(session, speaker.person_id)
    unit = people.unit_of(session, speaker.person_id)
    return working_days.calendar_of(
        session,
        unit_path=unit.path if unit else "/",
        working_weekdays=cohort.working_weekdays if cohort else WEEKDAYS,
    )
