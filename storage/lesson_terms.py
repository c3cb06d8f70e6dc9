"""The words lessons are found by: pairs of Chinese characters, Tibetan syllables, other words."""

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.columns import points_to


class LessonTerm(SQLModel, table=True):
    """One term in one language of one lesson version, and how much it weighs there."""

    __tablename__ = "lesson_term"
    __table_args__ = (Index("ix_lesson_term_text", "text_id"),)

    term: str = Field(primary_key=True)
    text_id: int = points_to("lesson_text.id", primary=True)
    weight: float
