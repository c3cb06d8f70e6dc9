"""Monthly topics: their themes, the questions in each, every change made to them, the answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Index, UniqueConstraint, or_
from sqlmodel import Field, Session, SQLModel, col, select

from storage.cohorts import Cohort
from storage.columns import BIG, DOCUMENT, key, number, points_to
from storage.people import Unit

# Of a topic: due is marked and not drafted yet; held means that its session is over, lapsed that
# it was never approved.
DUE, DRAFT, APPROVED, HELD, ANSWERED = "due", "draft", "approved", "held", "answered"
LAPSED = "lapsed"


class Topic(SQLModel, table=True):
    """One month's topic of one cohort.

    `month` is the first day of the session's month and stays its name when the session is moved;
    `version` counts every change. `texts` holds what coordinators wrote instead of ours, by the
    key of the paragraph.
    """

    __tablename__ = "topic"
    __table_args__ = (
        UniqueConstraint("cohort_id", "month"),
        Index("ix_topic_state", "bot", "state"),
    )

    id: int | None = key()
    bot: int = number()
    cohort_id: int = points_to("cohort.id")
    month: date
    closes_on: date
    due_on: date
    starts_at: datetime
    minutes: int
    state: str
    version: int
    texts: dict[str, str] = Field(sa_type=DOCUMENT)
    trainer_id: int | None = points_to("person.id", optional=True)
    gathering_id: int | None = number(optional=True)
    made_at: datetime | None = None
    # What its draft was grouped with (see theme_matchers), None where nothing learnt was followed.
    matcher_id: int | None = number(optional=True)
    approved_at: datetime | None = None
    approved_by: int | None = points_to("person.id", optional=True)


class TopicTheme(SQLModel, table=True):
    """A theme of a topic; one that was merged away is gone, and comes back with 撤销.

    `representatives` are question ids, the one that speaks for all first; `lessons` are
    {"id", "code", "title", "key_point"}, the best first.
    """

    __tablename__ = "topic_theme"

    id: int | None = key()
    topic_id: int = points_to("topic.id", index=True)
    position: int
    title: str
    language: str
    is_hidden: bool
    is_gone: bool
    representatives: list[int] = Field(sa_type=DOCUMENT)
    lessons: list[dict[str, Any]] = Field(sa_type=DOCUMENT)
    # Those representatives that no lesson answers.
    gaps: list[int] = Field(sa_type=DOCUMENT)
    # The Chinese theme a Tibetan one seems to be about.
    goes_with: int | None = number(optional=True)


class ThemeQuestion(SQLModel, table=True):
    """A question's place in a topic; `grouped` is alike for questions that ask the same."""

    __tablename__ = "theme_question"

    topic_id: int = points_to("topic.id", primary=True)
    question_id: int = points_to("question.id", primary=True)
    theme_id: int = points_to("topic_theme.id", index=True)
    grouped: int


class TopicEdit(SQLModel, table=True):
    """A change of a topic, with the arrangement before it, so that it can be taken back.

    `label` is what a merge or split says about questions: {"together": [[ids], [ids]]} or
    {"apart": ...}; kept to teach the grouping by, unless it was taken back.
    """

    __tablename__ = "topic_edit"

    id: int | None = key()
    topic_id: int = points_to("topic.id", index=True)
    version: int
    kind: str
    actor_id: int = points_to("person.id")
    at: datetime
    before: dict[str, Any] = Field(sa_type=DOCUMENT)
    label: dict[str, Any] | None = Field(default=None, sa_type=DOCUMENT)
    undone_at: datetime | None = None


class ThemeAnswer(SQLModel, table=True):
    """The answer that the session gave to a theme."""

    __tablename__ = "theme_answer"

    theme_id: int = points_to("topic_theme.id", primary=True)
    text: str
    answered_by: int = points_to("person.id")
    answered_at: datetime
    # From then on it is told, and not changed any more.
    tells_at: datetime


class ThemeFeedback(SQLModel, table=True):
    """What one person said of a theme's answer; her last word stands."""

    __tablename__ = "theme_feedback"

    theme_id: int = points_to("topic_theme.id", primary=True)
    person_id: int = points_to("person.id", primary=True)
    helped: bool
    said_at: datetime


class TopicMessage(SQLModel, table=True):
    """Which paragraph of which version a message in somebody's chat shows, to be replied to."""

    __tablename__ = "topic_message"

    chat_id: int = Field(sa_type=BIG, primary_key=True, sa_column_kwargs={"autoincrement": False})
    message_id: int = Field(
        sa_type=BIG, primary_key=True, sa_column_kwargs={"autoincrement": False}
    )
    topic_id: int = points_to("topic.id", index=True)
    paragraph: str
    version: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A topic with the cohort it belongs to and that cohort's place in the tree."""

    topic: Topic
    cohort: Cohort
    unit_path: str


