"""A person's copy as files: every section and column has its words, nothing in it is run."""

import json
from datetime import UTC, date, datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from bot.render import LANGUAGES
from bot.reports.personal_data import as_json, as_workbook, copy_words
from curriculum.personal_data import Section

MADE_AT = datetime(2026, 11, 24, 22, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
ASKED = datetime(2026, 11, 24, 2, 5, tzinfo=UTC)
SECTIONS = (
    Section(
        "questions",
        (
            {"asked_at": ASKED, "text": "=1+1 怎么开口", "anonymous": True, "state": "new"},
            {"asked_at": ASKED, "text": "active", "anonymous": False, "state": "answered"},
        ),
    ),
    Section("absences", ({"since": date(2026, 11, 25), "until": None},)),
    Section("votes", ()),
)


def test_both_languages_word_the_same_and_a_sheet_can_bear_each_name() -> None:
    """At most 31 characters, none that a sheet's name forbids, no two alike."""
    zh, en = copy_words("zh"), copy_words("en")
    assert {group: set(words) for group, words in zh.items()} == {
        group: set(words) for group, words in en.items()
    }
    for words in (zh, en):
        names = [*words["sections"].values(), words["notes"]["sheet"]]
        assert len({name.lower() for name in names}) == len(names)
        assert not [name for name in names if len(name) > 31 or set(name) & set("[]:*?/\\'")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_says_what_there_is_and_shows_each_row(language: str) -> None:
    """An overview with counts, a sheet for what has rows, local time, codes in words."""
    words = copy_words(language)
    book = load_workbook(BytesIO(as_workbook(SECTIONS, language=language, made_at=MADE_AT)))
    names = [words["notes"]["sheet"], words["sections"]["questions"], words["sections"]["absences"]]
    assert book.sheetnames == names
    overview = [[cell.value for cell in row] for row in book[names[0]].iter_rows(max_row=4)]
    assert overview[1:] == [[words["sections"][s.name], len(s.rows)] for s in SECTIONS]
    head, first, second = ([cell.value for cell in row] for row in book[names[1]].iter_rows())
    assert head == [words["columns"][key] for key in SECTIONS[0].rows[0]]
    codes = words["codes"]
    assert first == ["2026-11-24 10:05", "=1+1 怎么开口", codes["yes"], codes["new"]]
    # What she wrote is never taken for a code.
    assert second[1] == "active"
    assert book[names[1]]["B2"].data_type == "s"


def test_machines_get_every_section_with_its_values() -> None:
    """Plain JSON in UTF-8, moments with their zone, empty sections too."""
    read = json.loads(as_json(SECTIONS, made_at=MADE_AT))
    assert read["made_at"] == "2026-11-24T22:00:00+08:00"
    assert list(read["sections"]) == ["questions", "absences", "votes"]
    assert read["sections"]["questions"][0] == {
        "asked_at": "2026-11-24T02:05:00+00:00",
        "text": "=1+1 怎么开口",
        "anonymous": True,
        "state": "new",
    }
    assert read["sections"]["absences"] == [{"since": "2026-11-25", "until": None}]
