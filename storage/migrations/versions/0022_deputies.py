"""Who is away from looking after others, from when until when, and who stands in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "deputy",
        sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("bot", BIG, nullable=False),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), nullable=False),
        sa.Column("deputy_id", BIG, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("away_since", sa.Date(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("changed_by", BIG, sa.ForeignKey("person.id"), nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("before", DOCUMENT, nullable=False),
        sa.Column("replaces_id", BIG, sa.ForeignKey("deputy.id"), nullable=True),
    )
    op.create_index("ix_deputy_person_id", "deputy", ["person_id"])
    op.create_index("ix_deputy_deputy_id", "deputy", ["deputy_id"])
