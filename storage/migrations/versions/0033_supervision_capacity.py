"""Supervision enough for everybody: wishes, groups, journeys, handovers, days off."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("ended_at IS NULL")
STANDS = sa.text("state = 'planned'")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def _part(name: str, target: str) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), primary_key=True, autoincrement=False)


def upgrade() -> None:
    _wishes()
    _groups()
    _quarters()
    _trips()
    _handovers()
    _holidays()


def _wishes() -> None:
    op.create_table(
        "supervision_wish",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("worker_id", "person.id"),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _points("ended_by", "person.id", nullable=True),
    )
    op.create_index("ix_supervision_wish_worker_id", "supervision_wish", ["worker_id"])
    op.create_index(
        "uq_supervision_wish",
        "supervision_wish",
        ["bot", "worker_id"],
        unique=True,
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def _groups() -> None:
    op.create_table(
        "supervision_group",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("supervisor_id", "person.id"),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _points("changed_by", "person.id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    table = "supervision_group"
    op.create_index("ix_supervision_group_supervisor_id", table, ["supervisor_id"])
    op.create_index("ix_supervision_group_start", table, ["bot", "starts_at"])
    op.create_table(
        "supervision_seat",
        _part("group_id", "supervision_group.id"),
        _part("worker_id", "person.id"),
        _points("pair_id", "supervision_pair.id"),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
    )
    op.create_index("ix_supervision_seat_pair_id", "supervision_seat", ["pair_id"])


def _quarters() -> None:
    """A quarter may belong to a session with several instead; made anew, as SQLite needs it."""
    op.rename_table("supervision_quarter", "supervision_quarter_before")
    op.drop_index("ix_supervision_quarter_booking_id", "supervision_quarter_before")
    op.create_table(
        "supervision_quarter",
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("quarter", sa.Integer(), primary_key=True, autoincrement=False),
        _points("booking_id", "supervision_booking.id", nullable=True),
        _points("group_id", "supervision_group.id", nullable=True),
    )
    op.execute(
        "INSERT INTO supervision_quarter (person_id, quarter, booking_id)"
        " SELECT person_id, quarter, booking_id FROM supervision_quarter_before"
    )
    op.drop_table("supervision_quarter_before")
    for column in ("booking_id", "group_id"):
        op.create_index(f"ix_supervision_quarter_{column}", "supervision_quarter", [column])


def _trips() -> None:
    op.create_table(
        "supervision_trip",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("supervisor_id", "person.id"),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_trip_supervisor_id", "supervision_trip", ["supervisor_id"])
    op.create_table(
        "supervision_trip_change",
        _part("trip_id", "supervision_trip.id"),
        _part("booking_id", "supervision_booking.id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=True),
    )


def _handovers() -> None:
    table = "supervision_handover"
    op.create_table(
        table,
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("from_pair_id", "supervision_pair.id"),
        _points("to_pair_id", "supervision_pair.id"),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _points("changed_by", "person.id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    for column in ("from_pair_id", "to_pair_id"):
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.create_index(
        f"uq_{table}",
        table,
        ["from_pair_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )


def _holidays() -> None:
    op.create_table(
        "supervision_holiday",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("booking_id", "supervision_booking.id"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.Column("supervisor_keeps", sa.Boolean(), nullable=True),
        sa.Column("worker_keeps", sa.Boolean(), nullable=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("told_open_at", MOMENT, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
    )
    op.create_index(
        "uq_supervision_holiday", "supervision_holiday", ["booking_id", "moves"], unique=True
    )
