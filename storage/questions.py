"""Questions that workers asked."""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, func, select

from storage.columns import key, points_to


class Question(SQLModel, table=True):
    """One question; `state` is new, grouped, answered, to_supervision or declined."""

    __tablename__ = "question"

    id: int | None = key()
    asker_id: int = points_to("person.id", index=True)
    # Where the asker worked when she asked.
    unit_id: int | None = points_to("unit.id", optional=True)
    lesson_id: int | None = points_to("lesson.id", optional=True)
    text: str
    anonymous: bool = False
    state: str = "new"
    asked_at: datetime = Field(index=True)


def count_by(session: Session, asker_id: int) -> int:
    """How many questions a person has asked."""
    return int(session.exec(select(func.count()).where(Question.asker_id == asker_id)).one())


def latest_by(session: Session, asker_id: int, *, limit: int) -> list[Question]:
    """A person's own questions, newest first."""
    return list(
        session.exec(
            select(Question)
            .where(Question.asker_id == asker_id)
            .order_by(col(Question.asked_at).desc(), col(Question.id).desc())
            .limit(limit)
        )
    )
