"""Questions, the append-only learning ledger, the audit trail."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


# The ledger and the audit trail only grow; the database itself says no to anything else.
APPEND_ONLY = ("learning_record", "audit_entry", "audit_seal")


def _forbid_changes_sqlite(table: str) -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def _forbid_changes_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def upgrade() -> None:
    op.create_table(
        "question",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("asker_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("lesson_id", BIG, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("anonymous", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["asker_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"],
            ["lesson.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_question_asked_at"), "question", ["asked_at"], unique=False)
    op.create_index(op.f("ix_question_asker_id"), "question", ["asker_id"], unique=False)
    op.create_table(
        "learning_record",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("unit_id", BIG, nullable=True),
        sa.Column("study", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("source_id", BIG, nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("claimable", sa.String(), nullable=False),
        sa.Column("rule_version", sa.String(), nullable=False),
        sa.Column("recorded_by", BIG, nullable=True),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("corrects", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["corrects"],
            ["learning_record.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"],
            ["person.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"],
            ["unit.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("corrects"),
    )
    op.create_index(
        op.f("ix_learning_record_occurred_on"), "learning_record", ["occurred_on"], unique=False
    )
    op.create_index(
        op.f("ix_learning_record_person_id"), "learning_record", ["person_id"], unique=False
    )
    op.create_index(
        "ix_learning_record_unit", "learning_record", ["unit_id", "occurred_on"], unique=False
    )
    op.create_index(
        "uq_learning_record_first",
        "learning_record",
        ["person_id", "study", "occasion"],
        unique=True,
        sqlite_where=sa.text("corrects IS NULL"),
        postgresql_where=sa.text("corrects IS NULL"),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_kind", sa.String(), nullable=False),
        sa.Column("object_id", BIG, nullable=True),
        sa.Column("facts", DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"],
            ["person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_table(
        "audit_seal",
        sa.Column("up_to_id", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sealed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("up_to_id"),
    )

    forbid = (
        _forbid_changes_postgresql
        if op.get_bind().dialect.name == "postgresql"
        else _forbid_changes_sqlite
    )
    for table in APPEND_ONLY:
        forbid(table)
