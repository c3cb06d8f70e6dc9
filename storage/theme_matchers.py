"""Weights learnt from coordinators' merges and splits, and the approved topics that teach them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, func, select

from storage.columns import DOCUMENT, key, number
from storage.question_vectors import QuestionVector
from storage.questions import Question
from storage.topics import ANSWERED, APPROVED, HELD, ThemeQuestion, Topic, TopicEdit, TopicTheme

# Somebody stood behind the arrangement of such a topic; a draft is not finished.
SETTLED = (APPROVED, HELD, ANSWERED)
# The kinds of change that say which questions belong together.
TEACHING = ("merge", "split")


class ThemeMatcher(SQLModel, table=True):
    """One training: numbers only, whether they are followed or not; the newest one decides.

    `models` names what made the vectors, `taught_by` is a digest of all that it was learnt from.
    Scores and `chance` are those of `matcher_training.Trained`.
    """

    __tablename__ = "theme_matcher"

    id: int | None = key()
    bot: int = number(index=True)
    made_at: datetime
    models: str
    taught_by: str
    weights: dict[str, Any] = Field(sa_type=DOCUMENT)
    labels: int
    topics: int
    months: int
    untaught_score: float
    score: float
    chance: float
    is_followed: bool


@dataclass(frozen=True, slots=True)
class Taught:
    """A question's place in an approved topic; what was hidden there is left out."""

    topic_id: int
    question_id: int
    theme_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """A question as it was asked, and its row as bytes of float16."""

    text: str
    context: str | None
    vector: bytes


def newest(session: Session, *, bot: int) -> ThemeMatcher | None:
    """The last training of a bot."""
    return session.exec(
        select(ThemeMatcher)
        .where(ThemeMatcher.bot == bot)
        .order_by(col(ThemeMatcher.id).desc())
        .limit(1)
    ).first()


def newest_of_each(session: Session) -> list[ThemeMatcher]:
    """The last training of every bot of the database, bots in order."""
    last = select(func.max(ThemeMatcher.id)).group_by(col(ThemeMatcher.bot))
    rows = session.exec(
        select(ThemeMatcher).where(col(ThemeMatcher.id).in_(last)).order_by(col(ThemeMatcher.bot))
    )
    return list(rows)


def edited(session: Session, *, bot: int, limit: int) -> dict[int, date]:
    """The month of each settled topic in which somebody merged or split, of the newest so many."""
    columns: list[Any] = [Topic.id, Topic.month]
    rows = session.connection().execute(
        core_select(*columns)
        .join(TopicEdit, col(TopicEdit.topic_id) == col(Topic.id))
        .where(
            col(Topic.bot) == bot,
            col(Topic.state).in_(SETTLED),
            col(TopicEdit.kind).in_(TEACHING),
            col(TopicEdit.undone_at).is_(None),
        )
        .distinct()
        .order_by(col(Topic.month).desc(), col(Topic.id).desc())
        .limit(limit)
    )
    return {topic_id or 0: month for topic_id, month in rows}


def labels(session: Session, topic_ids: Collection[int]) -> list[tuple[int, dict[str, Any]]]:
    """(topic id, label) of every merge and split that stands, in order."""
    rows = session.exec(
        select(TopicEdit.topic_id, TopicEdit.label)
        .where(
            col(TopicEdit.topic_id).in_(topic_ids),
            col(TopicEdit.kind).in_(TEACHING),
            col(TopicEdit.undone_at).is_(None),
        )
        .order_by(col(TopicEdit.id))
    )
    return [(topic_id, dict(label)) for topic_id, label in rows if label]


def places(session: Session, topic_ids: Collection[int]) -> list[Taught]:
    """Where the questions of these topics stood in the end, those that can still be read."""
    rows = session.exec(
        select(ThemeQuestion.topic_id, ThemeQuestion.question_id, ThemeQuestion.theme_id)
        .join(TopicTheme, col(TopicTheme.id) == col(ThemeQuestion.theme_id))
        .join(QuestionVector, col(QuestionVector.question_id) == col(ThemeQuestion.question_id))
        .where(col(ThemeQuestion.topic_id).in_(topic_ids), col(TopicTheme.is_hidden).is_(False))
        .order_by(col(ThemeQuestion.topic_id), col(ThemeQuestion.question_id))
    )
    return [Taught(*row) for row in rows]


def said(session: Session, question_ids: Collection[int]) -> dict[int, Said]:
    """Words and rows of these questions, as far as they are kept."""
    columns: list[Any] = [Question.id, Question.text, Question.context, QuestionVector.vector]
    rows = session.connection().execute(
        core_select(*columns)
        .join(QuestionVector, col(QuestionVector.question_id) == col(Question.id))
        .where(col(Question.id).in_(question_ids))
    )
    return {number or 0: Said(text, context, vector) for number, text, context, vector in rows}
