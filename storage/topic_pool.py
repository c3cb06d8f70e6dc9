"""The questions a topic is made from, and everybody who waits for its answers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, or_, update
from sqlalchemy import select as core_select
from sqlmodel import Session, col, func, select

from storage.cohorts import CohortMember
from storage.lesson_vectors import LessonVector
from storage.lessons import Lesson, LessonText, LessonVersion
from storage.people import Membership, Person, Unit
from storage.question_vectors import QuestionVector
from storage.questions import GROUPED, NEW, Question, QuestionVote
from storage.topics import ThemeFeedback, ThemeQuestion


@dataclass(frozen=True, slots=True)
class Pooled:
    """A question as it takes part; `vector` are bytes of float16, where they are kept."""

    id: int
    text: str
    context: str | None
    asker_id: int
    unit_id: int
    asked_at: datetime
    votes: int
    vector: bytes | None


@dataclass(frozen=True, slots=True)
class Taught:
    """A text of a lesson as it is searched; `vector` are bytes of float16, where they are kept."""

    lesson_id: int
    code: str
    title: str
    key_point: str
    body: str
    language: str
    text_id: int
    vector: bytes | None


def _of_cohort(cohort_id: int, unit_path: str) -> Any:
    """Asked by a learner of the cohort, or by somebody near it who learns in none."""
    place = and_(
        col(CohortMember.person_id) == col(Question.asker_id), col(CohortMember.until).is_(None)
    )
    return or_(
        exists().where(place, col(CohortMember.cohort_id) == cohort_id),
        and_(col(Unit.path).startswith(unit_path, autoescape=True), ~exists().where(place)),
    )


def pool(session: Session, *, cohort_id: int, unit_path: str, before: datetime) -> list[Pooled]:
    """The open questions of a cohort asked before a moment, in order."""
    votes = (
        select(func.count())
        .where(col(QuestionVote.question_id) == col(Question.id))
        .scalar_subquery()
    )
    columns: list[Any] = [
        Question.id,
        Question.text,
        Question.context,
        Question.asker_id,
        func.coalesce(col(Question.unit_id), 0),
        Question.asked_at,
        votes,
        QuestionVector.vector,
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Question)
        .outerjoin(Unit, col(Unit.id) == Question.unit_id)
        .outerjoin(QuestionVector, col(QuestionVector.question_id) == Question.id)
        .where(
            col(Question.state) == NEW,
            col(Question.topic_id).is_(None),
            col(Question.asked_at) < before,
            _of_cohort(cohort_id, unit_path),
        )
        .order_by(col(Question.id))
    )
    return [Pooled(*row) for row in rows]


def taught(session: Session, pack_id: int) -> list[Taught]:
    """The current lessons of a pack in every language, in order."""
    columns: list[Any] = [
        Lesson.id,
        Lesson.code,
        LessonText.title,
        LessonText.key_point,
        LessonText.body,
        LessonText.language,
        LessonText.id,
        LessonVector.vector,
    ]
    rows = session.connection().execute(
        core_select(*columns)
        .select_from(Lesson)
        .join(LessonVersion, col(LessonVersion.id) == Lesson.current_version_id)
        .join(LessonText, col(LessonText.version_id) == LessonVersion.id)
        .outerjoin(LessonVector, col(LessonVector.text_id) == LessonText.id)
        .where(col(Lesson.pack_id) == pack_id, col(Lesson.is_withdrawn).is_(False))
        .order_by(col(Lesson.position), col(LessonText.language))
    )
    return [
        Taught(lesson_id or 0, code, title, key_point, body["text"], *rest)
        for lesson_id, code, title, key_point, body, *rest in rows
    ]


def take(session: Session, question_ids: Collection[int], *, topic_id: int) -> None:
    """Mark questions as grouped into a topic."""
    session.execute(
        update(Question)
        .where(col(Question.id).in_(question_ids), col(Question.state) == NEW)
        .values(state=GROUPED, topic_id=topic_id)
    )


def give_back(session: Session, question_ids: Collection[int], *, states: Collection[str]) -> None:
    """Return questions in one of these states to the pool."""
    session.execute(
        update(Question)
        .where(col(Question.id).in_(question_ids), col(Question.state).in_(states))
        .values(state=NEW, topic_id=None)
    )


def questions(session: Session, question_ids: Collection[int]) -> dict[int, Question]:
    """Questions by id."""
    rows = session.exec(select(Question).where(col(Question.id).in_(question_ids)))
    return {row.id or 0: row for row in rows}


def voters(session: Session, question_ids: Collection[int]) -> dict[int, list[int]]:
    """Who wished for the same answer, by question."""
    found: dict[int, list[int]] = {}
    rows = session.exec(
        select(QuestionVote)
        .where(col(QuestionVote.question_id).in_(question_ids))
        .order_by(col(QuestionVote.person_id))
    )
    for row in rows:
        found.setdefault(row.question_id, []).append(row.person_id)
    return found


def place_of(session: Session, question_id: int) -> ThemeQuestion | None:
    """The newest topic's theme that a question stands in."""
    return session.exec(
        select(ThemeQuestion)
        .where(ThemeQuestion.question_id == question_id)
        .order_by(col(ThemeQuestion.topic_id).desc())
        .limit(1)
    ).first()


def in_theme(session: Session, theme_id: int) -> list[int]:
    """The ids of a theme's questions, in order."""
    return list(
        session.exec(
            select(ThemeQuestion.question_id)
            .where(ThemeQuestion.theme_id == theme_id)
            .order_by(col(ThemeQuestion.question_id))
        )
    )


def feedback(session: Session, theme_ids: Collection[int]) -> list[ThemeFeedback]:
    """What people said of these themes' answers."""
    return list(
        session.exec(select(ThemeFeedback).where(col(ThemeFeedback.theme_id).in_(theme_ids)))
    )


def names_near(session: Session, unit_path: str) -> tuple[set[str], set[str]]:
    """The names of people and of units under a unit, to be taken out of what others read."""
    under = col(Unit.path).startswith(unit_path, autoescape=True)
    people = session.exec(
        select(Person.name)
        .join(Membership, col(Membership.person_id) == Person.id)
        .join(Unit, col(Unit.id) == Membership.unit_id)
        .where(under)
    )
    return set(people), set(session.exec(select(Unit.name_zh).where(under)))
