"""How often each person heard us, and into which lesson a notice was folded."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "attention",
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("on_day", BIG, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("in_week", BIG, nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.add_column("delivery", sa.Column("folded_into", BIG, nullable=True))
    is_folded = sa.text("folded_into IS NOT NULL")
    op.create_index(
        "ix_delivery_folded",
        "delivery",
        ["folded_into"],
        sqlite_where=is_folded,
        postgresql_where=is_folded,
    )
