"""An album of a visit's log is one entry with several files; how long a recording is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column(
        "visit_log", sa.Column("more_files", DOCUMENT, nullable=False, server_default="[]")
    )
    op.add_column(
        "visit_log", sa.Column("seconds", sa.Integer(), nullable=False, server_default="0")
    )
