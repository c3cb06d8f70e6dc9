"""Which lesson a date ahead will bring, and how its message will look."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlmodel import Session

from curriculum import daily_lesson, lessons, occasions, rounds
from curriculum.daily_lesson import KIND
from curriculum.occasions import Occasion
from storage import lesson_deliveries as owed
from storage import lessons as stored_lessons
from storage import schedule as stored


def lesson_on(session: Session, occasion: Occasion) -> int | None:
    """The lesson a date ahead will bring a cohort that learns together, as the planner finds it.

    Each date before it that is not held is taken to bring its own.
    """
    beat, day = occasion.beat, occasion.local_date
    planned_to = stored.watermark_of(session, kind=KIND, cohort_id=beat.cohort_id)
    since = min(day, planned_to + timedelta(days=1))
    known = stored.occasions_of(
        session, kind=KIND, cohort_ids=[beat.cohort_id], since=since, until=day
    )
    standing = known.get((beat.cohort_id, day))
    if standing is not None and standing.lesson_id is not None:
        return standing.lesson_id
    held = {d for (_, d), row in known.items() if row.state == occasions.HELD}
    first, *later = [d for d in daily_lesson.dates(beat, since, day) if d == day or d not in held]
    lesson_id = daily_lesson.next_for_all(session, replace(occasion, local_date=first))
    for following in later if lesson_id is not None else ():
        position = session.get_one(stored_lessons.Lesson, lesson_id).position
        lesson_id = owed.next_lesson(session, beat.pack_id, after=position, on=following)
    return lesson_id


def as_sent(session: Session, lesson_id: int, *, occasion: str) -> Mapping[str, Any] | None:
    """A lesson's values as a learner's message has them, in Chinese."""
    version_id = session.get_one(stored_lessons.Lesson, lesson_id).current_version_id or 0
    content = lessons.in_language(
        stored_lessons.contents(session, {version_id}), version_id, ("zh",)
    )
    if content is None:
        return None
    is_review = bool(rounds.reviews(session, KIND, [(occasion, lesson_id)]))
    return daily_lesson.lesson_values(content, occasion=occasion, is_review=is_review)
