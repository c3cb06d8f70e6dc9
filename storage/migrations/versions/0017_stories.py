"""Stories of the quarterly share: calls for them, their texts, files, reviews, tags, ratings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    _calls()
    _stories()
    _around_a_story()


def _calls() -> None:
    op.create_table(
        "story_call",
        _key(),
        _points("cohort_id", "cohort.id"),
        sa.Column("opens_on", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("gathering_id", BIG, nullable=True),
        sa.Column("digest_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("cohort_id", "opens_on"),
    )


def _stories() -> None:
    op.create_table(
        "story",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("author_id", "person.id"),
        _points("unit_id", "unit.id", nullable=True),
        _points("cohort_id", "cohort.id", nullable=True),
        _points("call_id", "story_call.id", nullable=True),
        _points("nominated_by", "person.id", nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("scope_path", sa.String(), nullable=False),
        sa.Column("may_become_lesson", sa.Boolean(), nullable=False),
        sa.Column("is_sorted", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("parts", DOCUMENT, nullable=True),
        sa.Column("search_text", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        sa.Column("presented_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
    )
    for name in ("author_id", "call_id", "unit_id", "state"):
        op.create_index(f"ix_story_{name}", "story", [name])


def _around_a_story() -> None:
    op.create_table(
        "story_file",
        _key(),
        _points("story_id", "story.id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_index("ix_story_file_story_id", "story_file", ["story_id"])
    op.create_table(
        "story_review",
        _key(),
        _points("story_id", "story.id"),
        _points("reviewer_id", "person.id"),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("story_id", "reviewer_id", "round"),
    )
    op.create_table(
        "story_rating",
        _key(),
        _points("story_id", "story.id"),
        _points("rater_id", "person.id"),
        sa.Column("stars", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("rated_at", MOMENT, nullable=False),
        sa.UniqueConstraint("story_id", "rater_id"),
    )
    op.create_table(
        "story_tag",
        _key(),
        _points("story_id", "story.id"),
        sa.Column("tag", sa.String(), nullable=False),
        sa.UniqueConstraint("story_id", "tag"),
    )
