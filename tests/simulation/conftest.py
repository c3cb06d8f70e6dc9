"""A database per seed, which seeds to run, and how long."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from storage.engine import Database


@pytest.fixture
def open_database(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[int], Database]]:
    """Opens a SQLite file of its own for each seed; no power is cut here, so nothing is flushed."""
    opened: list[Database] = []

    def open_one(seed: int) -> Database:
        folder = tmp_path / str(seed)
        folder.mkdir()
        shutil.copy(sqlite_template, folder / "wuxue.sqlite")
        database = Database(f"sqlite:///{folder / 'wuxue.sqlite'}")
        event.listen(database.engine, "connect", _without_flushing)
        opened.append(database)
        return database

    yield open_one
    for database in opened:
        database.close()


def _without_flushing(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
