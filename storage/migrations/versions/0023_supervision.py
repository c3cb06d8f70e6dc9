"""Supervision: who accompanies whom, when a supervisor can be booked, and what is booked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    _pairs()
    _times()
    _bookings()


def _pairs() -> None:
    op.create_table(
        "supervision_pair",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("supervisor_id", "person.id"),
        _points("worker_id", "person.id"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("every_months", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("told_due_on", sa.Date(), nullable=True),
        sa.Column("change_asked_at", MOMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _points("changed_by", "person.id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_pair_supervisor_id", "supervision_pair", ["supervisor_id"])
    op.create_index("ix_supervision_pair_worker_id", "supervision_pair", ["worker_id"])
    op.create_index("ix_supervision_pair_due", "supervision_pair", ["bot", "due_on"])
    op.create_index(
        "uq_supervision_pair",
        "supervision_pair",
        ["bot", "supervisor_id", "worker_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _times() -> None:
    op.create_table(
        "supervision_terms",
        sa.Column("bot", BIG, nullable=False),
        sa.Column("supervisor_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("notice_hours", sa.Integer(), nullable=False),
        sa.Column("hours_per_month", sa.Integer(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_table(
        "supervision_time",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("supervisor_id", "person.id"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("starts", sa.Time(), nullable=True),
        sa.Column("ends", sa.Time(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_time_supervisor_id", "supervision_time", ["supervisor_id"])


def _bookings() -> None:
    op.create_table(
        "supervision_booking",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("pair_id", "supervision_pair.id"),
        _points("supervisor_id", "person.id"),
        _points("worker_id", "person.id"),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        _points("changed_by", "person.id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    table = "supervision_booking"
    op.create_index("ix_supervision_booking_pair", table, ["pair_id", "starts_at"])
    op.create_index("ix_supervision_booking_start", table, ["bot", "starts_at"])
    op.create_index("ix_supervision_booking_supervisor_id", table, ["supervisor_id"])
    op.create_index("ix_supervision_booking_worker_id", table, ["worker_id"])
    op.create_table(
        "supervision_quarter",
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("quarter", sa.Integer(), primary_key=True, autoincrement=False),
        _points("booking_id", "supervision_booking.id"),
    )
    op.create_index("ix_supervision_quarter_booking_id", "supervision_quarter", ["booking_id"])
    op.create_table(
        "supervision_proposal",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("pair_id", "supervision_pair.id"),
        _points("proposed_by", "person.id"),
        sa.Column("moments", DOCUMENT, nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
    )
    op.create_index("ix_supervision_proposal_pair_id", "supervision_proposal", ["pair_id"])
