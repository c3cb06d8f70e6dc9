"""A PostgreSQL server for a test run, and one database of it that is emptied after each test.

Creating a database from a template took 0.18 s beside another worker and left 1,400 files to be
deleted at the end (28 s); deleting the few rows that a test wrote takes 3 ms.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from storage import schema
from storage.engine import Database

TEMPLATE = "wuxue_template"
# A session of an earlier test that still holds a row would otherwise hold up all that follow.
PATIENCE = "2s"

# What the migrations themselves store, so that it can be put back.
KEEP = """
DO $$ DECLARE found record; has_rows bool;
BEGIN
  CREATE SCHEMA kept;
  CREATE TABLE kept.sequence_values AS
    SELECT schemaname, sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
  FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM public.%I)', found.tablename) INTO has_rows;
    IF has_rows THEN
      EXECUTE format('CREATE TABLE kept.%1$I AS TABLE public.%1$I', found.tablename);
    END IF;
  END LOOP;
END $$
"""

# Nobody else may still write, and no trigger or foreign key gets in the way.
ALONE = """
SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
REWIND = """
SELECT setval(format('%I.%I', now.schemaname, now.sequencename)::regclass,
              coalesce(kept.last_value, now.start_value), kept.last_value IS NOT NULL)
FROM pg_sequences now JOIN kept.sequence_values kept USING (schemaname, sequencename)
WHERE now.last_value IS DISTINCT FROM kept.last_value
"""

# Every change of the schema, down to a switched-off trigger, writes a row of one of these.
_CATALOGS = (
    "pg_attribute",
    "pg_class",
    "pg_constraint",
    "pg_index",
    "pg_proc",
    "pg_trigger",
    "pg_type",
)
SHAPE = " UNION ALL ".join(
    f"SELECT count(*), max(xmin::text::bigint) FROM {catalog}"  # noqa: S608
    for catalog in _CATALOGS
)


def named(url: str, name: str) -> str:
    """The server's URL with another database's name."""
    head, _, tail = url.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}?{tail}"


def name_of(url: str) -> str:
    """The name of a URL's database."""
    return url.partition("?")[0].rsplit("/", 1)[1]


class Server:
    """One server: new databases, and one that serves test after test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._numbers = count(1)
        self._reused: _Reused | None = None
        self._settle_down()
        template = Database(self.create(TEMPLATE, template="template0"))
        schema.upgrade(template.engine)
        with template.engine.begin() as connection:
            connection.execute(text(KEEP))
        template.close()

    def create(self, name: str = "", *, template: str = TEMPLATE) -> str:
        """The URL of a new database, by default at the newest schema."""
        name = name or f"wuxue_{next(self._numbers)}"
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return named(self.url, name)

    def drop(self, url: str) -> None:
        """Delete a database, whoever still holds it."""
        self._run(f'DROP DATABASE "{name_of(url)}" WITH (FORCE)')

    @contextmanager
    def lent(self) -> Iterator[str]:
        """The URL of a database as after the migrations, for one test at a time."""
        reused = self._reused or _Reused(self.create())
        self._reused = None
        yield reused.url
        if reused.is_empty_again():
            self._reused = reused
        else:
            reused.close()

    def close(self) -> None:
        """Let go of the database that serves test after test."""
        if self._reused is not None:
            self._reused.close()

    def _settle_down(self) -> None:
        """What tests write may be lost in a power cut; flushing a hundred databases took 40 s.

        Rows are not counted behind a test's back either: a plan that changed in between gave the
        same rows in another order.
        """
        switched_off = ("fsync", "full_page_writes", "autovacuum")
        self._run(*(f"ALTER SYSTEM SET {name} = off" for name in switched_off))
        self._run("SELECT pg_reload_conf()")

    def _run(self, *statements: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


class _Reused:
    """A database, and what it takes to bring it back to where the migrations left it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        self._connection.execute(text("SET session_replication_role = replica"))
        self._connection.execute(text(f"SET lock_timeout = '{PATIENCE}'"))
        self._shape = _shape(self._connection)
        self._empty = text(_emptying(self._connection))

    def is_empty_again(self) -> bool:
        """Empty it; False where the test changed more than rows, or broke the server."""
        try:
            self._connection.execute(text(ALONE))
            if _shape(self._connection) != self._shape:
                return False
            self._connection.execute(self._empty)
            self._connection.execute(text(REWIND))
        except DBAPIError:
            return False
        return True

    def close(self) -> None:
        """End its connection."""
        self._connection.close()
        self._engine.dispose()


def _shape(connection: Connection) -> list[tuple[int, int]]:
    return [(rows, newest) for rows, newest in connection.execute(text(SHAPE))]


def _emptying(connection: Connection) -> str:
    """One statement that deletes what is there and puts back what the migrations stored."""
    of_schema = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
    kept = set(connection.scalars(of_schema, {"schema": "kept"}))
    steps = []
    for table in connection.scalars(of_schema, {"schema": "public"}):
        steps.append(f'IF EXISTS (SELECT 1 FROM "{table}") THEN DELETE FROM "{table}"; END IF;')  # noqa: S608
        if table in kept:
            steps.append(f'INSERT INTO "{table}" OVERRIDING SYSTEM VALUE TABLE kept."{table}";')
    for table in connection.scalars(of_schema, {"schema": "wuxue_jobs"}):
        steps.append(f'DELETE FROM wuxue_jobs."{table}";')  # noqa: S608
    return f"DO $$ BEGIN {' '.join(steps)} END $$"
