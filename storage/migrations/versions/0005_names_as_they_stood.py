"""The name a record was made under; what a pack says of its modules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    # Plain ADD COLUMN: rebuilding the ledger would lose the triggers that keep it append-only, and
    # they forbid filling in the rows that are there, so those stay NULL.
    op.add_column("learning_record", sa.Column("person_name", sa.String(), nullable=True))
    op.add_column("lesson_pack", sa.Column("modules", DOCUMENT, nullable=True))
