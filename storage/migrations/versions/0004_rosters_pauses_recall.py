"""Typed codes, pauses, recall, lesson search, pictures and voice; occasions held or moved."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _key() -> "sa.Column[int]":
    return sa.Column("id", BIG, primary_key=True, autoincrement=True, nullable=False)


def _points(name: str, target: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def upgrade() -> None:
    _people()
    _recall()
    _lessons()
    op.add_column("occasion", sa.Column("moved_to", MOMENT, nullable=True))


def _people() -> None:
    op.add_column("invite", sa.Column("code_hash", sa.String(), nullable=True))
    op.create_index("ix_invite_code_hash", "invite", ["code_hash"], unique=True)
    op.create_table(
        "absence",
        _key(),
        _points("person_id", "person.id"),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        _points("set_by", "person.id", nullable=True),
        sa.Column("set_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
    )
    op.create_index("ix_absence_person_id", "absence", ["person_id"])
    op.create_table(
        "code_try",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        sa.Column("chat_id", BIG, nullable=False),
        sa.Column("tried_at", MOMENT, nullable=False),
    )
    op.create_index("ix_code_try_chat", "code_try", ["bot", "chat_id", "tried_at"])


def _recall() -> None:
    op.create_table(
        "recall_card",
        _key(),
        _points("person_id", "person.id"),
        _points("lesson_id", "lesson.id"),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("stability", sa.Float(), nullable=True),
        sa.Column("difficulty", sa.Float(), nullable=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("last_review_at", MOMENT, nullable=True),
        _points("version_id", "lesson_version.id"),
        sa.UniqueConstraint("person_id", "lesson_id"),
    )
    op.create_index("ix_recall_card_person_id", "recall_card", ["person_id"])
    op.create_table(
        "recall_ask",
        _key(),
        _points("person_id", "person.id"),
        _points("lesson_id", "lesson.id"),
        _points("version_id", "lesson_version.id"),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("predicted", sa.Float(), nullable=True),
        sa.Column("chosen", sa.Integer(), nullable=True),
        sa.Column("correct", sa.Boolean(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
    )
    op.create_index("ix_recall_ask_person", "recall_ask", ["person_id", "asked_on"])


def _lessons() -> None:
    op.add_column(
        "lesson",
        sa.Column("is_essential", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "lesson_term",
        sa.Column("term", sa.String(), nullable=False),
        _points("text_id", "lesson_text.id"),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("term", "text_id"),
    )
    op.create_index("ix_lesson_term_text", "lesson_term", ["text_id"])
    op.create_table(
        "media",
        _key(),
        sa.Column("sha256", sa.String(), nullable=False, unique=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", MOMENT, nullable=False),
    )
    op.create_table(
        "lesson_media",
        _key(),
        _points("version_id", "lesson_version.id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _points("media_id", "media.id"),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("caption", sa.String(), nullable=False),
        sa.UniqueConstraint("version_id", "position"),
    )
    op.create_table(
        "media_file",
        _key(),
        _points("media_id", "media.id"),
        sa.Column("bot", BIG, nullable=False),
        sa.Column("file_id", sa.String(), nullable=False),
        sa.UniqueConstraint("media_id", "bot"),
    )
