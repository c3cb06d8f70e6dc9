"""Tests before and after a training: their questions, what each person chose, when it was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, target: str) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), primary_key=True, nullable=False)


def upgrade() -> None:
    op.add_column("training_event", sa.Column("test_on", sa.Date(), nullable=True))
    op.create_table(
        "training_question",
        _key("event_id", "training_event.id"),
        _key("version_id", "lesson_version.id"),
        sa.Column("place", sa.Integer(), nullable=False),
    )
    op.create_table(
        "training_test_answer",
        _key("event_id", "training_event.id"),
        _key("person_id", "person.id"),
        sa.Column("part", sa.String(), primary_key=True, nullable=False),
        _key("version_id", "lesson_version.id"),
        sa.Column("chosen", sa.Integer(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
    )
