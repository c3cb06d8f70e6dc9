"""Whether trainings were put to use: what each person said, and when it was last asked."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, target: str) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), primary_key=True, nullable=False)


def upgrade() -> None:
    op.add_column("training_event", sa.Column("use_on", sa.Date(), nullable=True))
    op.create_table(
        "training_use",
        _key("event_id", "training_event.id"),
        _key("person_id", "person.id"),
        sa.Column("days", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("is_used", sa.Boolean(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
    )
