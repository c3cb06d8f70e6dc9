"""Statements compiled once for all databases of a test run, as one database's are in the bot.

Every test opens a database of its own, and SQLAlchemy compiles anew for each: that was a third of
what the tests of the rules cost.
"""

from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

ENOUGH = 2000


def _same_kind(mine: object, other: object) -> bool:
    return type(mine) is type(other)


def _hash_of_kind(mine: object) -> int:
    return hash(type(mine))


def share(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone, new databases of one kind share what is compiled for them.

    A run has one PostgreSQL server and one SQLite, so their dialects differ in nothing; they are
    part of the cache's key and have to count as equal.
    """
    for dialect in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        patch.setattr(dialect, "__eq__", _same_kind)
        patch.setattr(dialect, "__hash__", _hash_of_kind)
    cache: LRUCache[Any, Any] = LRUCache(ENOUGH)

    def with_shared_cache(url: str, **wishes: Any) -> Engine:
        return create_engine(url, execution_options={"compiled_cache": cache}, **wishes)

    patch.setattr("storage.engine.create_engine", with_shared_cache)
