"""Gatherings of a cohort, who came, their minutes, swaps of turns, and lessons put to use."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"
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
    op.create_table(
        "gathering",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("cohort_id", "cohort.id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("local_date", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("agenda", DOCUMENT, nullable=False),
        sa.Column("opens_before", sa.Integer(), nullable=False),
        sa.Column("closes_after", sa.Integer(), nullable=False),
        _points("facilitator_id", "person.id", nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_own", sa.Boolean(), nullable=False),
        sa.Column("owed_on", sa.Date(), nullable=True),
        _points("created_by", "person.id", nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("kind", "cohort_id", "local_date"),
    )
    op.create_index("ix_gathering_cohort_id", "gathering", ["cohort_id"])
    op.create_index("ix_gathering_start", "gathering", ["bot", "starts_at"])
    op.create_table(
        "attendance",
        _key(),
        _points("gathering_id", "gathering.id"),
        _points("person_id", "person.id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        _points("marked_by", "person.id", nullable=True),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.UniqueConstraint("gathering_id", "person_id"),
    )
    op.create_index("ix_attendance_person_id", "attendance", ["person_id"])
    op.create_table(
        "gathering_point",
        _key(),
        _points("gathering_id", "gathering.id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        _points("question_id", "question.id", nullable=True),
        _points("written_by", "person.id"),
        sa.Column("written_at", MOMENT, nullable=False),
    )
    op.create_index("ix_gathering_point_gathering_id", "gathering_point", ["gathering_id"])
    op.create_table(
        "facilitator_swap",
        _key(),
        _points("gathering_id", "gathering.id"),
        _points("other_id", "gathering.id"),
        _points("asked_by", "person.id"),
        _points("asked_of", "person.id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
    )
    op.create_index("ix_facilitator_swap_gathering_id", "facilitator_swap", ["gathering_id"])
    op.create_table(
        "used_lesson",
        _key(),
        _points("person_id", "person.id"),
        _points("cohort_id", "cohort.id"),
        sa.Column("week", sa.Date(), nullable=False),
        _points("lesson_id", "lesson.id", nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
        sa.UniqueConstraint("person_id", "week"),
    )
    op.create_index("ix_used_lesson_cohort_id", "used_lesson", ["cohort_id"])
