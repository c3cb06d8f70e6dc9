"""Monthly topics: themes, the questions in them, changes, answers, and what was said of these."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
DOCUMENT = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def _key() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True, autoincrement=True)


def _to(name: str, target: str, *, nullable: bool = False, primary: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable, primary_key=primary)


def _topics() -> None:
    op.create_table(
        "topic",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _to("cohort_id", "cohort.id"),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closes_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("starts_at", MOMENT, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("texts", DOCUMENT, nullable=False),
        _to("trainer_id", "person.id", nullable=True),
        sa.Column("gathering_id", BIG, nullable=True),
        sa.Column("made_at", MOMENT, nullable=True),
        sa.Column("approved_at", MOMENT, nullable=True),
        _to("approved_by", "person.id", nullable=True),
        sa.UniqueConstraint("cohort_id", "month"),
    )
    op.create_index("ix_topic_state", "topic", ["bot", "state"])
    op.create_table(
        "topic_edit",
        _key(),
        _to("topic_id", "topic.id"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        _to("actor_id", "person.id"),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("before", DOCUMENT, nullable=False),
        sa.Column("label", DOCUMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
    )
    op.create_index("ix_topic_edit_topic_id", "topic_edit", ["topic_id"])
    op.create_table(
        "topic_message",
        sa.Column("chat_id", BIG, nullable=False, autoincrement=False),
        sa.Column("message_id", BIG, nullable=False, autoincrement=False),
        _to("topic_id", "topic.id"),
        sa.Column("paragraph", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", "message_id"),
    )
    op.create_index("ix_topic_message_topic_id", "topic_message", ["topic_id"])


def _themes() -> None:
    op.create_table(
        "topic_theme",
        _key(),
        _to("topic_id", "topic.id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("is_hidden", sa.Boolean(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("representatives", DOCUMENT, nullable=False),
        sa.Column("lessons", DOCUMENT, nullable=False),
        sa.Column("gaps", DOCUMENT, nullable=False),
        sa.Column("goes_with", BIG, nullable=True),
    )
    op.create_index("ix_topic_theme_topic_id", "topic_theme", ["topic_id"])
    op.create_table(
        "theme_question",
        _to("topic_id", "topic.id", primary=True),
        _to("question_id", "question.id", primary=True),
        _to("theme_id", "topic_theme.id"),
        sa.Column("grouped", sa.Integer(), nullable=False),
    )
    op.create_index("ix_theme_question_theme_id", "theme_question", ["theme_id"])
    op.create_table(
        "theme_answer",
        _to("theme_id", "topic_theme.id", primary=True),
        sa.Column("text", sa.String(), nullable=False),
        _to("answered_by", "person.id"),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("tells_at", MOMENT, nullable=False),
    )
    op.create_table(
        "theme_feedback",
        _to("theme_id", "topic_theme.id", primary=True),
        _to("person_id", "person.id", primary=True),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
    )


def upgrade() -> None:
    _topics()
    _themes()
