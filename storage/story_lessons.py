"""Stories that may become lessons: whether the author was asked and agreed, and which it became."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, SQLModel, col, select

from storage.columns import points_to
from storage.lessons import Lesson, LessonVersion

ASKED, AGREED, REFUSED = "asked", "agreed", "refused"
# Of a version whose pack says that it is not taught.
WITHDRAWN = "withdrawn"


class StoryLesson(SQLModel, table=True):
    """One story's way to a lesson; `lesson_id` is set by the import of a pack that holds it."""

    __tablename__ = "story_lesson"

    story_id: int = points_to("story.id", primary=True)
    state: str
    asked_by: int = points_to("person.id")
    asked_at: datetime
    answered_at: datetime | None = None
    lesson_id: int | None = points_to("lesson.id", optional=True, index=True)


def of_story(session: Session, story_id: int, *, lock: bool = False) -> StoryLesson | None:
    """How it stands with one story; with `lock` nobody else changes that meanwhile."""
    statement = select(StoryLesson).where(StoryLesson.story_id == story_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.exec(statement).first()


def of_stories(session: Session, story_ids: Collection[int]) -> dict[int, StoryLesson]:
    """How it stands with these stories, by story."""
    rows = session.exec(select(StoryLesson).where(col(StoryLesson.story_id).in_(story_ids)))
    return {row.story_id: row for row in rows}


def lesson_of(session: Session, story_id: int) -> Lesson | None:
    """The lesson that a story became."""
    return session.exec(
        select(Lesson)
        .join(StoryLesson, col(StoryLesson.lesson_id) == col(Lesson.id))
        .where(StoryLesson.story_id == story_id)
    ).first()


def rest(session: Session, story_id: int) -> None:
    """Teach the lesson that a story became no more."""
    lesson = lesson_of(session, story_id)
    if lesson is not None:
        lesson.is_withdrawn = True
        session.add(lesson)


def teach_again(session: Session, story_id: int) -> None:
    """Teach it again, unless its pack withdrew it."""
    lesson = lesson_of(session, story_id)
    version = session.get(LessonVersion, lesson.current_version_id or 0) if lesson else None
    if lesson is not None and version is not None and version.status != WITHDRAWN:
        lesson.is_withdrawn = False
        session.add(lesson)
