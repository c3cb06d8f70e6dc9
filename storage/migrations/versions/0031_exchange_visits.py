"""Exchange visits: batches, the places they go to, who travels, papers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=False)


def _count(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.Integer(), nullable=nullable)


def upgrade() -> None:
    _visit()
    op.create_table(
        "visit_stop",
        _key(),
        _points("visit_id", "exchange_visit.id"),
        _count("place"),
        _text("destination"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.Time(), nullable=True),
        _text("programme"),
        _text("host_name"),
        _text("host_contact"),
    )
    op.create_index("ix_visit_stop_visit_id", "visit_stop", ["visit_id"])
    op.create_table(
        "visit_person",
        _key(),
        _points("visit_id", "exchange_visit.id"),
        _points("person_id", "person.id", nullable=True),
        _text("name"),
        _text("post"),
        _text("unit_name"),
        _text("phone"),
        _text("state"),
        _text("reason"),
        _count("confirmed"),
        _count("version"),
        _points("changed_by", "person.id", nullable=True),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.UniqueConstraint("visit_id", "person_id"),
    )
    op.create_index("ix_visit_person_visit_id", "visit_person", ["visit_id"])
    op.create_index("ix_visit_person_person_id", "visit_person", ["person_id"])
    op.create_table(
        "visit_document",
        _key(),
        _points("visit_id", "exchange_visit.id"),
        _text("file_id"),
        _text("name"),
        _count("size"),
        _points("added_by", "person.id", nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_index("ix_visit_document_visit_id", "visit_document", ["visit_id"])


def _visit() -> None:
    op.create_table(
        "exchange_visit",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("unit_id", "unit.id"),
        _count("number", nullable=True),
        _text("title"),
        _text("aims"),
        _text("organiser"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        _text("state"),
        _text("reason"),
        sa.Column("packing", DOCUMENT, nullable=False),
        sa.Column("reminders", DOCUMENT, nullable=False),
        _count("reminded", nullable=True),
        _count("round"),
        _count("moves"),
        _count("version"),
        _count("change"),
        sa.Column("changes", DOCUMENT, nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("changed_at", MOMENT, nullable=True),
        _points("proposed_by", "person.id", nullable=True),
        sa.Column("proposed_at", MOMENT, nullable=True),
        _points("approved_by", "person.id", nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        _points("created_by", "person.id", nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_exchange_visit_unit_id", "exchange_visit", ["unit_id"])
    op.create_index("ix_exchange_visit_start", "exchange_visit", ["bot", "starts_on"])
