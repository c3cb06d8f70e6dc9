"""The rows a sentence model made of lessons, so that a topic's draft need not make them again."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "lesson_vector",
        sa.Column("text_id", BIG, sa.ForeignKey("lesson_text.id"), primary_key=True),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
    )
