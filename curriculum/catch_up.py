"""补学: what a person may catch up on, one lesson at a time, and only when she asks."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from curriculum import asked_lesson, daily_lesson
from curriculum.asked_lesson import AskedLesson
from curriculum.people import ZONE, Speaker
from curriculum.rhythm import local_date
from storage import lesson_requests
from storage.lesson_requests import Owed

# What 欢迎回来 offers (EXPERIENCE section 5): three, never the whole pile.
CHOSEN = 3


@dataclass(frozen=True, slots=True)
class CatchUp:
    """What 补学 led to: the next lesson, and how many wait behind it; `lesson` None for none."""

    lesson: AskedLesson | None
    behind: int


def waiting(session: Session, speaker: Speaker, *, now: datetime) -> list[Owed]:
    """What she may catch up on, in the order to take it in: musts first, then the pack's order."""
    return lesson_requests.not_learned(
        session,
        person_id=speaker.person_id,
        study=daily_lesson.KIND,
        kinds=daily_lesson.KINDS,
        before=local_date(now, ZONE),
    )


def next_one(session: Session, speaker: Speaker, *, now: datetime) -> CatchUp:
    """The next lesson to catch up on, asked for."""
    left = waiting(session, speaker, now=now)
    if not left:
        return CatchUp(None, 0)
    lesson = asked_lesson.ask(session, speaker, lesson_id=left[0].lesson_id, now=now)
    return CatchUp(lesson, len(left) - 1)
