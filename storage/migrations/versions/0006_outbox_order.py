"""The outbox's order and what is in hand, each in an index of its own; the shared send budget."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("status = 'waiting'")
IN_HAND = sa.text("status = 'claimed'")


def upgrade() -> None:
    op.drop_index("ix_delivery_due", table_name="delivery")
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["bot", "due_at", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "ix_delivery_in_hand",
        "delivery",
        ["lease_until"],
        sqlite_where=IN_HAND,
        postgresql_where=IN_HAND,
    )
    op.create_table(
        "send_budget",
        sa.Column("bot", BIG, autoincrement=False, nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bot"),
    )
