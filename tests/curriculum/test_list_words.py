"""Words find the same lines in every list, and a page that is not there is the last."""

from datetime import date

import pytest

from curriculum.errors import SearchTooLong
from curriculum.list_words import day_texts, sought

ROWS = [("卓玛", date(2026, 11, day)) for day in range(1, 14)] + [("扎西 Tashi", date(2026, 12, 5))]


def _names(words: str, *, page: int = 0) -> tuple[list[str], int, int, int]:
    found = sought(ROWS, words, lambda row: (row[0], *day_texts(row[1])), page=page)
    return [name for name, _ in found.lines], found.page, found.pages, found.count


def test_every_word_has_to_stand_in_a_line() -> None:
    """In whatever width and case; a date as it is typed; nothing typed finds all."""
    assert _names("") == (["卓玛"] * 6, 0, 3, 14)
    assert _names("", page=9) == (["卓玛", "扎西 Tashi"], 2, 3, 14)
    for words in ("扎西", "ＴＡＳＨＩ", "扎西 tashi", "12月5日", "12-5", "2026-12-05 扎西"):
        assert _names(words) == (["扎西 Tashi"], 0, 1, 1), words
    assert _names("卓玛 扎西") == ([], 0, 1, 0)
    with pytest.raises(SearchTooLong):
        _names("长" * 61)
