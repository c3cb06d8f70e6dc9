"""Every sealed column there is, and its texts sealed anew with another key, batch by batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Table, bindparam, func, select, update
from sqlmodel import Session

from storage.sealed import KEY_ID_BYTES, NoteKey, WrongKey
from storage.tables import METADATA

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed text; `place` is what each is bound to, by columns of its row."""

    table: str
    column: str
    place: str


# What was sealed in each place says so itself: a wrong one here opens nothing.
SEALED = (
    SealedColumn("inbox_update", "payload", "inbox:{bot}:{update_id}"),
    SealedColumn("draft", "answers", "draft:{bot}:{chat_id}:{form}"),
    *(
        SealedColumn(table, "sealed", f"{table}:{{id}}")
        for table in (
            "story",
            "story_review",
            "story_rating",
            "supervision_note",
            "supervision_agenda",
            "supervision_record",
            "supervision_record_person",
            "supervision_addition",
            "supervision_action",
        )
    ),
)
# Bytes that are no text of anybody's: pictures and voices of lessons, rows of numbers.
NOT_SEALED = frozenset(
    {("media", "content"), ("lesson_vector", "vector"), ("question_vector", "vector")}
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a batch: how many went well, the ids of those that no key at hand opens.

    `last_id` is where the next one begins; None where there is nothing more.
    """

    done: int
    not_opened: tuple[int, ...]
    last_id: int | None


def columns_of_bytes() -> set[tuple[str, str]]:
    """(table, column) of every column that could hold something sealed."""
    return {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }


def count(session: Session, key: NoteKey | None = None) -> dict[SealedColumn, int]:
    """How many texts each column holds: all of them, or those that one key sealed."""
    found = {}
    for sealed in SEALED:
        table, column = _of(sealed)
        is_meant = column.is_not(None) if key is None else _under([key], column)
        query = select(func.count()).select_from(table).where(is_meant)
        found[sealed] = int(session.connection().execute(query).scalar_one())
    return found


def count_of_others(session: Session, keys: Sequence[NoteKey]) -> int:
    """How many texts none of these keys sealed."""
    total = 0
    for sealed in SEALED:
        table, column = _of(sealed)
        is_strange = column.is_not(None) & ~_under(keys, column)
        query = select(func.count()).select_from(table).where(is_strange)
        total += int(session.connection().execute(query).scalar_one())
    return total


def reseal(session: Session, sealed: SealedColumn, key: NoteKey, *, after: int) -> Batch:
    """Seal the next texts of a column with `key` that one of its former keys sealed.

    `after` is the id at which the batch before ended. A row is held until the transaction ends.
    """
    table, column = _of(sealed)
    rows = _next(session, sealed, _under(key.former, column), after=after, lock=True)
    changed, not_opened = [], []
    for row in rows:
        place = sealed.place.format_map(row)
        try:
            text = key.open(row[sealed.column], about=place)
        except WrongKey:
            not_opened.append(row["id"])
            continue
        changed.append({"row_id": row["id"], "anew": key.seal(text, about=place)})
    if changed:
        statement = (
            update(table)
            .where(table.c.id == bindparam("row_id"))
            .values({sealed.column: bindparam("anew")})
        )
        session.connection().execute(statement, changed)
    return _batch(rows, len(changed), not_opened)


def prove(session: Session, sealed: SealedColumn, key: NoteKey, *, after: int) -> Batch:
    """Open the next texts of a column; `key` is to have no former ones, so that it alone tells."""
    _, column = _of(sealed)
    rows = _next(session, sealed, column.is_not(None), after=after, lock=False)
    not_opened = []
    for row in rows:
        try:
            key.open(row[sealed.column], about=sealed.place.format_map(row))
        except WrongKey:
            not_opened.append(row["id"])
    return _batch(rows, len(rows) - len(not_opened), not_opened)


def _of(sealed: SealedColumn) -> tuple[Table, ColumnElement[Any]]:
    table = METADATA.tables[sealed.table]
    return table, table.c[sealed.column]


def _under(keys: Sequence[NoteKey], column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Those sealed with one of these keys, by the name of the key at the head of each."""
    head = func.substr(column, 1, KEY_ID_BYTES, type_=LargeBinary())
    return head.in_([key.key_id for key in keys])


def _next(
    session: Session,
    sealed: SealedColumn,
    is_meant: ColumnElement[bool],
    *,
    after: int,
    lock: bool,
) -> list[dict[str, Any]]:
    table, _ = _of(sealed)
    query = select(table).where(table.c.id > after, is_meant).order_by(table.c.id).limit(BATCH)
    rows = session.connection().execute(query.with_for_update() if lock else query)
    return [dict(row) for row in rows.mappings()]


def _batch(rows: Sequence[dict[str, Any]], done: int, not_opened: Sequence[int]) -> Batch:
    return Batch(done, tuple(not_opened), rows[-1]["id"] if len(rows) == BATCH else None)
