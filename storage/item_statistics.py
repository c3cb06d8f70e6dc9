"""How often each option of a check question was chosen first, counted by the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import case, func
from sqlalchemy import select as sa_select
from sqlmodel import Session, col

from storage.lessons import Answer, Lesson, LessonPack, LessonText, LessonVersion
from storage.people import Membership, Unit


@dataclass(frozen=True, slots=True)
class OptionCount:
    """How many people of a counted group chose one option of a question's version first.

    `chosen` counts from 0; `question` is the Chinese check question as it is stored.
    """

    pack: str
    lesson: str
    title: str
    version_id: int
    version: int
    is_current: bool
    question: dict[str, Any]
    chosen: int
    count: int


def _firsts(unit_path: str | None) -> Any:
    """The id of each person's first answer to each version, of all or of one unit's people."""
    firsts = sa_select(func.min(col(Answer.id)).label("id")).group_by(
        col(Answer.person_id), col(Answer.version_id)
    )
    if unit_path is not None:
        firsts = (
            firsts.join(Membership, col(Membership.person_id) == col(Answer.person_id))
            .join(Unit, col(Unit.id) == col(Membership.unit_id))
            .where(col(Membership.until).is_(None))
            .where(col(Unit.path).startswith(unit_path, autoescape=True))
        )
    return firsts.subquery()


def _counted(*, group: int, unit_path: str | None) -> Any:
    """Per version and option, how many of the people counted chose it: whole groups of `group`."""
    first = _firsts(unit_path)
    version = col(Answer.version_id)
    placed = (
        sa_select(
            version,
            col(Answer.chosen),
            func.row_number().over(partition_by=version, order_by=col(Answer.id)).label("place"),
            func.count().over(partition_by=version).label("people"),
        )
        .join(first, first.c.id == col(Answer.id))
        .subquery()
    )
    is_counted = placed.c.place <= placed.c.people - placed.c.people % group
    return (
        sa_select(
            placed.c.version_id,
            placed.c.chosen,
            func.sum(case((is_counted, 1), else_=0)).label("count"),
        )
        .group_by(placed.c.version_id, placed.c.chosen)
        .subquery()
    )


def first_choices(
    session: Session, *, group: int, pack_code: str | None = None, unit_path: str | None = None
) -> Iterator[OptionCount]:
    """Stream the counts of every version somebody answered, in teaching order, in one query.

    Counted is each person's first answer to a version, and of those the first whole groups of
    `group` people only: so what is shown never changes by one person's answer. Options chosen by
    nobody have no row; those chosen only by people who are not counted yet have a count of 0.
    `unit_path` counts the people who work there or below now.
    """
    counted = _counted(group=group, unit_path=unit_path)
    statement = (
        sa_select(
            col(LessonPack.code),
            col(Lesson.code),
            col(LessonText.title),
            col(LessonVersion.id),
            col(LessonVersion.number),
            col(Lesson.current_version_id) == col(LessonVersion.id),
            col(LessonText.question),
            counted.c.chosen,
            counted.c.count,
        )
        .join(LessonVersion, col(LessonVersion.id) == counted.c.version_id)
        .join(Lesson, col(Lesson.id) == col(LessonVersion.lesson_id))
        .join(LessonPack, col(LessonPack.id) == col(Lesson.pack_id))
        .join(LessonText, col(LessonText.version_id) == col(LessonVersion.id))
        .where(col(LessonText.language) == "zh")
        .order_by(
            col(LessonPack.code),
            col(Lesson.position),
            col(Lesson.id),
            col(LessonVersion.number),
            counted.c.chosen,
        )
        .execution_options(yield_per=1000)
    )
    if pack_code is not None:
        statement = statement.where(col(LessonPack.code) == pack_code)
    for row in session.connection().execute(statement):
        yield OptionCount(*row)
