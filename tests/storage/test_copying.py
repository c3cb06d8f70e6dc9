"""A filled database moved to another one, either way, and compared row by row."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select

from storage import copying, schema
from storage.copying import CopyDiffers, TableCopied, TargetNotEmpty
from storage.engine import Database
from storage.people import Person, Unit
from storage.tables import METADATA
from tests.conftest import START
from tests.county import build, write_pack
from tests.storage.test_migrations import ROWS_AT


@pytest.fixture
def target(request: pytest.FixtureRequest, database: Database) -> Database:
    """An empty database of the other kind."""
    other = "postgresql" if database.is_sqlite else "sqlite"
    found: Database = request.getfixturevalue(f"{other}_database")
    return found


def fill(database: Database, folder: Path) -> None:
    """A county with lessons, people and records, and rows of every migration beside it."""
    database.write_now(build, write_pack(folder), now=START)
    with database.engine.begin() as connection:
        for statement in MORE:
            connection.execute(text(statement))


# What a county as it is built does not have yet: the append-only tables, files, documents.
MORE = (
    *(s for s in ROWS_AT["0002"] if "inbox_update" in s),
    *(s for s in ROWS_AT["0003"] if "learning_record" in s),
    *ROWS_AT["0004"],
    *(s for s in ROWS_AT["0005"] if "learning_record" in s),
)


def moved(source: Database, target: Database) -> list[TableCopied]:
    """Everything, in one transaction on each side."""
    return source.write_now(
        lambda here: target.write_now(
            lambda there: copying.copy(here, there, on_rows=lambda _table, _rows: None)
        )
    )


def counts(database: Database) -> dict[str, int]:
    with database.engine.connect() as connection:
        return {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()  # noqa: S608
            for name in METADATA.tables
        }


def test_a_filled_database_arrives_whole_on_the_other_kind(
    database: Database, target: Database, tmp_path: Path
) -> None:
    """Every table has the same rows and the same digest on SQLite and PostgreSQL."""
    fill(database, tmp_path / "pack")
    copied = moved(database, target)
    assert {one.name for one in copied} == set(METADATA.tables)
    assert all(one.is_same and one.cleaned == 0 for one in copied)
    assert counts(target) == counts(database)
    assert sum(one.rows for one in copied) > len(MORE)
    people = [
        db.read_now(lambda s: s.exec(select(Person).order_by(Person.id)).all())
        for db in (database, target)
    ]
    assert [p.model_dump() for p in people[0]] == [p.model_dump() for p in people[1]]


def test_there_and_back_again_is_the_same_database(
    database: Database, target: Database, tmp_path: Path
) -> None:
    """A copy of the copy has the digests of the first."""
    fill(database, tmp_path / "pack")
    there = moved(database, target)
    with closing(Database(f"sqlite:///{tmp_path / 'third' / 'wuxue.sqlite'}")) as third:
        schema.upgrade(third.engine)
        back = moved(target, third)
    assert [(one.name, one.digest_there) for one in there] == [
        (one.name, one.digest_there) for one in back
    ]


def test_the_ledger_still_only_grows_where_it_arrives(
    database: Database, target: Database, tmp_path: Path
) -> None:
    """Copying neither opens the append-only tables nor leaves a reference unchecked."""
    fill(database, tmp_path / "pack")
    moved(database, target)
    for change in (
        "DELETE FROM learning_record",
        "UPDATE audit_entry SET id = id + 100",
        "UPDATE unit SET parent_id = 999999",
    ):
        with (
            pytest.raises(DBAPIError, match=r"append-only|(?i:foreign key)"),
            target.engine.begin() as connection,
        ):
            connection.execute(text(change))


def test_new_rows_are_numbered_after_the_copied_ones(
    database: Database, target: Database, tmp_path: Path
) -> None:
    """The next person and the next unit get the numbers behind the highest."""
    fill(database, tmp_path / "pack")
    moved(database, target)
    highest = max(
        p.id or 0
        for p in target.read_now(lambda s: s.exec(select(Person).order_by(Person.id)).all())
    )

    def add(session: Any) -> int:
        person = Person(
            name="新人", language="zh", content_language="zh", status="active", created_at=START
        )
        session.add(person)
        session.flush()
        return person.id or 0

    assert target.write_now(add) == highest + 1


def test_a_unit_may_stand_under_a_newer_one(database: Database, target: Database) -> None:
    """References within a table are checked when all of it is there."""

    def add(session: Any) -> None:
        session.add(Unit(id=2, path="/2/", level="prefecture", name_zh="上"))
        session.flush()
        session.add(Unit(id=1, path="/2/1/", level="station", name_zh="下", parent_id=2))

    database.write_now(add)
    assert all(one.is_same for one in moved(database, target))


def test_a_target_that_holds_something_is_left_alone(
    database: Database, target: Database, tmp_path: Path
) -> None:
    """Nothing is mixed into what is there."""
    fill(database, tmp_path / "pack")
    with target.engine.begin() as connection:
        connection.execute(text(ROWS_AT["0001"][0]))
    before = counts(target)
    with pytest.raises(TargetNotEmpty) as refused:
        moved(database, target)
    assert refused.value.table == "unit"
    assert counts(target) == before


DAMAGE = {
    "sqlite": (
        "CREATE TRIGGER damage AFTER INSERT ON person BEGIN"
        " UPDATE person SET name = name || '?' WHERE id = NEW.id AND id = {}; END",
    ),
    "postgresql": (
        "CREATE FUNCTION damage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id = {} THEN NEW.name := NEW.name || '?'; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER damage BEFORE INSERT ON person FOR EACH ROW EXECUTE FUNCTION damage()",
    ),
}
LOSS = {
    "sqlite": (
        "CREATE TRIGGER loss BEFORE INSERT ON code_try WHEN NEW.id = {} BEGIN"
        " SELECT RAISE(IGNORE); END",
    ),
    "postgresql": (
        "CREATE FUNCTION loss() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " IF NEW.id = {} THEN RETURN NULL; END IF; RETURN NEW; END $$",
        "CREATE TRIGGER loss BEFORE INSERT ON code_try FOR EACH ROW EXECUTE FUNCTION loss()",
    ),
}


@pytest.mark.parametrize(("harm", "table"), [(DAMAGE, "person"), (LOSS, "code_try")])
def test_one_damaged_or_lost_row_is_caught_and_nothing_stays(
    database: Database,
    target: Database,
    tmp_path: Path,
    harm: dict[str, tuple[str, ...]],
    table: str,
) -> None:
    """A single letter or row that differs is named by its table, and the target is empty again."""
    fill(database, tmp_path / "pack")
    with target.engine.begin() as connection:
        for statement in harm["sqlite" if target.is_sqlite else "postgresql"]:
            connection.exec_driver_sql(statement.format(1))
    with pytest.raises(CopyDiffers) as differs:
        moved(database, target)
    assert [one.name for one in differs.value.copied if not one.is_same] == [table]
    assert set(counts(target).values()) == {0}


def test_what_postgresql_cannot_store_is_taken_out_and_counted(
    sqlite_database: Database, postgresql_database: Database
) -> None:
    """A NUL byte in a text or a document, half a character in a document: gone, and reported."""
    with sqlite_database.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO person (id, name, language, content_language, status, created_at)"
            " VALUES (1, '卓' || char(0) || '玛', 'zh', 'zh', 'active', ?)",
            ("2026-11-24 06:00:00.000000",),
        )
        connection.exec_driver_sql(
            "INSERT INTO audit_entry (id, at, action, object_kind, facts)"
            " VALUES (1, ?, 'enrol', 'invite', ?)",
            ("2026-11-24 06:00:00.000000", r'{"a\u0000": ["\ud83d", "\ud83d\ude00", 2.0]}'),
        )
    copied = {one.name: one for one in moved(sqlite_database, postgresql_database)}
    assert (copied["person"].cleaned, copied["audit_entry"].cleaned) == (1, 1)
    with postgresql_database.engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM person")).scalar_one() == "卓玛"
        facts = connection.execute(text("SELECT facts FROM audit_entry")).scalar_one()
    assert facts == {"a": ["", "😀", 2.0]}


def test_no_document_and_the_document_null_stay_apart(database: Database, target: Database) -> None:
    """NULL arrives as NULL, the JSON text null as itself."""
    insert = (
        "INSERT INTO lesson_pack (id, code, title, version, imported_at, modules)"
        " VALUES ({0}, 'p{0}', '课', '1', '2026-11-24 06:00:00+00:00', {1})"
    )
    with database.engine.begin() as connection:
        for number, document in ((1, "NULL"), (2, "'null'")):
            connection.exec_driver_sql(insert.format(number, document))
    assert all(one.is_same for one in moved(database, target))
    with target.engine.connect() as connection:
        written = connection.execute(
            text("SELECT CAST(modules AS VARCHAR) FROM lesson_pack ORDER BY id")
        )
        assert list(written.scalars()) == [None, "null"]


DOCUMENTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_characters="\x00")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


WILD = st.tuples(
    st.dictionaries(st.text(max_size=5), DOCUMENTS),
    st.text(),
    st.datetimes(
        min_value=START.replace(year=1900, tzinfo=None),
        max_value=START.replace(year=9000, tzinfo=None),
        timezones=st.just(UTC),
    ),
)


# A copy looks through every table, so four rows go with each.
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=st.lists(WILD, min_size=4, max_size=4))
def test_wild_values_have_the_same_digest_on_both_databases(
    sqlite_database: Database,
    postgresql_database: Database,
    rows: list[tuple[dict[str, Any], str, datetime]],
) -> None:
    """Any text, moment and document that SQLite holds arrives, cleaned where it must be."""
    person, audit = METADATA.tables["person"], METADATA.tables["audit_entry"]
    source, target = sqlite_database.engine.connect(), postgresql_database.engine.connect()
    with source, target, source.begin() as one, target.begin() as other:
        for number, (facts, name, when) in enumerate(rows, start=1):
            source.execute(
                insert(person).values(
                    id=number,
                    name=name.encode("utf-8", "replace").decode(),
                    language="zh",
                    content_language="zh",
                    status="active",
                    created_at=when,
                )
            )
            source.execute(
                insert(audit).values(id=number, at=when, action="a", object_kind="b", facts=facts)
            )
        with Session(source) as here, Session(target) as there:
            copied = copying.copy(here, there, on_rows=lambda _t, _n: None)
            assert all(table.is_same for table in copied)
        if one.is_active:
            one.rollback()
        if other.is_active:
            other.rollback()
