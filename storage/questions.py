"""Questions that workers asked, who asked the same, and what was answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, and_, or_
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, func, select

from storage.columns import key, number, points_to
from storage.people import Person, Unit
from storage.prepared import insert_ignoring
from storage.units import within

NEW, GROUPED, ANSWERED, TO_SUPERVISION, DECLINED = (
    "new",
    "grouped",
    "answered",
    "to_supervision",
    "declined",
)
URGENT, CAN_WAIT = "urgent", "can_wait"
OPEN_STATES = (NEW, GROUPED)


class Question(SQLModel, table=True):
    """One question; `state` is new, grouped, answered, to_supervision or declined."""

    __tablename__ = "question"
    __table_args__ = (Index("ix_question_state", "state", "asked_at"),)

    id: int | None = key()
    asker_id: int = points_to("person.id", index=True)
    # Where the asker worked when she asked.
    unit_id: int | None = points_to("unit.id", optional=True)
    lesson_id: int | None = points_to("lesson.id", optional=True)
    text: str
    anonymous: bool = False
    state: str = NEW
    asked_at: datetime = Field(index=True)
    bot: int | None = number(optional=True)
    # One sentence about the situation, if she gave one.
    context: str | None = None
    urgency: str = CAN_WAIT
    # The day she was promised an answer by.
    answer_by: date | None = None
    topic_id: int | None = number(optional=True, index=True)
    media_id: int | None = number(optional=True)
    # Why it was declined.
    reason: str | None = None
    # Whose turn an urgent one is, and since when.
    assigned_to: int | None = number(optional=True)
    assigned_at: datetime | None = None


class QuestionVote(SQLModel, table=True):
    """我也想问: one per person and question."""

    __tablename__ = "question_vote"

    question_id: int = points_to("question.id", primary=True)
    person_id: int = points_to("person.id", primary=True)
    voted_at: datetime


class QuestionAnswer(SQLModel, table=True):
    """An answer; one that was taken back, or that did not help, is withdrawn, never deleted."""

    __tablename__ = "question_answer"

    id: int | None = key()
    question_id: int = points_to("question.id", index=True)
    text: str
    answered_by: int = points_to("person.id")
    answered_at: datetime
    withdrawn_at: datetime | None = None


class AnswerFeedback(SQLModel, table=True):
    """What one person said of an answer: whether it helped; her last word stands."""

    __tablename__ = "answer_feedback"

    answer_id: int = points_to("question_answer.id", primary=True)
    person_id: int = points_to("person.id", primary=True)
    helped: bool
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """One question of a list for whoever answers; the asker only where she may be shown."""

    question: Question
    unit_name: str
    asker_name: str
    votes: int


VOTE: Any = QuestionVote.__table__  # type: ignore[attr-defined]


def count_by(session: Session, asker_id: int) -> int:
    """How many questions a person has asked."""
    return int(session.exec(select(func.count()).where(Question.asker_id == asker_id)).one())


def latest_by(session: Session, asker_id: int, *, limit: int, offset: int = 0) -> list[Question]:
    """A person's own questions, newest first."""
    return list(
        session.exec(
            select(Question)
            .where(Question.asker_id == asker_id)
            .order_by(col(Question.asked_at).desc(), col(Question.id).desc())
            .limit(limit)
            .offset(offset)
        )
    )


def locked(session: Session, question_id: int) -> tuple[Question, str] | None:
    """A question and the path of its unit ("" without one); a second change of it waits here."""
    return session.exec(
        select(Question, func.coalesce(Unit.path, ""))
        .outerjoin(Unit, col(Unit.id) == col(Question.unit_id))
        .where(Question.id == question_id)
        .with_for_update(of=Question)
        .execution_options(populate_existing=True)
    ).first()


def find(session: Session, question_id: int) -> tuple[Question, str] | None:
    """A question and the path of its unit, to be read only."""
    return session.exec(
        select(Question, func.coalesce(Unit.path, ""))
        .outerjoin(Unit, col(Unit.id) == col(Question.unit_id))
        .where(Question.id == question_id)
    ).first()


def _votes_of(question_id: Any) -> Any:
    return core_select(func.count()).where(VOTE.c.question_id == question_id).scalar_subquery()


def _waiting(paths: Sequence[str], states: Collection[str]) -> list[Any]:
    return [within(paths), col(Question.state).in_(states)]


