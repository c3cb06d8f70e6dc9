"""Three months of topics looked back at: what is asked, what again and again, who asks nothing."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from sqlmodel import Session

from curriculum import topic_page
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date, moment_at
from storage import topic_people, topics

MONTHS = 3
SHOWN = 8
UNITS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Asked:
    """One subject: how many people asked about it in each month, the oldest first."""

    title: str
    people: tuple[int, ...]

    @property
    def months(self) -> int:
        """In how many months it was asked."""
        return sum(count > 0 for count in self.people)


@dataclass(frozen=True, slots=True)
class Quarter:
    """`months` are first days; `subjects` the most asked, `again` what came up every month.

    A subject is the lesson that answers it best, so that themes of different months can be told to
    be the same; one without a lesson has its theme's title.
    """

    months: tuple[date, ...]
    subjects: tuple[Asked, ...]
    again: tuple[str, ...]


def of(session: Session, speaker: Speaker, *, now: datetime) -> Quarter:
    """The last three months of the topics somebody coordinates; raises NotThere for others."""
    speaker.require("lead_topic")
    months = _months(now)
    counted: dict[str, Counter[date]] = {}
    paths = speaker.reach("lead_topic")
    for standing in topics.within(session, paths, bot=speaker.bot, limit=1_000):
        month = standing.topic.month
        if month not in months:
            continue
        for theme in topic_page.of(session, standing).shown:
            title = theme.lessons[0].title if theme.lessons else theme.title
            counted.setdefault(title, Counter())[month] += theme.askers + theme.voters
    subjects = [
        Asked(title, tuple(by_month[month] for month in months))
        for title, by_month in counted.items()
    ]
    subjects.sort(key=lambda one: (-sum(one.people), one.title))
    again = tuple(one.title for one in subjects if one.months > 1)
    return Quarter(months, tuple(subjects[:SHOWN]), again[:SHOWN])


def _months(now: datetime) -> tuple[date, ...]:
    this = local_date(now, ZONE).replace(day=1)
    return tuple(this - relativedelta(months=back) for back in reversed(range(MONTHS)))


def asking_nothing(session: Session, speaker: Speaker, *, now: datetime) -> list[str]:
    """The units of a supervisor's workers from which no question came in three months.

    For her alone: a reason to call, and nobody's mark. Raises NotThere for others.
    """
    speaker.require("see_workers")
    since = moment_at(_months(now)[0], datetime.min.time(), ZONE)
    return topic_people.silent_units(
        session, speaker.reach("see_workers"), since=since, limit=UNITS_SHOWN
    )
