"""Private text of supervision: notes, what to talk about, sentences brought along, consent."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DELETED = sa.text("deleted_at IS NOT NULL")


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def _keyed_by(name: str, target: str) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), primary_key=True, nullable=False)


def upgrade() -> None:
    note = "supervision_note"
    op.create_table(
        note,
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _points("pair_id", "supervision_pair.id"),
        _points("author_id", "person.id"),
        sa.Column("kind", sa.String(), nullable=False),
        _points("booking_id", "supervision_booking.id", nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("shared_at", MOMENT, nullable=True),
        sa.Column("deleted_at", MOMENT, nullable=True),
    )
    op.create_index("ix_supervision_note_pair", note, ["pair_id", "created_at"])
    op.create_index("ix_supervision_note_author_id", note, ["author_id"])
    op.create_index(
        "ix_supervision_note_deleted",
        note,
        ["deleted_at"],
        sqlite_where=DELETED,
        postgresql_where=DELETED,
    )
    agenda = "supervision_agenda"
    op.create_table(
        agenda,
        _key(),
        _points("pair_id", "supervision_pair.id"),
        _points("worker_id", "person.id"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_agenda_pair", agenda, ["pair_id", "written_at"])
    op.create_index("ix_supervision_agenda_worker_id", agenda, ["worker_id"])
    op.create_table(
        "supervision_sentence",
        _keyed_by("used_id", "used_lesson.id"),
        _points("pair_id", "supervision_pair.id"),
        sa.Column("brought_at", MOMENT, nullable=False),
    )
    op.create_index("ix_supervision_sentence_pair_id", "supervision_sentence", ["pair_id"])
    op.create_table(
        "supervision_consent",
        _keyed_by("pair_id", "supervision_pair.id"),
        sa.Column("is_given", sa.Boolean(), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=False),
    )
