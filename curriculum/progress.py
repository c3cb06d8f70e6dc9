"""进度: what a person has learned, week by week, for herself alone; no score, no rank."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import daily_lesson
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import cohorts as stored_cohorts
from storage import learning, used_lessons

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Week:
    """A week from its Monday on: lessons learned, first answers that were right, minutes."""

    monday: date
    learned: int
    right: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Progress:
    """The last weeks, oldest first, and what stands since she began.

    `learned`, `right` and `used` (put to use) count lessons once each; `lessons` is how many her
    pack has (0 where she learns in no cohort); `minutes` is everything in the ledger,
    `month_minutes` this month's.
    """

    weeks: tuple[Week, ...]
    learned: int
    right: int
    lessons: int
    minutes: int
    month_minutes: int
    used: int = 0


def of(session: Session, speaker: Speaker, *, now: datetime) -> Progress:
    """A person's own progress, in a fixed number of queries."""
    today = local_date(now, ZONE)
    this_monday = today - timedelta(days=today.weekday())
    first = this_monday - timedelta(weeks=WEEKS - 1)
    acts = learning.acts(session, person_id=speaker.person_id, study=daily_lesson.KIND)
    minutes = learning.minutes(session, person_id=speaker.person_id)
    weeks = []
    for number in range(WEEKS):
        monday = first + timedelta(weeks=number)
        end = monday + timedelta(weeks=1)
        mine = [act for act in acts if monday <= act.on < end]
        weeks.append(
            Week(
                monday,
                learned=len({act.lesson_id for act in mine}),
                right=len({act.lesson_id for act in mine if act.is_right}),
                minutes=sum(spent for day, spent in minutes if monday <= day < end),
            )
        )
    cohorts = stored_cohorts.cohorts_of(session, speaker.person_id)
    return Progress(
        weeks=tuple(weeks),
        learned=len({act.lesson_id for act in acts}),
        right=len({act.lesson_id for act in acts if act.is_right}),
        lessons=learning.lessons_in(session, {cohort.pack_id for _, cohort in cohorts}),
        minutes=sum(spent for _, spent in minutes),
        month_minutes=sum(
            spent for day, spent in minutes if (day.year, day.month) == (today.year, today.month)
        ),
        used=used_lessons.count(session, speaker.person_id),
    )
