"""The queue of long jobs on PostgreSQL, in a schema of its own; nothing on SQLite."""

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = Path(__file__).parents[1] / "jobs.sql"


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    # Apart from our own tables, which are the ones that are compared with the models and copied.
    # An administrator whose account may not make schemas makes this one beforehand.
    connection.execute(text("CREATE SCHEMA IF NOT EXISTS wuxue_jobs"))
    before = connection.execute(text("SELECT current_setting('search_path')")).scalar_one()
    connection.execute(text("SET LOCAL search_path TO wuxue_jobs"))
    # Without parameters, so that a % in it is a % and several statements may follow each other.
    connection.exec_driver_sql(
        TABLES.read_text(encoding="utf-8"), execution_options={"no_parameters": True}
    )
    connection.execute(text("SELECT set_config('search_path', :before, true)"), {"before": before})
