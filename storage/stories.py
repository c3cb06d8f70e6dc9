"""Stories from practice: the texts, sealed until approved, with files, reviews, tags, ratings."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import UniqueConstraint, delete, exists, func, or_
from sqlmodel import Field, Session, SQLModel, col, select

from storage.cohorts import Cohort, CohortMember
from storage.columns import DOCUMENT, key, number, points_to
from storage.people import Membership, Person, RoleGrant, Unit

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
# Buttons that one message can hold.
WORKERS_SHOWN = 6
APPROVES, COMMENTS = "approves", "comments"


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


class StoryReview(SQLModel, table=True):
    """What one reviewer said of one round; `sealed` holds her words to the author."""

    __tablename__ = "story_review"
    __table_args__ = (UniqueConstraint("story_id", "reviewer_id", "round"),)

    id: int | None = key()
    story_id: int = points_to("story.id")
    reviewer_id: int = points_to("person.id")
    round: int
    verdict: str
    sealed: bytes | None = None
    reviewed_at: datetime


class StoryRating(SQLModel, table=True):
    """One to five, and words for the author alone."""

    __tablename__ = "story_rating"
    __table_args__ = (UniqueConstraint("story_id", "rater_id"),)

    id: int | None = key()
    story_id: int = points_to("story.id")
    rater_id: int = points_to("person.id")
    stars: int
    sealed: bytes | None = None
    rated_at: datetime


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


def reviews_of(session: Session, story_id: int, *, of_round: int) -> list[StoryReview]:
    """What was said of one round of a story, in order."""
    return list(
        session.exec(
            select(StoryReview)
            .where(StoryReview.story_id == story_id, StoryReview.round == of_round)
            .order_by(col(StoryReview.id))
        )
    )


def ratings_of(session: Session, story_id: int) -> list[StoryRating]:
    """What readers gave a story, in order."""
    return list(
        session.exec(
            select(StoryRating)
            .where(StoryRating.story_id == story_id)
            .order_by(col(StoryRating.id))
        )
    )


def rating_by(session: Session, story_id: int, rater_id: int) -> StoryRating | None:
    """What one reader gave a story."""
    return session.exec(
        select(StoryRating).where(
            StoryRating.story_id == story_id, StoryRating.rater_id == rater_id
        )
    ).first()


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


def drop_words(session: Session, story_id: int) -> None:
    """Forget what reviewers and readers wrote about a story, and its tags."""
    session.exec(delete(StoryReview).where(col(StoryReview.story_id) == story_id))
    session.exec(delete(StoryRating).where(col(StoryRating.story_id) == story_id))
    session.exec(delete(StoryTag).where(col(StoryTag.story_id) == story_id))


def for_review(
    session: Session, *, bot: int, reviewer_id: int, reach: Sequence[str]
) -> list[tuple[Story, str, int]]:
    """What waits for a reviewer's word, oldest first: (story, author's name, approvals so far)."""
    if not reach:
        return []
    approvals = (
        select(func.count())
        .where(
            col(StoryReview.story_id) == col(Story.id),
            col(StoryReview.round) == col(Story.round),
            col(StoryReview.verdict) == APPROVES,
        )
        .scalar_subquery()
    )
    mine = exists().where(
        col(StoryReview.story_id) == col(Story.id),
        col(StoryReview.round) == col(Story.round),
        col(StoryReview.reviewer_id) == reviewer_id,
    )
    rows = session.exec(
        select(Story, Person.name, approvals)
        .join(Person, col(Person.id) == col(Story.author_id))
        .join(Unit, col(Unit.id) == col(Story.unit_id))
        .where(
            Story.bot == bot,
            Story.state == SUBMITTED,
            Story.author_id != reviewer_id,
            or_(*(col(Unit.path).startswith(path) for path in reach)),
            ~mine,
        )
        .order_by(col(Story.submitted_at), col(Story.id))
    )
    return [(story, name, int(count)) for story, name, count in rows]


def ever_of(session: Session, author_id: int) -> list[Story]:
    """Every story of somebody, whatever became of it, oldest first."""
    return list(
        session.exec(select(Story).where(Story.author_id == author_id).order_by(col(Story.id)))
    )


def reviews_by(session: Session, reviewer_id: int) -> list[StoryReview]:
    """What somebody said of stories, oldest first."""
    return list(
        session.exec(
            select(StoryReview)
            .where(StoryReview.reviewer_id == reviewer_id)
            .order_by(col(StoryReview.id))
        )
    )


def ratings_by(session: Session, rater_id: int) -> list[StoryRating]:
    """What somebody gave stories, oldest first."""
    return list(
        session.exec(
            select(StoryRating)
            .where(StoryRating.rater_id == rater_id)
            .order_by(col(StoryRating.id))
        )
    )


def blank_words_by(session: Session, person_id: int) -> int:
    """Forget the words somebody wrote about others' stories; gives how many there were."""
    with_words = [
        *(row for row in reviews_by(session, person_id) if row.sealed is not None),
        *(row for row in ratings_by(session, person_id) if row.sealed is not None),
    ]
    for row in with_words:
        row.sealed = None
        session.add(row)
    return len(with_words)


def workers_named(
    session: Session, paths: Sequence[str], words: str, *, but: int, on: date
) -> list[tuple[int, str, str]]:
    """Active learners under these units whose name holds these words: (id, name, station)."""
    if not paths:
        return []
    rows = session.exec(
        select(Person.id, Person.name, Unit.name_zh)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .join(Unit, col(Unit.id) == col(Membership.unit_id))
        .where(
            col(Membership.until).is_(None),
            Person.status == "active",
            Person.id != but,
            col(Person.name).contains(words, autoescape=True),
            or_(*(col(Unit.path).startswith(path) for path in paths)),
            exists().where(
                col(RoleGrant.person_id) == col(Person.id),
                col(RoleGrant.role) == "learner",
                col(RoleGrant.since) <= on,
                or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > on),
            ),
        )
        .order_by(col(Person.name), col(Person.id))
        .limit(WORKERS_SHOWN)
    )
    return [(person_id or 0, name, unit) for person_id, name, unit in rows]


def cohort_ids_of(session: Session, person_id: int, *, bot: int) -> tuple[int, ...]:
    """The cohorts somebody learns in now, oldest first."""
    return tuple(
        i or 0
        for i in session.exec(
            select(Cohort.id)
            .join(CohortMember, col(CohortMember.cohort_id) == col(Cohort.id))
            .where(
                CohortMember.person_id == person_id,
                col(CohortMember.until).is_(None),
                Cohort.bot == bot,
            )
            .order_by(col(CohortMember.id))
        )
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
