"""What the tests of the rules share."""

import pytest

from storage.engine import Database
from tests.curriculum.outbox import Outbox


@pytest.fixture
def outbox(database: Database) -> Outbox:
    """The database's outbox, without a channel."""
    return Outbox(database)
