"""A person's records of a study are found by their day, however many years there are of them."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_learning_record_person", "learning_record", ["person_id", "study", "occurred_on"]
    )
    op.drop_index("ix_learning_record_person_id", table_name="learning_record")
