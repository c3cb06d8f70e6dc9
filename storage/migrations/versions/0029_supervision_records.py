"""Records of supervision: what was held and confirmed, what was added, what is to be done."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    _records()
    _people()
    _additions()
    _actions()


def _records() -> None:
    table = "supervision_record"
    op.create_table(
        table,
        _key(),
        sa.Column("bot", BIG, nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        _points("pair_id", "supervision_pair.id", nullable=True),
        _points("supervisor_id", "person.id", nullable=True),
        _points("unit_id", "unit.id", nullable=True),
        _points("booking_id", "supervision_booking.id", nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("counted_minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("functions", DOCUMENT, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("is_one_sided", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _points("written_by", "person.id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=True),
        sa.Column("sealed_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("booking_id"),
    )
    op.create_index("ix_supervision_record_pair", table, ["pair_id", "number"])
    op.create_index("ix_supervision_record_supervisor", table, ["supervisor_id", "occurred_on"])
    op.create_index("ix_supervision_record_state", table, ["bot", "state"])
    op.create_index("ix_supervision_record_day", table, ["bot", "occurred_on"])
    op.create_index("ix_supervision_record_unit_id", table, ["unit_id"])
    op.create_index("ix_supervision_record_written_by", table, ["written_by"])


def _people() -> None:
    table = "supervision_record_person"
    op.create_table(
        table,
        _key(),
        _points("record_id", "supervision_record.id"),
        _points("person_id", "person.id"),
        _points("pair_id", "supervision_pair.id", nullable=True),
        _points("unit_id", "unit.id", nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        sa.Column("returned_at", MOMENT, nullable=True),
        sa.UniqueConstraint("record_id", "person_id"),
    )
    op.create_index("ix_supervision_record_person_person_id", table, ["person_id"])
    op.create_index("ix_supervision_record_person_pair_id", table, ["pair_id"])
    op.create_index("ix_supervision_record_person_unit_id", table, ["unit_id"])


def _additions() -> None:
    table = "supervision_addition"
    op.create_table(
        table,
        _key(),
        _points("record_id", "supervision_record.id"),
        _points("written_by", "person.id"),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("added_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_addition_record_id", table, ["record_id"])
    op.create_index("ix_supervision_addition_written_by", table, ["written_by"])


def _actions() -> None:
    table = "supervision_action"
    op.create_table(
        table,
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("record_id", "supervision_record.id"),
        _points("pair_id", "supervision_pair.id", nullable=True),
        sa.Column("owner", sa.String(), nullable=False),
        _points("owner_id", "person.id"),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("told_due_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _points("changed_by", "person.id"),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("before", DOCUMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_action_due", table, ["bot", "state", "due_on"])
    op.create_index("ix_supervision_action_pair", table, ["pair_id", "state"])
    op.create_index("ix_supervision_action_record_id", table, ["record_id"])
    op.create_index("ix_supervision_action_owner_id", table, ["owner_id"])
