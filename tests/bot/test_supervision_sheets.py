"""The sheet of supervision pairs: filled in, checked whole, imported, taken back."""

import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.render import LANGUAGES
from bot.supervision_sheets import blank_sheet, read_sheet, word_problem, words
from curriculum import supervision_sheet as rules
from curriculum.errors import ChangedMeanwhile, NotThere
from curriculum.supervision_errors import SupervisionUndoTooLate
from curriculum.supervision_sheet import COLUMNS, Plan, SheetRow
from storage.engine import Database
from tests.curriculum.supervising import Office

AT = datetime.fromisoformat("2026-11-25T10:00:00+08:00")


def _filled(rows: list[list[str]], headings: list[str] | None = None) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("x")
    named = headings or [words("zh")["columns"][column] for column in COLUMNS]
    for line, row in enumerate([named, *rows]):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
    book.close()
    return stream.getvalue()


def test_both_languages_have_the_same_words() -> None:
    """Each column is explained, each problem worded, in either language."""
    zh, en = (words(language) for language in LANGUAGES)
    assert {group: set(table) for group, table in zh.items()} == {
        group: set(table) for group, table in en.items()
    }
    assert set(zh["columns"]) == set(zh["explained"]) == set(COLUMNS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_blank_sheet_is_read_back_as_one_of_pairs(language: str) -> None:
    """Its headings are known, and it holds nobody yet; a roster is none."""
    data = blank_sheet(["德吉", "=1+1"], language=language, made_at=AT)
    assert read_sheet(data, "x.xlsx") == ([], [])
    roster = _filled([["八一镇社工站", "卓玛", "学员"]], ["单位", "姓名", "角色"])
    assert read_sheet(roster, "x.xlsx") is None


def test_rows_are_read_with_their_words() -> None:
    """Frequencies and ways in the words of the buttons; a row that lacks somebody is named."""
    data = _filled(
        [
            ["学员1", "", "", "督导", "半年", "线上", "2027-06-30"],
            ["学员2", "", "八一", "督导"],
            ["学员3", "", "", ""],
        ]
    )
    read = read_sheet(data, "x.xlsx")
    assert read is not None
    rows, problems = read
    assert rows == [
        SheetRow(2, "学员1", "督导", every="6", mode="online", last_day="2027-06-30"),
        SheetRow(3, "学员2", "督导", unit="八一"),
    ]
    assert [(one.line, one.code) for one in problems] == [(4, "cell_missing")]


@pytest.fixture
def office(database: Database, tmp_path: Path, start: datetime) -> Office:
    """A centre without pairs."""
    return Office(database, tmp_path, start)


def _check(office: Office, *rows: SheetRow) -> Plan:
    found: Plan = office.database.read_now(
        rules.check, office.centre.coordinator, rows, now=office.now
    )
    return found


def test_a_sheet_is_imported_whole_and_taken_back_whole(office: Office) -> None:
    """Pairs that stand already are left; what was changed since stays at the undo."""
    office.assign()
    rows = [SheetRow(n + 1, f"学员{n}", "督导") for n in (1, 2, 3)]
    plan = _check(office, *rows)
    assert (len(plan.entries), plan.same, plan.problems) == (2, 1, ())
    coordinator, imports = office.centre.coordinator, rules.import_pairs
    with pytest.raises(ChangedMeanwhile):
        office.do(imports, coordinator, rows, expected=3)
    entry = office.do(imports, coordinator, rows, expected=2)
    assert _check(office, *rows).same == 3
    with pytest.raises(NotThere):
        office.do(rules.take_back, office.centre.colleague, entry)
    assert office.do(rules.take_back, coordinator, entry) == 2
    assert _check(office, *rows).same == 1
    again = office.do(imports, coordinator, rows, expected=2)
    office.now += timedelta(minutes=11)
    with pytest.raises(SupervisionUndoTooLate):
        office.do(rules.take_back, coordinator, again)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"worker": "没有这人"}, "worker_unknown"),
        ({"worker": "站长"}, "not_a_worker"),
        ({"supervisor": "没有这人"}, "supervisor_unknown"),
        ({"every": "每天"}, "every_unknown"),
        ({"mode": "写信"}, "mode_unknown"),
        ({"last_day": "去年"}, "last_day_unknown"),
        ({"last_day": "2026-11-25"}, "last_day_unknown"),
    ],
)
def test_what_is_not_plain_is_named_and_nothing_is_written(
    office: Office, row: dict[str, str], code: str
) -> None:
    """Each with its row and what is written there, in words."""
    wished: dict[str, Any] = {"worker": "学员1", "supervisor": "督导"} | row
    plan = _check(office, SheetRow(7, **wished), SheetRow(8, "学员2", "督导"))
    (problem,) = plan.problems
    assert (problem.line, problem.code) == (7, code)
    assert word_problem(problem, "zh").startswith("第7行：")
    with pytest.raises(ChangedMeanwhile):
        office.do(
            rules.import_pairs,
            office.centre.coordinator,
            [SheetRow(7, **wished), SheetRow(8, "学员2", "督导")],
            expected=1,
        )


def test_the_same_pair_twice_and_strangers_are_refused(office: Office) -> None:
    """A sheet names a pair once; who assigns nobody may not even ask."""
    twice = _check(office, SheetRow(2, "学员1", "督导"), SheetRow(3, "学员1", "督导"))
    assert [(one.line, one.code) for one in twice.problems] == [(3, "pair_twice")]
    assert [one.code for one in _check(office).problems] == ["no_rows"]
    with pytest.raises(NotThere):
        office.database.read_now(
            rules.check, office.supervisor, [SheetRow(2, "学员1", "督导")], now=office.now
        )
