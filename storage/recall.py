"""Recall: how well each point is remembered, and the questions asked to keep it."""

from datetime import date, datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.columns import key, points_to


class RecallCard(SQLModel, table=True):
    """One lesson in one person's memory, as FSRS describes it; nobody else may read it."""

    __tablename__ = "recall_card"
    __table_args__ = (UniqueConstraint("person_id", "lesson_id"),)

    id: int | None = key()
    person_id: int = points_to("person.id", index=True)
    lesson_id: int = points_to("lesson.id")
    # FSRS: state 1 learning, 2 review, 3 relearning; stability in days; difficulty 1 to 10.
    state: int
    stability: float | None = None
    difficulty: float | None = None
    due_at: datetime
    last_review_at: datetime | None = None
    # The version whose answer the memory is of; a changed point begins anew.
    version_id: int = points_to("lesson_version.id")


class RecallAsk(SQLModel, table=True):
    """One recall question as it was asked, and its answer; counts toward the day's limit."""

    __tablename__ = "recall_ask"
    __table_args__ = (Index("ix_recall_ask_person", "person_id", "asked_on"),)

    id: int | None = key()
    person_id: int = points_to("person.id")
    lesson_id: int = points_to("lesson.id")
    version_id: int = points_to("lesson_version.id")
    # The local date of the cohort, by which the limit counts.
    asked_on: date
    asked_at: datetime
    # What FSRS predicted at that moment, 0 to 1; None for material not asked before.
    predicted: float | None = None
    chosen: int | None = None
    correct: bool | None = None
    answered_at: datetime | None = Field(default=None)
