"""Weights learnt from merges and splits, and which of them a topic's draft was made with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    counts = ("labels", "topics", "months")
    scores = ("untaught_score", "score", "chance")
    op.create_table(
        "theme_matcher",
        sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("bot", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("models", sa.String(), nullable=False),
        sa.Column("taught_by", sa.String(), nullable=False),
        sa.Column("weights", DOCUMENT, nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in counts),
        *(sa.Column(name, sa.Float(), nullable=False) for name in scores),
        sa.Column("is_followed", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_theme_matcher_bot", "theme_matcher", ["bot"])
    op.add_column("topic", sa.Column("matcher_id", BIG, nullable=True))
