"""What a story began from: a line of minutes, an answer that helped, a sentence of her own."""

from typing import Any

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import BIG, points_to
from storage.prepared import insert_ignoring

MINUTES, ANSWER, THEME, USED, VISIT = "minutes", "answer", "theme", "used", "visit"


class StorySource(SQLModel, table=True):
    """That a story was begun for somebody from one source: once, whatever became of it.

    By `kind`, `source_id` is the id of a gathering_point, a question_answer, a topic_theme, a
    used_lesson or a visit_return.
    """

    __tablename__ = "story_source"

    author_id: int = points_to("person.id", primary=True)
    kind: str = Field(primary_key=True)
    source_id: int = Field(sa_type=BIG, primary_key=True, sa_column_kwargs={"autoincrement": False})
    story_id: int = points_to("story.id", index=True)


TABLE: Any = StorySource.__table__  # type: ignore[attr-defined]


def claim(session: Session, author_id: int, kind: str, source_id: int, *, story_id: int) -> bool:
    """Keep what a story began from; False where one began for her from it before."""
    statement = insert_ignoring(session, TABLE).values(
        author_id=author_id, kind=kind, source_id=source_id, story_id=story_id
    )
    return bool(session.connection().execute(statement.on_conflict_do_nothing()).rowcount)


def story_of(session: Session, author_id: int, kind: str, source_id: int) -> int | None:
    """The story that was begun for somebody from a source."""
    return session.exec(
        select(StorySource.story_id).where(
            StorySource.author_id == author_id,
            StorySource.kind == kind,
            StorySource.source_id == source_id,
        )
    ).first()


def release(session: Session, story_id: int) -> None:
    """Let another story begin where this one did."""
    session.exec(delete(StorySource).where(col(StorySource.story_id) == story_id))
