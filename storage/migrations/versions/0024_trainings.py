"""Offline trainings: events, half days, papers, who comes, who was there."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    _event()
    op.create_table(
        "training_period",
        _key(),
        _points("event_id", "training_event.id"),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("trainer", sa.String(), nullable=False),
        _points("trainer_id", "person.id", nullable=True),
        sa.Column("token", sa.String(), nullable=False),
        sa.UniqueConstraint("token"),
    )
    op.create_index("ix_training_period_event_id", "training_period", ["event_id"])
    op.create_table(
        "training_document",
        _key(),
        _points("event_id", "training_event.id"),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        _points("added_by", "person.id", nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_index("ix_training_document_event_id", "training_document", ["event_id"])
    op.create_table(
        "training_seat",
        _key(),
        _points("event_id", "training_event.id"),
        _points("person_id", "person.id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _points("changed_by", "person.id", nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("event_id", "person_id"),
    )
    op.create_index("ix_training_seat_person_id", "training_seat", ["person_id"])
    op.create_table(
        "training_attendance",
        _key(),
        _points("period_id", "training_period.id"),
        _points("person_id", "person.id"),
        sa.Column("state", sa.String(), nullable=False),
        _points("marked_by", "person.id", nullable=True),
        sa.Column("marked_at", MOMENT, nullable=False),
        sa.UniqueConstraint("period_id", "person_id"),
    )
    op.create_index("ix_training_attendance_person_id", "training_attendance", ["person_id"])


def _event() -> None:
    op.create_table(
        "training_event",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("unit_id", "unit.id"),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("organiser", sa.String(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=False),
        sa.Column("invited", DOCUMENT, nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reminders", DOCUMENT, nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=True),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("changes", DOCUMENT, nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        sa.Column("invited_on", sa.Date(), nullable=True),
        sa.Column("published_at", MOMENT, nullable=True),
        _points("created_by", "person.id", nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_training_event_unit_id", "training_event", ["unit_id"])
    op.create_index("ix_training_event_start", "training_event", ["bot", "starts_at"])
