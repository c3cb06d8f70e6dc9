"""Feedback on trainings: answers without a person, and who has answered; when it was asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("training_event", sa.Column("feedback_on", sa.Date(), nullable=True))
    op.create_table(
        "training_feedback",
        sa.Column("id", BIG, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("event_id", BIG, sa.ForeignKey("training_event.id"), nullable=False),
        sa.Column("content", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.Integer(), nullable=False),
        sa.Column("trainer", sa.Integer(), nullable=False),
        sa.Column("usefulness", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
    )
    op.create_index("ix_training_feedback_event_id", "training_feedback", ["event_id"])
    op.create_table(
        "training_feedback_given",
        sa.Column(
            "event_id", BIG, sa.ForeignKey("training_event.id"), primary_key=True, nullable=False
        ),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True, nullable=False),
    )
