"""The mark by which a restored database is known, its hold, and what pruning looks up."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "installation_mark",
        sa.Column("bot", BIG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("incarnation", sa.String(), nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("marked_at", MOMENT, nullable=False),
    )
    op.create_table(
        "hold",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("last_seen_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_hold_open",
        "hold",
        ["bot"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "hold_choice",
        _key(),
        _points("hold_id", "hold.id"),
        sa.Column("kind", sa.String(), nullable=False),
        _points("cohort_id", "cohort.id", nullable=True),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        _points("chosen_by", "person.id", nullable=True),
        sa.Column("chosen_at", MOMENT, nullable=False),
        sa.UniqueConstraint("hold_id", "kind", "cohort_id"),
    )
    op.create_table(
        "hold_lesson",
        _points("hold_id", "hold.id"),
        _points("cohort_id", "cohort.id"),
        sa.Column("local_date", sa.Date(), nullable=False),
        _points("lesson_id", "lesson.id"),
        sa.PrimaryKeyConstraint("hold_id", "cohort_id", "local_date"),
    )
    op.create_table(
        "hold_word",
        _points("hold_id", "hold.id"),
        _points("person_id", "person.id"),
        sa.Column("told_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hold_id", "person_id"),
    )
    # Without it every deleted delivery is looked for in all answers ever given.
    op.create_index("ix_answer_delivery", "answer", ["delivery_id"])
