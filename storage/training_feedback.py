"""What people think of a training, without who said it; and, apart from that, who has said it."""

import random
import secrets
from typing import Any

from sqlalchemy import delete
from sqlmodel import Field, Session, SQLModel, col, func, select

from storage.columns import BIG, points_to

# A key that says nothing of the order in which answers came.
KEYS = 2**53


class TrainingFeedback(SQLModel, table=True):
    """One person's answers, 1 to 5 each, and a sentence or ""; it is not kept whose or when."""

    __tablename__ = "training_feedback"

    id: int = Field(primary_key=True, sa_type=BIG, sa_column_kwargs={"autoincrement": False})
    event_id: int = points_to("training_event.id", index=True)
    content: int
    organisation: int
    trainer: int
    usefulness: int
    text: str


class TrainingFeedbackGiven(SQLModel, table=True):
    """That somebody has answered, so that she is not asked again; never what or when."""

    __tablename__ = "training_feedback_given"

    event_id: int = points_to("training_event.id", primary=True)
    person_id: int = points_to("person.id", primary=True)


def is_given(session: Session, event_id: int, person_id: int) -> bool:
    """Whether somebody has answered."""
    return session.get(TrainingFeedbackGiven, (event_id, person_id)) is not None


def given(session: Session, event_id: int) -> set[int]:
    """Who has answered."""
    return set(
        session.exec(
            select(TrainingFeedbackGiven.person_id).where(
                TrainingFeedbackGiven.event_id == event_id
            )
        )
    )


def count(session: Session, event_id: int) -> int:
    """How many have answered."""
    statement = select(func.count()).where(TrainingFeedback.event_id == event_id)
    return int(session.exec(statement).one())


def of_event(session: Session, event_id: int) -> list[TrainingFeedback]:
    """All answers, in an order that says nothing."""
    return list(
        session.exec(
            select(TrainingFeedback)
            .where(TrainingFeedback.event_id == event_id)
            .order_by(col(TrainingFeedback.id))
        )
    )


def add(session: Session, event_id: int, person_id: int, answers: dict[str, Any]) -> None:
    """Keep answers among the others, and that she has answered; the event is locked meanwhile.

    All of the training's rows are written anew in a random order, so that neither their keys nor
    where they lie in the file tells which came last.
    """
    columns = ("content", "organisation", "trainer", "usefulness", "text")
    rows = [{name: getattr(row, name) for name in columns} for row in of_event(session, event_id)]
    rows.append({name: answers[name] for name in columns})
    session.connection().execute(
        delete(TrainingFeedback).where(col(TrainingFeedback.event_id) == event_id)
    )
    session.expire_all()
    random.SystemRandom().shuffle(rows)
    session.add_all(
        TrainingFeedback(id=1 + secrets.randbelow(KEYS), event_id=event_id, **row) for row in rows
    )
    session.add(TrainingFeedbackGiven(event_id=event_id, person_id=person_id))
    session.flush()
