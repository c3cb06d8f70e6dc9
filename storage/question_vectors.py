"""What is kept of each question's likeness: its row of sentence vectors, in half precision."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel

from storage.columns import points_to
from storage.prepared import insert_ignoring
from storage.questions import Question

# A question's id, its text, its row where one was made.
Row = tuple[int, str, bytes | None]


class QuestionVector(SQLModel, table=True):
    """One question's row as bytes of float16; a question without one is read when it is needed."""

    __tablename__ = "question_vector"

    question_id: int = points_to("question.id", primary=True)
    vector: bytes = Field(sa_type=LargeBinary)


VECTOR: Any = QuestionVector.__table__  # type: ignore[attr-defined]
QUESTION: Any = Question.__table__  # type: ignore[attr-defined]


def keep(session: Session, question_id: int, vector: bytes) -> None:
    """Keep a question's row once."""
    statement = insert_ignoring(session, VECTOR).values(question_id=question_id, vector=vector)
    session.connection().execute(statement.on_conflict_do_nothing())


def since(session: Session, after: int, *, bot: int) -> Iterator[Row]:
    """(id, text, row) of every question of a bot with an id beyond `after`, in order of id."""
    statement = (
        core_select(QUESTION.c.id, QUESTION.c.text, VECTOR.c.vector)
        .outerjoin(VECTOR, VECTOR.c.question_id == QUESTION.c.id)
        .where(QUESTION.c.id > after, QUESTION.c.bot == bot)
        .order_by(QUESTION.c.id)
    )
    for row in session.connection().execute(statement):
        yield row[0], row[1], row[2]
