"""What becomes of a question: urgency, votes, answers, help; who is told of danger."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def _column(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def _key() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True, autoincrement=True)


def _questions() -> None:
    # Plain numbers: SQLite adds no foreign key to a table that is filled.
    for column in (
        sa.Column("bot", BIG, nullable=True),
        sa.Column("context", sa.String(), nullable=True),
        sa.Column("urgency", sa.String(), nullable=False, server_default="can_wait"),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("topic_id", BIG, nullable=True),
        sa.Column("media_id", BIG, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("assigned_to", BIG, nullable=True),
        sa.Column("assigned_at", MOMENT, nullable=True),
    ):
        op.add_column("question", column)
    op.create_index("ix_question_state", "question", ["state", "asked_at"])
    op.create_index("ix_question_topic_id", "question", ["topic_id"])


def _answers() -> None:
    op.create_table(
        "question_vote",
        sa.Column("question_id", BIG, sa.ForeignKey("question.id"), primary_key=True),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("voted_at", MOMENT, nullable=False),
    )
    op.create_table(
        "question_answer",
        _key(),
        _column("question_id", "question.id"),
        sa.Column("text", sa.String(), nullable=False),
        _column("answered_by", "person.id"),
        sa.Column("answered_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
    )
    op.create_index("ix_question_answer_question_id", "question_answer", ["question_id"])
    op.create_table(
        "answer_feedback",
        sa.Column("answer_id", BIG, sa.ForeignKey("question_answer.id"), primary_key=True),
        sa.Column("person_id", BIG, sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("said_at", MOMENT, nullable=False),
    )
    op.create_table(
        "question_vector",
        sa.Column("question_id", BIG, sa.ForeignKey("question.id"), primary_key=True),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
    )


def _danger() -> None:
    op.create_table(
        "emergency_contact",
        _key(),
        _column("unit_id", "unit.id"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
    )
    op.create_index("ix_emergency_contact_unit_id", "emergency_contact", ["unit_id"])
    op.create_table(
        "duty_member",
        _key(),
        _column("unit_id", "unit.id"),
        _column("person_id", "person.id"),
        sa.UniqueConstraint("unit_id", "person_id"),
    )
    op.create_table(
        "danger_alert",
        _key(),
        sa.Column("bot", BIG, nullable=False),
        _column("unit_id", "unit.id", nullable=True),
        _column("person_id", "person.id"),
        sa.Column("raised_at", MOMENT, nullable=False),
        sa.Column("call_me", sa.Boolean(), nullable=False),
        _column("taken_by", "person.id", nullable=True),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("next_at", MOMENT, nullable=True),
    )
    is_open = sa.text("next_at IS NOT NULL")
    op.create_index(
        "ix_danger_alert_open",
        "danger_alert",
        ["bot", "next_at"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )


def upgrade() -> None:
    _questions()
    _answers()
    _danger()
