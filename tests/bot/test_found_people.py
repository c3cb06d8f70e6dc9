"""Looking somebody up in a form."""

from typing import Any

import pytest

from bot.handlers import found_people
from curriculum.errors import NotThere

FOUND: dict[str, Any] = {"words": {"people": [[3, "卓玛"], [4, "德吉"]]}}


def test_only_somebody_who_was_found_is_chosen() -> None:
    """A number can be typed where names are offered; it means nobody who was not offered."""
    assert found_people.chosen(FOUND | {"who": "4"}) == (4, "德吉")
    with pytest.raises(NotThere):
        found_people.chosen(FOUND | {"who": "5"})
