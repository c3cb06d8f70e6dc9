"""Which receiver has an update in hand, and until when; several may share one PostgreSQL."""

import sqlalchemy as sa
from alembic import op

IN_HAND = sa.text("status = 'waiting' AND claimed_by IS NOT NULL")

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox_update", sa.Column("claimed_by", sa.String(), nullable=True))
    op.add_column(
        "inbox_update", sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_index(
        "ix_inbox_update_in_hand",
        "inbox_update",
        ["bot", "sender"],
        sqlite_where=IN_HAND,
        postgresql_where=IN_HAND,
    )
