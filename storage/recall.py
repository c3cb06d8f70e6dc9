"""Recall: how well each point is remembered, and the questions asked to keep it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, and_, bindparam, case, func, insert, or_, update
from sqlalchemy import select as core_select
from sqlmodel import Field, Session, SQLModel, col, select

from storage import prepared
from storage.columns import key, points_to
from storage.deliveries import Delivery
from storage.lessons import Lesson, LessonText


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


LESSON: Any = Lesson.__table__  # type: ignore[attr-defined]
DELIVERY: Any = Delivery.__table__  # type: ignore[attr-defined]
CARD: Any = RecallCard.__table__  # type: ignore[attr-defined]
ASK: Any = RecallAsk.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class InMind:
    """A lesson somebody has received, answered or been asked: its present version and her card.

    `received_at` is None for one that never came as a lesson; the card's fields are None where its
    question was never answered, and `card_version_id` is the version her memory is of.
    `may_be_asked` is False for what is withdrawn or past its last day, and for whatever came,
    comes or was answered on the very date that was asked for.
    """

    lesson_id: int
    current_version_id: int | None
    received_at: datetime | None
    may_be_asked: bool
    card_id: int | None
    card_version_id: int | None
    state: int | None
    stability: float | None
    difficulty: float | None
    due_at: datetime | None
    last_review_at: datetime | None


@dataclass(frozen=True, slots=True)
class Put:
    """A question that was put to somebody; `chosen` is None while it is open."""

    ask_id: int
    lesson_id: int
    version_id: int
    asked_on: date
    chosen: int | None
    answered_at: datetime | None


_MOMENT = func.coalesce(DELIVERY.c.sent_at, DELIVERY.c.due_at)
_RECEIVED = (
    core_select(
        DELIVERY.c.subject_id.label("lesson_id"),
        func.min(case((DELIVERY.c.parts_sent > 0, _MOMENT))).label("first"),
        func.max(_MOMENT).label("last"),
        func.max(DELIVERY.c.parts_sent).label("parts_sent"),
    )
    .where(
        DELIVERY.c.person_id == bindparam("person_id"),
        DELIVERY.c.kind.in_(bindparam("kinds", expanding=True)),
    )
    .group_by(DELIVERY.c.subject_id)
    .subquery()
)
_IS_HERS = and_(CARD.c.lesson_id == LESSON.c.id, CARD.c.person_id == bindparam("person_id"))
# What was asked on the date or answered since its midnight, and what is open.
_MATTERS = and_(
    ASK.c.lesson_id == LESSON.c.id,
    ASK.c.person_id == bindparam("person_id"),
    or_(
        ASK.c.asked_on == bindparam("on"),
        ASK.c.answered_at >= bindparam("since"),
        ASK.c.chosen.is_(None),
    ),
)
_MAY_BE_ASKED = and_(
    or_(_RECEIVED.c.parts_sent > 0, CARD.c.id.is_not(None)),
    or_(_RECEIVED.c.last.is_(None), _RECEIVED.c.last < bindparam("since")),
    or_(CARD.c.last_review_at.is_(None), CARD.c.last_review_at < bindparam("since")),
    LESSON.c.is_withdrawn.is_(False),
    LESSON.c.current_version_id.is_not(None),
    or_(LESSON.c.valid_to.is_(None), LESSON.c.valid_to >= bindparam("on")),
)
# Columns, not objects, and all in one: somebody far on has hundreds of lessons, and this runs at
# every answer.
_IN_MIND: Any = (
    core_select(
        LESSON.c.id,
        LESSON.c.current_version_id,
        _RECEIVED.c.first,
        _MAY_BE_ASKED,
        CARD.c.id,
        CARD.c.version_id,
        CARD.c.state,
        CARD.c.stability,
        CARD.c.difficulty,
        CARD.c.due_at,
        CARD.c.last_review_at,
        ASK.c.id,
        ASK.c.lesson_id,
        ASK.c.version_id,
        ASK.c.asked_on,
        ASK.c.chosen,
        ASK.c.answered_at,
    )
    .outerjoin(_RECEIVED, _RECEIVED.c.lesson_id == LESSON.c.id)
    .outerjoin(CARD, _IS_HERS)
    .outerjoin(ASK, _MATTERS)
    .where(or_(_RECEIVED.c.parts_sent.is_not(None), CARD.c.id.is_not(None), ASK.c.id.is_not(None)))
    .order_by(ASK.c.asked_at.desc(), ASK.c.id.desc())
)
# How many columns of it are the lesson's and her card's.
_ASK_FROM = len(fields(InMind))
_NEW_CARD: Any = insert(CARD)
_CARD_CHANGED: Any = update(CARD).where(CARD.c.id == bindparam("card_id"))


def in_mind(
    session: Session, person_id: int, *, kinds: Iterable[str], on: date, since: datetime
) -> tuple[dict[int, InMind], list[Put]]:
    """A person's lessons by id, and the questions put to her that matter on a date, newest first.

    `kinds` are the deliveries that bring a lesson, `since` is the local midnight of `on`. Matter
    do those asked on the date or answered since its midnight, and those that are open.
    """
    rows = prepared.run(
        session, _IN_MIND, person_id=person_id, kinds=list(kinds), on=on, since=since
    )
    lessons, asks = {}, []
    for row in rows:
        lesson_id, current, received, may_be_asked, *card = row[:_ASK_FROM]
        lessons[lesson_id] = InMind(lesson_id, current, received, bool(may_be_asked), *card)
        if row[_ASK_FROM] is not None:
            asks.append(Put(*row[_ASK_FROM:]))
    return lessons, asks


def keep(session: Session, held: InMind, *, person_id: int, **values: Any) -> None:
    """Write a card: RecallCard's fields without its keys."""
    if held.card_id is None:
        prepared.run(session, _NEW_CARD, person_id=person_id, lesson_id=held.lesson_id, **values)
    else:
        prepared.run(session, _CARD_CHANGED, card_id=held.card_id, **values)


def cards(session: Session, person_id: int) -> list[tuple[int, str, RecallCard]]:
    """What somebody was asked of lessons that still stand: (lesson, Chinese title, her card)."""
    rows = session.exec(
        select(col(Lesson.id), LessonText.title, RecallCard)
        .join(Lesson, col(Lesson.id) == col(RecallCard.lesson_id))
        .join(LessonText, col(LessonText.version_id) == col(Lesson.current_version_id))
        .where(
            RecallCard.person_id == person_id,
            col(RecallCard.last_review_at).is_not(None),
            col(Lesson.is_withdrawn).is_(False),
            LessonText.language == "zh",
        )
    )
    return [(lesson_id or 0, title, card) for lesson_id, title, card in rows]


def questions(session: Session, version_ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
    """The check question of each version in Chinese, which every lesson has."""
    rows = session.exec(
        select(LessonText.version_id, LessonText.question).where(
            col(LessonText.version_id).in_(tuple(version_ids)), LessonText.language == "zh"
        )
    )
    return {version_id: dict(question) for version_id, question in rows}


def predictions(session: Session) -> Iterator[tuple[float, bool]]:
    """Of everybody's answered questions: what FSRS predicted, and whether it was remembered.

    Numbers without people, for the summary of a season; new material has no prediction.
    """
    rows = session.exec(
        select(RecallAsk.predicted, RecallAsk.correct)
        .where(col(RecallAsk.predicted).is_not(None), col(RecallAsk.correct).is_not(None))
        .order_by(col(RecallAsk.id))
        .execution_options(yield_per=1000)
    )
    for predicted, correct in rows:
        yield float(predicted or 0.0), bool(correct)
