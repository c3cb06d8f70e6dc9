"""Moving everything to another database in one transaction, compared afterwards row by row."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlmodel import Session

from storage.plain_rows import Digest, batch_size, bound, cleaned, read, target_of
from storage.tables import METADATA


class TargetNotEmpty(Exception):
    """Something is stored in the target already, so nothing was copied; `table` says where."""

    def __init__(self, table: str) -> None:
        super().__init__(table)
        self.table = table


class CopyDiffers(Exception):
    """What was read back is not what was written; the target must be rolled back."""

    def __init__(self, copied: "Sequence[TableCopied]") -> None:
        super().__init__(", ".join(one.name for one in copied if not one.is_same))
        self.copied = copied


@dataclass(frozen=True, slots=True)
class TableCopied:
    """A table on both sides: its rows and a digest over them in the order of the primary key.

    `cleaned` counts the values from which a NUL byte or half a character was taken out; the
    digests are of what was left.
    """

    name: str
    rows: int
    rows_there: int
    digest: str
    digest_there: str
    cleaned: int

    @property
    def is_same(self) -> bool:
        """Whether the table arrived whole."""
        return (self.rows, self.digest) == (self.rows_there, self.digest_there)


def others_connected(source: Session) -> int:
    """How many other connections of the same user a PostgreSQL source has; 0 on SQLite."""
    connection = source.connection()
    if connection.dialect.name != "postgresql":
        return 0
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = current_user AND backend_type = 'client backend'"
        " AND pid <> pg_backend_pid()"
    )
    return int(connection.execute(query).scalar_one())


def hold_still(source: Session) -> None:
    """Let nobody else write to the source until this transaction, just begun, ends.

    On SQLite a write transaction does that by itself. Raises OperationalError when somebody has
    been writing to a PostgreSQL source for five seconds.
    """
    connection = source.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
        # Before the first query, whose snapshot then holds what was written until now.
        connection.execute(text(f"LOCK TABLE {names} IN SHARE MODE"))


def count_rows(source: Session) -> int:
    """How many rows there are to copy."""
    return sum(_count(table, source.connection()) for table in METADATA.sorted_tables)


def _count(table: Table, connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def copy(
    source: Session, target: Session, *, on_rows: Callable[[str, int], None]
) -> list[TableCopied]:
    """Copy every table into an empty target of the same schema, then read it back and compare.

    Memory does not grow with the rows. `on_rows` is called with a table's name and how many of
    its rows were just written, and again as many times while they are read back. Raises
    TargetNotEmpty, and CopyDiffers when a table did not arrive whole; the transactions of both
    sessions are the caller's to end.
    """
    here, there = source.connection(), target.connection()
    for table in METADATA.sorted_tables:
        if _count(table, there):
            raise TargetNotEmpty(table.name)
    with _references_checked_at_the_end(there):
        sent = [_send(table, here, there, on_rows) for table in METADATA.sorted_tables]
    copied = []
    for table, (digest, count) in zip(METADATA.sorted_tables, sent, strict=True):
        back = _read_back(table, there, on_rows)
        copied.append(
            TableCopied(table.name, digest.rows, back.rows, digest.hex(), back.hex(), count)
        )
    if not all(one.is_same for one in copied):
        raise CopyDiffers(copied)
    if there.dialect.name == "postgresql":
        _go_on_numbering(there)
    return copied


def _send(
    table: Table, here: Connection, there: Connection, on_rows: Callable[[str, int], None]
) -> tuple[Digest, int]:
    """Copy one table in batches; returns its digest and how many values were cleaned."""
    digest, changed = Digest(), 0
    statement, batch = insert(target_of(table)), []
    size = batch_size(table)
    for raw in read(table, here):
        row, count = cleaned(table, raw)
        changed += count
        digest.add(row)
        batch.append(bound(table, row))
        if len(batch) == size:
            there.execute(statement, batch)
            on_rows(table.name, len(batch))
            batch = []
    if batch:
        there.execute(statement, batch)
        on_rows(table.name, len(batch))
    return digest, changed


def _read_back(table: Table, there: Connection, on_rows: Callable[[str, int], None]) -> Digest:
    digest, size = Digest(), batch_size(table)
    for row in read(table, there):
        digest.add(row)
        if digest.rows % size == 0:
            on_rows(table.name, size)
    on_rows(table.name, digest.rows % size)
    return digest


@contextmanager
def _references_checked_at_the_end(there: Connection) -> Iterator[None]:
    """A row may refer to a later one of its own table, a unit to a newer one above it."""
    if there.dialect.name == "sqlite":
        # Holds until the end of this transaction, which fails when a reference leads nowhere.
        there.execute(text("PRAGMA defer_foreign_keys = ON"))
        yield
        return
    own = [tuple(row) for row in there.execute(text(_OWN_REFERENCES))]
    for table, constraint in own:
        there.execute(text(_ALTER.format(table, constraint, "DEFERRABLE INITIALLY DEFERRED")))
    yield
    there.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for table, constraint in own:
        there.execute(text(_ALTER.format(table, constraint, "NOT DEFERRABLE")))


# Foreign keys from a table of this schema to itself.
_OWN_REFERENCES = (
    "SELECT relname, conname FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid"
    " WHERE contype = 'f' AND conrelid = confrelid"
    " AND relnamespace = current_schema()::regnamespace"
)
_ALTER = 'ALTER TABLE "{}" ALTER CONSTRAINT "{}" {}'


def _go_on_numbering(there: Connection) -> None:
    """Let every table's next row follow the highest number it was given."""
    for table in METADATA.sorted_tables:
        key = table.autoincrement_column
        if key is None:
            continue
        names = {"table": f'"{table.name}"', "column": key.name}
        sequence = there.execute(
            text("SELECT pg_get_serial_sequence(:table, :column)"), names
        ).scalar_one()
        highest = there.execute(select(func.max(key))).scalar_one()
        if sequence is not None and highest is not None:
            there.execute(
                text("SELECT setval(CAST(:name AS regclass), :highest)"),
                {"name": sequence, "highest": highest},
            )
