"""During and after exchange visits: logs, what was brought home, who was there, the summary."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> "sa.Column[datetime]":
    return sa.Column(name, MOMENT, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "visit_log",
        _key(),
        _points("visit_id", "exchange_visit.id"),
        _points("line_id", "visit_person.id"),
        sa.Column("day", sa.Date(), nullable=False),
        *map(_text, ("kind", "text", "file_id")),
        sa.Column("size", sa.Integer(), nullable=False),
        *map(_text, ("sharing", "summary")),
        _points("entered_by", "person.id", nullable=True),
        _moment("written_at", nullable=False),
        _text("before", nullable=True),
        _moment("changed_at"),
        _moment("dropped_at"),
    )
    op.create_index("ix_visit_log_visit_id", "visit_log", ["visit_id"])
    op.create_index("ix_visit_log_line_id", "visit_log", ["line_id"])
    op.create_table(
        "visit_return",
        _key(),
        _points("visit_id", "exchange_visit.id"),
        _points("line_id", "visit_person.id"),
        sa.Column("parts", DOCUMENT, nullable=False),
        *map(_text, ("sharing", "summary")),
        sa.Column("version", sa.Integer(), nullable=False),
        _moment("updated_at", nullable=False),
        *map(_text, ("step", "step_text")),
        sa.Column("step_shared", sa.Boolean(), nullable=False),
        _moment("step_at"),
        sa.UniqueConstraint("line_id"),
    )
    op.create_index("ix_visit_return_visit_id", "visit_return", ["visit_id"])
    op.create_table(
        "visit_day_mark",
        sa.Column("line_id", BIG, sa.ForeignKey("visit_person.id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("is_there", sa.Boolean(), nullable=False),
        _points("marked_by", "person.id", nullable=True),
        _moment("marked_at", nullable=False),
    )
    _report()


def _report() -> None:
    op.create_table(
        "visit_report",
        sa.Column("visit_id", BIG, sa.ForeignKey("exchange_visit.id"), primary_key=True),
        sa.Column("log_on", sa.Date(), nullable=True),
        _moment("return_at"),
        _moment("check_at"),
        sa.Column("minutes", DOCUMENT, nullable=False),
        _text("evidence"),
        _points("confirmed_by", "person.id", nullable=True),
        _moment("confirmed_at"),
        _moment("fetched_at"),
        _text("file_id"),
        _points("file_by", "person.id", nullable=True),
        _moment("file_at"),
        _moment("taken_back_at"),
        sa.Column("round", sa.Integer(), nullable=False),
        _points("published_by", "person.id", nullable=True),
        _moment("published_at"),
    )
