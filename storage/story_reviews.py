"""What reviewers and readers said of stories: verdicts, ratings, words sealed for the author."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint, delete, exists, func, or_
from sqlmodel import Session, SQLModel, col, select

from storage.columns import key, points_to
from storage.people import Person, Unit
from storage.stories import SUBMITTED, Story

# What a reviewer said of a round; `SORTS` sends it back sorted into its parts.
APPROVES, COMMENTS, SORTS = "approves", "comments", "sorts"


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


def drop(session: Session, story_id: int) -> None:
    """Forget what reviewers and readers wrote about a story."""
    session.exec(delete(StoryReview).where(col(StoryReview.story_id) == story_id))
    session.exec(delete(StoryRating).where(col(StoryRating.story_id) == story_id))
