"""What people said of answers, and the answered questions that everybody under a unit may read."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, func, select

from storage.people import Unit
from storage.questions import ANSWERED, AnswerFeedback, Question, QuestionAnswer
from storage.units import within


def keep_feedback(
    session: Session, answer_id: int, person_id: int, *, helped: bool, now: datetime
) -> None:
    """Keep a person's last word about an answer."""
    row = session.get(AnswerFeedback, (answer_id, person_id))
    if row is None:
        row = AnswerFeedback(answer_id=answer_id, person_id=person_id, helped=helped, said_at=now)
    row.helped, row.said_at = helped, now
    session.add(row)
    session.flush()


def unit_path(session: Session, unit_id: int) -> str:
    """The path of a unit, "" where there is none."""
    unit = session.get(Unit, unit_id)
    return unit.path if unit else ""


def count_answered(session: Session, paths: Sequence[str]) -> int:
    """How many answered questions there are under these units."""
    statement = (
        select(func.count(col(Question.id)))
        .join(Unit, col(Unit.id) == Question.unit_id)
        .where(within(paths), Question.state == ANSWERED)
    )
    return int(session.exec(statement).one())


def answered(
    session: Session, paths: Sequence[str], *, limit: int, offset: int
) -> list[tuple[Question, QuestionAnswer]]:
    """Answered questions under these units with their answers, the last answered first."""
    return list(
        session.exec(
            select(Question, QuestionAnswer)
            .join(QuestionAnswer, col(QuestionAnswer.question_id) == Question.id)
            .join(Unit, col(Unit.id) == Question.unit_id)
            .where(
                within(paths),
                Question.state == ANSWERED,
                col(QuestionAnswer.withdrawn_at).is_(None),
            )
            .order_by(col(QuestionAnswer.id).desc())
            .limit(limit)
            .offset(offset)
        )
    )