def _standing() -> Any:
    return (
        select(Topic, Cohort, Unit.path)
        .join(Cohort, col(Cohort.id) == Topic.cohort_id)
        .join(Unit, col(Unit.id) == Cohort.unit_id)
    )


def standing(session: Session, topic_id: int, *, lock: bool = False) -> Standing | None:
    """A topic; with `lock` nobody else changes it until this transaction ends."""
    statement = _standing().where(Topic.id == topic_id)
    if lock:
        statement = statement.with_for_update(of=Topic).execution_options(populate_existing=True)
    row = session.exec(statement).first()
    return Standing(*row) if row else None


def of_theme(session: Session, theme_id: int, *, lock: bool = False) -> Standing | None:
    """The topic that a theme belongs to."""
    theme = session.get(TopicTheme, theme_id)
    return None if theme is None else standing(session, theme.topic_id, lock=lock)


def named(session: Session, *, cohort_id: int, month: date) -> Topic | None:
    """A cohort's topic of a month, by the month's first day."""
    return session.exec(
        select(Topic).where(Topic.cohort_id == cohort_id, Topic.month == month)
    ).first()


def in_states(session: Session, states: Collection[str], *, bot: int) -> list[Standing]:
    """The topics of a bot in these states, the earliest session first."""
    rows = session.exec(
        _standing()
        .where(Topic.bot == bot, col(Topic.state).in_(states))
        .order_by(col(Topic.starts_at), col(Topic.id))
    )
    return [Standing(*row) for row in rows]


def within(
    session: Session, paths: Sequence[str], *, bot: int, limit: int, offset: int = 0
) -> list[Standing]:
    """The drafted topics of these units, the latest session first."""
    rows = session.exec(
        _standing()
        .where(
            Topic.bot == bot,
            Topic.state != DUE,
            or_(*(col(Unit.path).startswith(path, autoescape=True) for path in paths)),
        )
        .order_by(col(Topic.starts_at).desc(), col(Topic.id).desc())
        .limit(limit)
        .offset(offset)
    )
    return [Standing(*row) for row in rows]


def led_by(session: Session, person_id: int, *, bot: int) -> list[Standing]:
    """The approved topics whose session somebody leads, the latest first."""
    rows = session.exec(
        _standing()
        .where(
            Topic.bot == bot,
            Topic.trainer_id == person_id,
            col(Topic.state).in_((APPROVED, HELD, ANSWERED)),
        )
        .order_by(col(Topic.starts_at).desc())
    )
    return [Standing(*row) for row in rows]


def themes(session: Session, topic_id: int) -> list[TopicTheme]:
    """The themes of a topic that are not gone, in order."""
    return list(
        session.exec(
            select(TopicTheme)
            .where(TopicTheme.topic_id == topic_id, col(TopicTheme.is_gone).is_(False))
            .order_by(col(TopicTheme.position), col(TopicTheme.id))
        )
    )


def all_themes(session: Session, topic_id: int) -> list[TopicTheme]:
    """Every theme a topic has or had."""
    return list(
        session.exec(
            select(TopicTheme)
            .where(TopicTheme.topic_id == topic_id)
            .order_by(col(TopicTheme.position), col(TopicTheme.id))
        )
    )


def places(session: Session, topic_id: int) -> list[ThemeQuestion]:
    """Where every question of a topic stands, in order of the questions."""
    return list(
        session.exec(
            select(ThemeQuestion)
            .where(ThemeQuestion.topic_id == topic_id)
            .order_by(col(ThemeQuestion.question_id))
        )
    )


def last_edit(session: Session, topic_id: int) -> TopicEdit | None:
    """The newest change that was not taken back."""
    return session.exec(
        select(TopicEdit)
        .where(TopicEdit.topic_id == topic_id, col(TopicEdit.undone_at).is_(None))
        .order_by(col(TopicEdit.id).desc())
        .limit(1)
    ).first()


def edit_after(session: Session, topic_id: int, version: int) -> TopicEdit | None:
    """The first change made to a version of a topic; None where it stands so still."""
    return session.exec(
        select(TopicEdit)
        .where(TopicEdit.topic_id == topic_id, TopicEdit.version > version)
        .order_by(col(TopicEdit.version))
        .limit(1)
    ).first()


def answers(session: Session, theme_ids: Collection[int]) -> dict[int, ThemeAnswer]:
    """The answers of these themes, by theme."""
    rows = session.exec(select(ThemeAnswer).where(col(ThemeAnswer.theme_id).in_(theme_ids)))
    return {row.theme_id: row for row in rows}


def message(session: Session, *, chat_id: int, message_id: int) -> TopicMessage | None:
    """Which paragraph a message shows, or None."""
    return session.get(TopicMessage, (chat_id, message_id))


def note_message(session: Session, shown: TopicMessage) -> None:
    """Keep which paragraph a message shows."""
    session.merge(shown)
