"""The schema's version: where a database stands, bringing it up to date, a copy beforehand.

Alembic is loaded only where there is something to migrate: it brings the words of every database
there is, some 10 MB, and a start of `wuxue run` should not wait for them.
"""

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
# Every migration's file begins with its number, which is its revision.
REVISION_LENGTH = 4


class SchemaTooNew(Exception):
    """The database was written by a newer Wuxue than this one."""


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def head() -> str:
    """The newest revision this code knows."""
    return max(file.name[:REVISION_LENGTH] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def current(engine: Engine) -> str | None:
    """The revision a database stands at, or None where there is no schema yet."""
    with engine.connect() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def upgrade(engine: Engine, *, to: str = "head") -> None:
    """Run every missing migration; raises SchemaTooNew for a revision from a newer release."""
    stands_at = current(engine)
    if stands_at == head() and to == "head":
        return
    from alembic import command
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if stands_at is not None and stands_at not in known:
        raise SchemaTooNew(stands_at)
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, to)
        connection.commit()


def copy_beside(path: Path, *, now: datetime, keep: int) -> Path:
    """Copy a SQLite file beside itself in one piece, readable by its owner only.

    Keeps the newest `keep` copies, and always the one just made. One `backup` call over all
    pages: page-wise copying never finishes while others write.
    """
    target = path.with_name(f"{path.stem}.before-{now:%Y%m%dT%H%M%SZ}{path.suffix}")
    target.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy, pages=-1)
    for old in sorted(path.parent.glob(f"{path.stem}.before-*{path.suffix}"))[: -max(keep, 1)]:
        old.unlink()
    return target
