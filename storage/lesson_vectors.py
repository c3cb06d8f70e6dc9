"""What is kept of each lesson's meaning: the row a sentence model made of one text of a version."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import LargeBinary, delete
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col

from storage.columns import points_to
from storage.lessons import Lesson, LessonText, LessonVersion
from storage.prepared import insert_ignoring


class LessonVector(SQLModel, table=True):
    """One text's row as bytes of float16; a text without one is read when a topic needs it."""

    __tablename__ = "lesson_vector"

    text_id: int = points_to("lesson_text.id", primary=True)
    vector: bytes = Field(sa_type=LargeBinary)


TABLE: Any = LessonVector.__table__  # type: ignore[attr-defined]


def keep(session: Session, made: Mapping[int, bytes]) -> None:
    """Keep rows by text id, once; another process may have kept the same."""
    if made:
        rows = [{"text_id": text_id, "vector": row} for text_id, row in sorted(made.items())]
        statement = insert_ignoring(session, TABLE).on_conflict_do_nothing()
        session.connection().execute(statement, rows)


def drop_outdated(session: Session) -> None:
    """Forget the rows of versions that are not current any more."""
    outdated = (
        core_select(col(LessonText.id))
        .join(LessonVersion, col(LessonVersion.id) == LessonText.version_id)
        .join(Lesson, col(Lesson.id) == LessonVersion.lesson_id)
        .where(col(Lesson.current_version_id) != col(LessonVersion.id))
    )
    session.connection().execute(delete(TABLE).where(TABLE.c.text_id.in_(outdated)))


def drop_all(session: Session) -> None:
    """Forget every row, for when a release reads texts differently; topics make them anew."""
    session.connection().execute(delete(TABLE))
