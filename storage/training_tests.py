"""The questions of a training's test, and what each person chose before and after it."""

from typing import Any

from sqlalchemy import Integer, cast
from sqlmodel import Field, Session, SQLModel, col, func, select

from storage.columns import points_to


class TrainingQuestion(SQLModel, table=True):
    """One question of a test: the check question of a lesson as it stood when it was chosen."""

    __tablename__ = "training_question"

    event_id: int = points_to("training_event.id", primary=True)
    version_id: int = points_to("lesson_version.id", primary=True)
    place: int


class TrainingTestAnswer(SQLModel, table=True):
    """What somebody chose first; `part` is before or after. Hers alone, but for the means."""

    __tablename__ = "training_test_answer"

    event_id: int = points_to("training_event.id", primary=True)
    person_id: int = points_to("person.id", primary=True)
    part: str = Field(primary_key=True)
    version_id: int = points_to("lesson_version.id", primary=True)
    chosen: int
    correct: bool


def questions(session: Session, event_id: int) -> list[TrainingQuestion]:
    """A training's questions in the order in which they were chosen."""
    return list(
        session.exec(
            select(TrainingQuestion)
            .where(TrainingQuestion.event_id == event_id)
            .order_by(col(TrainingQuestion.place))
        )
    )


def answers(session: Session, event_id: int, person_id: int, part: str) -> dict[int, bool]:
    """Whether somebody's answers of a part were right, by the question's version."""
    rows = session.exec(
        select(TrainingTestAnswer.version_id, TrainingTestAnswer.correct).where(
            TrainingTestAnswer.event_id == event_id,
            TrainingTestAnswer.person_id == person_id,
            TrainingTestAnswer.part == part,
        )
    )
    return dict(rows.all())


def is_any(session: Session, event_id: int) -> bool:
    """Whether anybody has answered anything."""
    statement = select(TrainingTestAnswer).where(TrainingTestAnswer.event_id == event_id).limit(1)
    return session.exec(statement).first() is not None


def right_by_person(session: Session, event_id: int) -> dict[tuple[int, str], tuple[int, int]]:
    """(how many answered, how many of them right), by (person, part)."""
    right: Any = func.sum(cast(col(TrainingTestAnswer.correct), Integer))
    rows = session.exec(
        select(TrainingTestAnswer.person_id, TrainingTestAnswer.part, func.count(), right)
        .where(TrainingTestAnswer.event_id == event_id)
        .group_by(col(TrainingTestAnswer.person_id), col(TrainingTestAnswer.part))
    )
    return {(person_id, part): (int(count), int(sum_)) for person_id, part, count, sum_ in rows}
