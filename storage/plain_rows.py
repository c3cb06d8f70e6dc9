"""Rows as plain values that are the same on SQLite and PostgreSQL, and a digest over them."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Float,
    LargeBinary,
    Select,
    String,
    Table,
    cast,
    column,
    select,
    type_coerce,
)
from sqlalchemy import table as named_table
from sqlalchemy.sql.expression import ColumnElement, TableClause
from sqlalchemy.types import NullType

BATCH_ROWS = 1_000
# Pictures and voices: a batch of them stays within a few megabytes.
BATCH_FILES = 20
# PostgreSQL takes neither in a text: a NUL byte, half a character.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
Row = tuple[Any, ...]


class Digest:
    """Counts rows and runs a digest over them, in the order in which they are added."""

    def __init__(self) -> None:
        self.rows = 0
        self._hash = blake2b(digest_size=16)

    def add(self, row: Row) -> None:
        """One row of plain values."""
        self.rows += 1
        self._hash.update(repr(row).encode() + b"\n")

    def hex(self) -> str:
        """The digest so far, 32 hex digits."""
        return self._hash.hexdigest()


def batch_size(table: Table) -> int:
    """How many rows of a table may lie in memory at once."""
    holds_files = any(isinstance(one.type, LargeBinary) for one in table.columns)
    return BATCH_FILES if holds_files else BATCH_ROWS


def read(table: Table, connection: Connection) -> Iterator[Row]:
    """Every row in the order of the primary key, as plain values, without loading the table.

    Plain: None, bool, int, float, str, bytes, date, time and aware UTC datetimes; a JSON document
    as its text with sorted keys, so that NULL and the document `null` stay apart.
    """
    found = connection.execute(
        _query(table, connection), execution_options={"yield_per": batch_size(table)}
    )
    columns = list(table.columns)
    for values in found:
        yield tuple(_plain(one, value) for one, value in zip(columns, values, strict=True))


def _query(table: Table, connection: Connection) -> Select[Any]:
    order: list[ColumnElement[Any]] = []
    for key in table.primary_key.columns:
        by_bytes = isinstance(key.type, String) and connection.dialect.name == "postgresql"
        # Its locale would sort texts otherwise than SQLite does.
        order.append(key.collate("C") if by_bytes else key)
    return select(*(_read_as(one) for one in table.columns)).order_by(*order)


def _read_as(one: Column[Any]) -> ColumnElement[Any]:
    if isinstance(one.type, JSON):
        return cast(one, String)
    if isinstance(one.type, LargeBinary):
        # SQLite may hold a text there, which the type would not read.
        return type_coerce(one, NullType())
    return one


def _plain(one: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(one.type, JSON):
        return _document(json.loads(value))
    if isinstance(one.type, LargeBinary):
        return value.encode() if isinstance(value, str) else bytes(value)
    if isinstance(one.type, Float):
        return float(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    return value


def _document(value: Any) -> str:
    """A JSON document's text with sorted keys and 2 for 2.0, as jsonb may give it back."""
    return json.dumps(_whole(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {key: _whole(one) for key, one in value.items()}
    return value


def cleaned(table: Table, row: Row) -> tuple[Row, int]:
    """The row without what PostgreSQL cannot store, and how many of its values that changed."""
    values, count = [], 0
    for one, value in zip(table.columns, row, strict=True):
        clean = value
        if isinstance(value, str):
            clean = _clean_document(value) if isinstance(one.type, JSON) else _clean(value)
        count += clean != value
        values.append(clean)
    return tuple(values), count


def _clean(value: str) -> str:
    return _UNSTORABLE.sub("", value)


def _clean_document(value: str) -> str:
    if "\\u0000" not in value and not _UNSTORABLE.search(value):
        return value
    return _document(_clean_inside(json.loads(value)))


def _clean_inside(value: Any) -> Any:
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, list):
        return [_clean_inside(one) for one in value]
    if isinstance(value, dict):
        return {_clean(key): _clean_inside(one) for key, one in value.items()}
    return value


def target_of(table: Table) -> TableClause:
    """The table as rows from `bound` are inserted into it: None is NULL, also for documents."""
    return named_table(
        table.name,
        *(
            column(one.name, JSON(none_as_null=True) if isinstance(one.type, JSON) else one.type)
            for one in table.columns
        ),
    )


def bound(table: Table, row: Row) -> dict[str, Any]:
    """A plain row as the parameters of an insert into `target_of(table)`."""
    return {
        one.name: _document_to_bind(value) if isinstance(one.type, JSON) else value
        for one, value in zip(table.columns, row, strict=True)
    }


def _document_to_bind(value: str | None) -> Any:
    if value is None:
        return None
    return JSON.NULL if value == "null" else json.loads(value)