def count_waiting(
    session: Session, paths: Sequence[str], *, states: Collection[str] = OPEN_STATES
) -> int:
    """How many questions of these units stand in a state."""
    statement = (
        select(func.count(col(Question.id)))
        .join(Unit, col(Unit.id) == Question.unit_id)
        .where(*_waiting(paths, states))
    )
    return int(session.exec(statement).one())


def waiting(
    session: Session,
    paths: Sequence[str],
    *,
    limit: int,
    offset: int = 0,
    states: Collection[str] = OPEN_STATES,
) -> list[Waiting]:
    """Questions of these units that wait for an answer: urgent first, then the oldest."""
    rows = session.exec(
        select(Question, Unit.name_zh, Person.name, _votes_of(col(Question.id)))
        .join(Unit, col(Unit.id) == Question.unit_id)
        .join(Person, col(Person.id) == Question.asker_id)
        .where(*_waiting(paths, states))
        .order_by((col(Question.urgency) != URGENT), col(Question.asked_at), col(Question.id))
        .limit(limit)
        .offset(offset)
    )
    return [Waiting(*row) for row in rows]


def one_waiting(session: Session, question_id: int) -> Waiting | None:
    """One question as a list has it, whatever its state."""
    row = session.exec(
        select(Question, Unit.name_zh, Person.name, _votes_of(col(Question.id)))
        .join(Unit, col(Unit.id) == Question.unit_id)
        .join(Person, col(Person.id) == Question.asker_id)
        .where(Question.id == question_id)
    ).first()
    return Waiting(*row) if row else None


def vote(session: Session, question_id: int, person_id: int, *, now: datetime) -> bool:
    """Count a person's wish for the same answer; False where it is counted already."""
    statement = insert_ignoring(session, VOTE).values(
        question_id=question_id, person_id=person_id, voted_at=now
    )
    return bool(session.connection().execute(statement.on_conflict_do_nothing()).rowcount)


def votes(session: Session, question_ids: Collection[int]) -> dict[int, int]:
    """How many wish for the answer of each of these, their askers not counted."""
    rows = session.exec(
        select(QuestionVote.question_id, func.count())
        .where(col(QuestionVote.question_id).in_(question_ids))
        .group_by(col(QuestionVote.question_id))
    )
    return {question_id: int(count) for question_id, count in rows}


def concerned(session: Session, question: Question) -> list[int]:
    """Whoever waits for the answer: the asker and the voters, each once."""
    voters = session.exec(
        select(QuestionVote.person_id).where(QuestionVote.question_id == question.id)
    )
    return sorted({question.asker_id, *voters})


def answer_of(session: Session, question_id: int) -> QuestionAnswer | None:
    """The answer that stands."""
    return session.exec(
        select(QuestionAnswer)
        .where(
            QuestionAnswer.question_id == question_id,
            col(QuestionAnswer.withdrawn_at).is_(None),
        )
        .order_by(col(QuestionAnswer.id).desc())
        .limit(1)
    ).first()


def answers_of(session: Session, question_ids: Collection[int]) -> dict[int, QuestionAnswer]:
    """The standing answers of these questions."""
    rows = session.exec(
        select(QuestionAnswer)
        .where(
            col(QuestionAnswer.question_id).in_(question_ids),
            col(QuestionAnswer.withdrawn_at).is_(None),
        )
        .order_by(col(QuestionAnswer.id))
    )
    return {row.question_id: row for row in rows}


def feedback(session: Session, answer_id: int) -> dict[int, bool]:
    """Who said that an answer helped, or not yet."""
    rows = session.exec(select(AnswerFeedback).where(AnswerFeedback.answer_id == answer_id))
    return {row.person_id: row.helped for row in rows}


def offered(
    session: Session, question_ids: Collection[int], *, root: str, reader: int
) -> dict[int, Question]:
    """Those of these questions that others under the same top unit may read, ids to rows.

    What was declined or taken to supervision is nobody else's; her own only where it is answered.
    """
    rows = session.exec(
        select(Question)
        .join(Unit, col(Unit.id) == Question.unit_id)
        .where(
            col(Question.id).in_(question_ids),
            within([root]),
            or_(
                col(Question.state) == ANSWERED,
                and_(col(Question.state).in_(OPEN_STATES), col(Question.asker_id) != reader),
            ),
        )
    )
    return {row.id or 0: row for row in rows}


def voted(session: Session, question_ids: Collection[int], person_id: int) -> set[int]:
    """Those of these questions whose answer a person wishes for."""
    rows = session.exec(
        select(QuestionVote.question_id).where(
            col(QuestionVote.question_id).in_(question_ids), QuestionVote.person_id == person_id
        )
    )
    return set(rows)
