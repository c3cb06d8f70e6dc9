"""Certificates of trainings: what was signed, and whether it was revoked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
STANDING = sa.text("revoked_at IS NULL")


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "certificate",
        sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("bot", BIG, nullable=False),
        _points("event_id", "training_event.id"),
        _points("person_id", "person.id"),
        sa.Column("serial", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("statement", DOCUMENT, nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        _points("issued_by", "person.id", nullable=True),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        _points("revoked_by", "person.id", nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.UniqueConstraint("serial"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("ix_certificate_event_id", "certificate", ["event_id"])
    op.create_index("ix_certificate_person_id", "certificate", ["person_id"])
    op.create_index(
        "uq_certificate_standing",
        "certificate",
        ["event_id", "person_id"],
        unique=True,
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )
