"""Whether a cohort holds its monthly topic, when, and how long before it the pool closes."""

from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.people import Speaker
from curriculum.rhythm import local_date
from curriculum.topic_dates import APPROVED, CLOSES, WEEKDAY, WEEKDAYS
from curriculum.topic_rules import MINUTES, require_apart
from storage import audit
from storage import cohorts as stored
from storage.cohorts import Cohort, Rhythm
from storage.columns import LARGEST_ID
from storage.people import Unit

KIND = "monthly_topic"
HOUR = time(15)
LATE, SKIP_AFTER_HOURS = "send", 10


@dataclass(frozen=True, slots=True)
class Settings:
    """A cohort's topic: held on the last `weekday` (its English name) of a month at `hour`.

    The pool closes `closes` and approval is due `due` working days before.
    """

    cohort_id: int
    cohort: str
    is_on: bool
    weekday: str
    hour: time
    minutes: int
    closes: int
    due: int

    @property
    def mark(self) -> str:
        """What a change of them is made on."""
        day = f"{int(self.is_on)}{WEEKDAYS.index(self.weekday)}{self.hour:%H%M}"
        return f"{day}.{self.closes}.{self.due}"


def of(session: Session, speaker: Speaker, cohort_id: int) -> Settings:
    """A cohort's settings, ours where it has none; raises NotThere."""
    cohort = _cohort(session, speaker, cohort_id)
    rhythm = stored.rhythm_of(session, cohort_id=cohort_id, kind=KIND)
    kept: dict[str, Any] = dict(rhythm.settings) if rhythm else {}
    return Settings(
        cohort_id=cohort_id,
        cohort=cohort.name,
        is_on=rhythm is not None and rhythm.is_on,
        weekday=kept.get("weekday", WEEKDAY),
        hour=rhythm.time_of_day if rhythm else HOUR,
        minutes=kept.get("minutes", MINUTES),
        closes=kept.get("pool_closes_working_days", CLOSES),
        due=kept.get("approval_working_days", APPROVED),
    )


def change(
    session: Session, speaker: Speaker, wished: Settings, *, seen: str, now: datetime
) -> Settings:
    """Keep other settings; what is drafted already stays as it is.

    Raises NotThere, ChangedMeanwhile, TopicDatesTooClose.
    """
    require_apart(wished.closes, wished.due)
    if wished.weekday not in WEEKDAYS:
        raise NotThere
    before = of(session, speaker, wished.cohort_id)
    if before.mark != seen:
        raise ChangedMeanwhile
    cohort = session.get_one(Cohort, wished.cohort_id)
    rhythm = stored.rhythm_of(session, cohort_id=wished.cohort_id, kind=KIND)
    yesterday = local_date(now, cohort.zone) - timedelta(days=1)
    if rhythm is None:
        rhythm = Rhythm(
            cohort_id=wished.cohort_id,
            kind=KIND,
            is_on=False,
            time_of_day=wished.hour,
            late=LATE,
            skip_after_hours=SKIP_AFTER_HOURS,
            settings={},
            watermark=yesterday,
        )
    if wished.is_on and not rhythm.is_on:
        # A month whose pool would have closed before it was switched on is not made up for.
        rhythm.watermark = yesterday
    rhythm.is_on, rhythm.time_of_day = wished.is_on, wished.hour
    rhythm.settings = {
        "weekday": wished.weekday,
        "minutes": wished.minutes,
        "pool_closes_working_days": wished.closes,
        "approval_working_days": wished.due,
    }
    session.add(rhythm)
    session.flush()
    facts = asdict(wished) | {"hour": wished.hour.isoformat()}
    del facts["cohort"]
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="set_topic",
        object_kind="cohort",
        object_id=wished.cohort_id,
        **facts,
    )
    return wished


def _cohort(session: Session, speaker: Speaker, cohort_id: int) -> Cohort:
    cohort = session.get(Cohort, cohort_id) if cohort_id < LARGEST_ID else None
    if cohort is None or cohort.bot != speaker.bot:
        raise NotThere
    speaker.require("lead_topic", unit_path=session.get_one(Unit, cohort.unit_id).path)
    return cohort
