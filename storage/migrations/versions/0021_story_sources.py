"""What a story began from, and whether its author lets it become a lesson."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "story_source",
        sa.Column("author_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("kind", sa.String(), primary_key=True),
        sa.Column("source_id", BIG, primary_key=True, autoincrement=False),
        sa.Column("story_id", BIG, sa.ForeignKey("story.id"), nullable=False),
    )
    op.create_index("ix_story_source_story_id", "story_source", ["story_id"])
    op.create_table(
        "story_lesson",
        sa.Column("story_id", BIG, sa.ForeignKey("story.id"), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", BIG, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("lesson_id", BIG, sa.ForeignKey("lesson.id"), nullable=True),
    )
    op.create_index("ix_story_lesson_lesson_id", "story_lesson", ["lesson_id"])
