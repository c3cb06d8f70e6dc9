"""What the tests of the rules share."""

from datetime import datetime
from pathlib import Path

import pytest

from storage.engine import Database
from storage.sealed import NoteKey
from tests.curriculum.centre import found
from tests.curriculum.outbox import Outbox
from tests.curriculum.story_desk import Desk


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """The database's outbox, without a channel."""
    return Outbox(database)


@pytest.fixture
def desk(database: Database, tmp_path: Path, start: datetime, note_key: NoteKey) -> Desk:
    """A centre where stories can be told."""
    return Desk(database, database.write_now(found, tmp_path, now=start), note_key)
