"""Stories from practice: the texts, sealed until approved, with files, reviews, tags, ratings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint, delete, func
from sqlmodel import Field, Session, SQLModel, col, select

from storage.columns import DOCUMENT, key, number, points_to
from storage.people import Person, Unit

DRAFT, NOMINATED, SUBMITTED, RETURNED, APPROVED, WITHDRAWN, DECLINED = (
    "draft",
    "nominated",
    "submitted",
    "returned",
    "approved",
    "withdrawn",
    "declined",
)
# What its author can still write in.
WRITABLE = (DRAFT, NOMINATED, RETURNED)


class Story(SQLModel, table=True):
    """One story; its texts are in `sealed` while they are its author's, in `parts` once approved.

    `round` counts how often it was handed in, `version` every change of it. `scope_path` is the
    unit under which it may be read, "" for its cohort alone.
    """

    __tablename__ = "story"

    id: int | None = key()
    bot: int = number()
    author_id: int = points_to("person.id", index=True)
    unit_id: int | None = points_to("unit.id", optional=True, index=True)
    cohort_id: int | None = points_to("cohort.id", optional=True)
    call_id: int | None = points_to("story_call.id", optional=True, index=True)
    nominated_by: int | None = points_to("person.id", optional=True)
    state: str = Field(index=True)
    version: int = 1
    round: int = 0
    scope: str = "cohort"
    scope_path: str = ""
    may_become_lesson: bool = False
    # A reviewer has put her words into the five parts, and she has not yet agreed to that.
    is_sorted: bool = False
    sealed: bytes | None = None
    parts: dict[str, str] | None = Field(default=None, sa_type=DOCUMENT)
    search_text: str = ""
    # Her place in the session's programme, and how long she speaks.
    position: int | None = None
    minutes: int | None = None
    created_at: datetime
    updated_at: datetime
    submitted_at: datetime | None = None
    approved_at: datetime | None = None
    presented_at: datetime | None = None
    withdrawn_at: datetime | None = None


class StoryFile(SQLModel, table=True):
    """A picture, document or voice that lies at Telegram; `kind` names which, `size` is bytes."""

    __tablename__ = "story_file"

    id: int | None = key()
    story_id: int = points_to("story.id", index=True)
    kind: str
    file_id: str
    size: int
    added_at: datetime


class StoryTag(SQLModel, table=True):
    """A word that a story can be found by."""

    __tablename__ = "story_tag"
    __table_args__ = (UniqueConstraint("story_id", "tag"),)

    id: int | None = key()
    story_id: int = points_to("story.id")
    tag: str


def locked(session: Session, story_id: int) -> Story | None:
    """A story, read anew and held by this transaction."""
    return session.exec(
        select(Story)
        .where(Story.id == story_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()


def of_ids(session: Session, ids: Sequence[int]) -> dict[int, Story]:
    """Stories by id."""
    rows = session.exec(select(Story).where(col(Story.id).in_(ids)))
    return {story.id or 0: story for story in rows}


def of_author(session: Session, author_id: int, *, bot: int, states: Sequence[str]) -> list[Story]:
    """Somebody's own stories in these states, the last changed first."""
    return list(
        session.exec(
            select(Story)
            .where(Story.author_id == author_id, Story.bot == bot, col(Story.state).in_(states))
            .order_by(col(Story.updated_at).desc(), col(Story.id).desc())
        )
    )


def of_call(session: Session, call_id: int, *, states: Sequence[str]) -> list[tuple[Story, str]]:
    """The stories of a call with their authors' names, in the order of the programme."""
    return list(
        session.exec(
            select(Story, Person.name)
            .join(Person, col(Person.id) == col(Story.author_id))
            .where(Story.call_id == call_id, col(Story.state).in_(states))
            .order_by(col(Story.position).is_(None), col(Story.position), col(Story.id))
        )
    )


def files_of(session: Session, story_id: int) -> list[StoryFile]:
    """What lies beside a story, in the order it came."""
    return list(
        session.exec(
            select(StoryFile).where(StoryFile.story_id == story_id).order_by(col(StoryFile.id))
        )
    )


def tags_of(session: Session, story_id: int) -> list[str]:
    """The words a story can be found by, in the order they were given."""
    return list(
        session.exec(
            select(StoryTag.tag).where(StoryTag.story_id == story_id).order_by(col(StoryTag.id))
        )
    )


def set_tags(session: Session, story_id: int, tags: Sequence[str]) -> None:
    """Replace the words a story can be found by."""
    session.exec(delete(StoryTag).where(col(StoryTag.story_id) == story_id))
    session.add_all(StoryTag(story_id=story_id, tag=tag) for tag in tags)
    session.flush()


def drop_files(session: Session, story_id: int) -> None:
    """Forget what lay beside a story."""
    session.exec(delete(StoryFile).where(col(StoryFile.story_id) == story_id))


def ever_of(session: Session, author_id: int) -> list[Story]:
    """Every story of somebody, whatever became of it, oldest first."""
    return list(
        session.exec(select(Story).where(Story.author_id == author_id).order_by(col(Story.id)))
    )


def count_between(
    session: Session, *, unit_path: str, since: datetime, until: datetime
) -> tuple[int, int]:
    """How many stories of a unit and everything under it were handed in, and shared, in a time."""

    def counted(moment: Any) -> int:
        return int(
            session.exec(
                select(func.count(col(Story.id)))
                .join(Unit, col(Unit.id) == col(Story.unit_id))
                .where(col(Unit.path).startswith(unit_path), moment >= since, moment < until)
            ).one()
        )

    return counted(col(Story.submitted_at)), counted(col(Story.presented_at))
