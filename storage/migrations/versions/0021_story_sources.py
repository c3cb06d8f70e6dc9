"""What a story began from: once for its author, whatever became of it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "story_source",
        sa.Column("author_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("source_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("story_id", BIG, sa.ForeignKey("story.id"), nullable=False),
    )
    op.create_index("ix_story_source_story_id", "story_source", ["story_id"])
