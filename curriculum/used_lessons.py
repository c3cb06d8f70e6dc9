"""这周哪一课用上了: asked under the week's last lesson; the answer is the learner's own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from curriculum import working_days
from curriculum.clean_text import clean
from curriculum.errors import NotThere, TextTooLong
from curriculum.occasions import read_name
from curriculum.people import Speaker
from curriculum.question_errors import QuestionEmpty
from curriculum.rhythm import local_date, moment_at
from storage import audit
from storage import cohorts as stored_cohorts
from storage import used_lessons as stored
from storage.cohorts import Cohort
from storage.columns import LARGEST_ID
from storage.people import Unit
from storage.used_lessons import UsedLesson

LESSONS = "daily_lesson"
SENTENCE_LIMIT = 200
# Before a Thursday no working week ends, so nothing is looked up then.
EARLIEST_WEEKDAY = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A lesson of the week that may have been of use."""

    lesson_id: int
    number: str
    title: str


def is_asked_on(session: Session, occasion: str) -> bool:
    """Whether a lesson's occasion is on the last working day of its cohort's week."""
    try:
        cohort_id, day = read_name(occasion)
    except ValueError:
        return False
    if day.weekday() < EARLIEST_WEEKDAY:
        return False
    cohort = session.get(Cohort, cohort_id)
    if cohort is None:
        return False
    calendar = working_days.calendar_of(
        session,
        unit_path=session.get_one(Unit, cohort.unit_id).path,
        working_weekdays=cohort.working_weekdays,
    )
    rest = range(1, 7 - day.weekday())
    return not any(calendar.is_working(day + timedelta(days=n)) for n in rest)


def choices(session: Session, speaker: Speaker, *, now: datetime) -> list[Choice]:
    """The lessons that reached her this week; NotThere for who learns nowhere."""
    cohort, week = _week(session, speaker, now=now)
    since = moment_at(week, cohort.quiet_to.replace(hour=0, minute=0), cohort.zone)
    rows = stored.received(session, speaker.person_id, kind=LESSONS, since=since)
    return [Choice(lesson_id, code.lstrip("0"), title) for lesson_id, code, title in rows]


def _week(session: Session, speaker: Speaker, *, now: datetime) -> tuple[Cohort, date]:
    """The cohort she learns in and the Monday of its present week."""
    speaker.require("learn")
    learning = stored_cohorts.cohorts_of(session, speaker.person_id)
    if not learning:
        raise NotThere
    cohort = learning[0][1]
    today = local_date(now, cohort.zone)
    return cohort, today - timedelta(days=today.weekday())


def readable(text: str) -> str:
    """A sentence as it is kept; raises QuestionEmpty, TextTooLong."""
    words = " ".join(clean(text).split())
    if not words:
        raise QuestionEmpty
    if len(words) > SENTENCE_LIMIT:
        raise TextTooLong(limit=SENTENCE_LIMIT, length=len(words))
    return words


def note(
    session: Session, speaker: Speaker, lesson_id: int | None, text: str, *, now: datetime
) -> int:
    """Keep which lesson was of use (None: no occasion yet), with a sentence or ""; gives its id.

    Raises NotThere for a lesson that did not reach her this week.
    """
    cohort, week = _week(session, speaker, now=now)
    offered = {choice.lesson_id for choice in choices(session, speaker, now=now)}
    if lesson_id is not None and lesson_id not in offered:
        raise NotThere
    used_id = stored.note(
        session,
        speaker.person_id,
        week,
        cohort_id=cohort.id or 0,
        lesson_id=lesson_id,
        text=text,
        now=now,
    )
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="say_used",
        object_kind="lesson",
        object_id=lesson_id,
    )
    return used_id


def share(
    session: Session, speaker: Speaker, used_id: int, *, is_shared: bool, now: datetime
) -> None:
    """Let a sentence of hers be read in the next kit, without her name, or not; or NotThere."""
    said = _own(session, speaker, used_id)
    said.is_shared = is_shared
    session.add(said)
    audit.add(
        session,
        at=now,
        actor_id=speaker.person_id,
        action="share_used" if is_shared else "keep_used",
        object_kind="used_lesson",
        object_id=said.id,
    )


def is_shared(session: Session, speaker: Speaker, used_id: int) -> bool:
    """Whether a sentence of hers is in the next kit; raises NotThere."""
    return _own(session, speaker, used_id).is_shared


def _own(session: Session, speaker: Speaker, used_id: int) -> UsedLesson:
    said = stored.by_id(session, used_id) if used_id < LARGEST_ID else None
    if said is None or said.person_id != speaker.person_id or not said.text:
        raise NotThere
    return said
