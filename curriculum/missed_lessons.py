"""The daily lessons of days nobody can answer for: which they were, and letting them pass by."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlmodel import Session

from curriculum import daily_lesson, occasions
from curriculum.cohorts import TOGETHER
from curriculum.occasions import Beat, Occasion
from storage import lesson_deliveries as owed
from storage import schedule as stored_schedule
from storage.lessons import Lesson


def on(session: Session, beat: Beat, dates: Sequence[date]) -> dict[date, int]:
    """The lesson each of these dates (in order) brought, or would have brought, a cohort.

    Empty where each member has a lesson of her own: her deliveries say which.
    """
    if beat.pace != TOGETHER or not dates:
        return {}
    known = stored_schedule.occasions_of(
        session,
        kind=daily_lesson.KIND,
        cohort_ids=[beat.cohort_id],
        since=dates[0],
        until=dates[-1],
    )
    found: dict[date, int] = {}
    last: int | None = None
    for day in dates:
        row = known.get((beat.cohort_id, day))
        if row is not None and row.state == occasions.HELD:
            continue
        lesson_id = row.lesson_id if row is not None else None
        if lesson_id is None:
            lesson_id = (
                daily_lesson.next_for_all(session, Occasion(beat, day))
                if last is None
                else _behind(session, beat, last, day)
            )
        if lesson_id is not None:
            found[day] = last = lesson_id
    return found


def _behind(session: Session, beat: Beat, lesson_id: int, day: date) -> int | None:
    position = session.get_one(Lesson, lesson_id).position
    return owed.next_lesson(session, beat.pack_id, after=position, on=day)


def pass_by(
    session: Session,
    beat: Beat,
    dates: Sequence[date],
    lessons: Mapping[date, int],
    *,
    now: datetime,
) -> None:
    """Skip dates that were never planned, each with the lesson that is not sent any more.

    The cohort goes on behind it, and 补学 offers it to whoever wants it.
    """
    for day in dates:
        daily_lesson.note_missed(session, Occasion(beat, day), state=occasions.SKIPPED, now=now)
        row = owed.occasion_on(
            session, kind=daily_lesson.KIND, cohort_id=beat.cohort_id, local_date=day
        )
        if row is not None and row.state == occasions.SKIPPED:
            row.lesson_id = lessons.get(day)
            session.add(row)
    session.flush()
