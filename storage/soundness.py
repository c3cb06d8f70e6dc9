"""Whether a database is whole: SQLite checks its own file, PostgreSQL says what it is."""

from dataclasses import dataclass

from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Soundness:
    """The server or library with its version, and what is broken ("" when nothing is)."""

    version: str
    broken: str


def check(engine: Engine) -> Soundness:
    """Read the whole file on SQLite. Raises sqlalchemy.exc.DatabaseError where nothing opens."""
    with engine.connect() as connection:
        if engine.dialect.name != "sqlite":
            version = connection.exec_driver_sql("SHOW server_version").scalar_one()
            return Soundness(f"PostgreSQL {version}", "")
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar_one()
        found = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one())
        return Soundness(f"SQLite {version}", "" if found == "ok" else found)
