"""A name can be taken out of the ledger of somebody who had herself forgotten; nothing else can."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# All but the name: on SQLite each has to be called by its own.
FIXED = (
    "id, person_id, unit_id, study, occasion, occurred_on, title, source_id, minutes, mode,"
    " evidence, claimable, rule_version, recorded_by, recorded_at, corrects"
)
IS_FORGOTTEN = "EXISTS (SELECT 1 FROM person WHERE id = OLD.person_id AND status = 'forgotten')"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _on_postgresql()
    else:
        _on_sqlite()


def _on_sqlite() -> None:
    refuse = "BEGIN SELECT RAISE(ABORT, 'learning_record is append-only'); END"
    op.execute("DROP TRIGGER learning_record_no_update")
    op.execute(
        "CREATE TRIGGER learning_record_no_update"
        f" BEFORE UPDATE OF {FIXED} ON learning_record {refuse}"
    )
    op.execute(
        "CREATE TRIGGER learning_record_no_renaming"
        " BEFORE UPDATE OF person_name ON learning_record"
        f" WHEN NEW.person_name IS NOT NULL OR NOT {IS_FORGOTTEN} {refuse}"
    )


def _on_postgresql() -> None:
    op.execute("DROP TRIGGER learning_record_append_only ON learning_record")
    op.execute(
        "CREATE TRIGGER learning_record_append_only BEFORE DELETE OR TRUNCATE ON learning_record"
        " FOR EACH STATEMENT EXECUTE FUNCTION learning_record_append_only()"
    )
    op.execute(
        "CREATE FUNCTION learning_record_no_renaming() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF NEW.person_name IS NULL"
        " AND to_jsonb(NEW) - 'person_name' = to_jsonb(OLD) - 'person_name'"
        f" AND {IS_FORGOTTEN} THEN RETURN NEW; END IF;"
        " RAISE EXCEPTION 'learning_record is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER learning_record_no_renaming BEFORE UPDATE ON learning_record"
        " FOR EACH ROW EXECUTE FUNCTION learning_record_no_renaming()"
    )
