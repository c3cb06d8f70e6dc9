"""How the imported lesson packs stand on a day: readable, drafts, withdrawn, ended, ending."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from storage.lessons import Lesson, LessonPack, LessonVersion
from storage.library import is_readable


@dataclass(frozen=True, slots=True)
class PackState:
    """Lessons of one pack, counted; drafts and ending ones are among the readable."""

    code: str
    title: str
    title_en: str | None
    readable: int
    drafts: int
    withdrawn: int
    ended: int
    ending: int


def states(session: Session, *, on: date, soon: date) -> list[PackState]:
    """Every imported pack on a day; `ending` are those whose last day lies before or on `soon`."""
    readable = is_readable(on)
    is_there = col(Lesson.is_withdrawn).is_(False)
    last_day = col(Lesson.valid_to)
    lessons = col(Lesson.id)
    statement = (
        sa_select(
            col(LessonPack.code),
            col(LessonPack.title),
            col(LessonPack.title_en),
            func.count(lessons).filter(readable),
            func.count(lessons).filter(and_(readable, col(LessonVersion.status) == "draft")),
            func.count(lessons).filter(col(Lesson.is_withdrawn).is_(True)),
            func.count(lessons).filter(and_(is_there, last_day < on)),
            func.count(lessons).filter(and_(readable, last_day <= soon)),
        )
        .join(Lesson, col(Lesson.pack_id) == col(LessonPack.id))
        .join(LessonVersion, col(LessonVersion.id) == col(Lesson.current_version_id), isouter=True)
        .group_by(col(LessonPack.id))
        .order_by(col(LessonPack.id))
    )
    return [PackState(*row) for row in session.connection().execute(statement)]
