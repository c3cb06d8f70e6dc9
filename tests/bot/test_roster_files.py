"""Whatever is sent as a roster is read as it was meant, or refused with words; it never breaks."""

import io
import zipfile
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from bot.roster_cells import MAX_UNPACKED
from bot.roster_files import read_roster
from curriculum.clean_text import clean
from curriculum.people import LEARNER, SUPERVISOR
from curriculum.roster_problems import RosterRefused
from curriculum.roster_rows import NEWCOMER, SAME, RosterRow, read_rows
from tests.rosters import HEAD, STATION, csv_text, person, read, xlsx


def _codes(data: bytes, name: str = "名册.xlsx") -> list[tuple[int, str]]:
    try:
        file = read_roster(data, name)
    except RosterRefused as refused:
        return [(problem.line, problem.code) for problem in refused.problems]
    return [(problem.line, problem.code) for problem in file.problems]


def _book() -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(list(HEAD))
    return book, sheet


def _bytes(book: Workbook) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _changed(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    """The package with something replaced in one of its parts."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            content = before.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new)
            after.writestr(name, content)
    return stream.getvalue()


def test_a_row_is_read_by_the_meaning_of_its_columns() -> None:
    """Words become codes, a number Excel made of a phone becomes its digits, spaces go."""
    head = (" 联系电话（必填）", "*姓名", "工作\n单位", "角色", "备注", "编号", "班级")
    rows = [
        (13812345678.0, " 次仁  卓嘎 ", STATION, "社工、督导", "看不见", "新人", "一期"),
        ("", "བསོད་ནམས།", STATION, "Learner", "", "同一人", ""),
        (None,) * 7,
        ("", "John", STATION, "所长", "", 42, ""),
    ]
    assert read(rows, head).rows == (
        RosterRow(2, STATION, "次仁 卓嘎", (LEARNER, SUPERVISOR), "一期", "13812345678", NEWCOMER),
        RosterRow(3, STATION, "བསོད་ནམས།", (LEARNER,), "", "", SAME),
        RosterRow(5, STATION, "John", ("所长",), "", "", "42"),
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_every_usual_writing(encoding: str, delimiter: str) -> None:
    """With and without a byte order mark, from a Chinese Windows, with each separator."""
    text = csv_text([person("德吉", phone="13900000001")]).replace(",", delimiter)
    (row,) = read_roster(text.encode(encoding), "名册.CSV").rows
    assert (row.name, row.unit, row.phone) == ("德吉", STATION, "13900000001")


def test_a_title_above_the_column_names_and_other_sheets_do_no_harm() -> None:
    """The names are looked for; a sheet of notes and a hidden one are passed over."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.append(["2026年花名册"])
    sheet.merge_cells("A1:G1")
    sheet.append([])
    sheet.append(list(HEAD))
    sheet.append(list(person("德吉")))
    book.create_sheet("说明").append(["单位", "必填"])
    hidden = book.create_sheet("旧的")
    hidden.append(list(HEAD))
    hidden.append(list(person("以前的人")))
    hidden.sheet_state = "hidden"
    file = read_roster(_bytes(book), "a.xlsx")
    assert ([row.name for row in file.rows], file.rows[0].line) == (["德吉"], 4)
    hidden.sheet_state = "visible"
    assert _codes(_bytes(book)) == [(0, "sheets_several")]


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (("甲", "乙", "丙"), [(0, "header_missing")]),
        (("单位", "姓名"), [(1, "column_missing")]),
        ((*HEAD, "身份证号"), [(1, "column_unknown")]),
        ((*HEAD, "手机"), [(1, "column_twice")]),
    ],
)
def test_column_names_that_do_not_fit_are_named(
    head: tuple[str, ...], found: list[tuple[int, str]]
) -> None:
    """Missing, unknown, twice, none at all."""
    assert _codes(xlsx([], head)) == found


def test_cells_that_are_no_text_are_named_in_their_row() -> None:
    """Formulas with and without a value, errors, dates, yes and no, digits that were lost."""
    book, sheet = _book()
    for name in ("=A1", "#N/A", date(2026, 1, 2), True, 1.5e17):
        sheet.append([STATION, name, "学员"])
    assert _codes(_bytes(book)) == [
        (2, "cell_formula"),
        (3, "cell_error"),
        (4, "cell_is_date"),
        (5, "cell_not_text"),
        (6, "cell_number_long"),
    ]
    assert _codes(csv_text([person("=1+1")]).encode(), "a.csv") == [(2, "cell_formula")]


def test_merged_cells_are_named_once_and_nobody_is_lost() -> None:
    """A unit merged over three rows; a note merged into the names beside it."""
    book, sheet = _book()
    for name in ("甲", "乙", "丙"):
        sheet.append([STATION, name, "学员"])
    sheet.merge_cells("A2:A4")
    assert _codes(_bytes(book)) == [(2, "cell_merged")]
    book, sheet = _book()
    sheet["H1"] = "备注"
    sheet["I1"] = "班级"
    sheet["D1"] = None
    sheet.append([STATION, "甲", "学员"])
    sheet.merge_cells("H2:I2")
    assert _codes(_bytes(book)) == [(2, "cell_merged")]


def test_something_beside_the_table_is_named() -> None:
    """A cell without a column name is no silent loss."""
    book, sheet = _book()
    sheet.append(list(person("甲")))
    sheet["K2"] = "请注意"
    assert _codes(_bytes(book)) == [(2, "cell_stray")]


def test_a_sheet_that_pretends_to_be_huge_is_refused_before_room_is_made_for_it() -> None:
    """One cell in the last corner would take gigabytes; only a look there is no matter."""
    book, sheet = _book()
    sheet.append(list(person("甲")))
    sheet["C20600"] = "远"
    assert _codes(_bytes(book)) == [(0, "too_many_rows")]
    sheet["C20600"] = None
    sheet["XFD2"] = "远"
    assert _codes(_bytes(book)) == [(0, "too_many_columns")]
    sheet["XFD2"] = None
    sheet["XFD1048576"].number_format = "@"
    assert _codes(_bytes(book)) == []


def test_a_zip_that_swells_is_refused_whatever_it_claims() -> None:
    """The sizes in a zip are its sender's words; what comes out is counted."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", bytes(MAX_UNPACKED + 1))
    assert _codes(stream.getvalue()) == [(0, "file_swollen")]
    lying = stream.getvalue().replace((MAX_UNPACKED + 1).to_bytes(4, "little"), bytes([9, 0, 0, 0]))
    assert _codes(lying) == [(0, "file_swollen")]


def test_entities_of_a_forged_sheet_are_not_expanded() -> None:
    """A document type that names a file of this machine, or doubles itself, gives nothing away."""
    data = xlsx([person("甲")])
    part = "xl/worksheets/sheet1.xml"
    forged = _changed(
        data,
        part,
        b"<worksheet",
        b'<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet',
    )
    for name in (forged, _changed(forged, part, b'<c r="A1"', b"<c r='&x;'")):
        try:
            file = read_roster(name, "a.xlsx")
        except RosterRefused:
            continue
        assert "root" not in str(file.rows)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "名册.xlsx", "file_unreadable"),
        (b"", "名册.csv", "header_missing"),
        (b"\x89PNG\r\n", "照片.png", "file_kind"),
        (xlsx([person("甲")])[:-200], "名册.xlsx", "file_unreadable"),
        (b"PK\x03\x04" + bytes(3000), "名册.xlsx", "file_unreadable"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "名册.xls", "file_old_excel"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "名册.xlsx",
            "file_encrypted",
        ),
        (b"\xff\xfe\x00\xd8\x00", "名册.csv", "file_encoding"),
        (b"a" * (5 * 1024 * 1024 + 1), "名册.csv", "file_too_large"),
        ("单位,姓名\n".encode() + b",\n" * 21_000, "名册.csv", "too_many_rows"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_kind(data: bytes, name: str, code: str) -> None:
    """Empty, cut off, another program's, with a password, in no known writing, too large."""
    assert _codes(data, name) == [(0, code)]


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1990, 1, 1), date(2100, 1, 1)),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001  cells have no zone
    st.timedeltas(timedelta(0), timedelta(days=3)),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=30),
    st.sampled_from(["学员", "督导、观察员", STATION, f"林芝市/{STATION}/a/b", "新人", "1.38E+10"]),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=9), max_size=6))
def test_wild_cells_give_rows_or_problems_and_never_an_error(rows: list[list[Any]]) -> None:
    """Whatever stands in the cells: read, or named by its row; no row is lost in silence."""
    try:
        data = xlsx(rows)
    except ValueError:
        return  # the writing library refuses it, so nobody can send it
    file = read_roster(data, "名册.xlsx")
    seen = {row.line for row in file.rows} | {problem.line for problem in file.problems}
    for line, row in enumerate(rows, 2):
        if any(isinstance(cell, str) and clean(cell).strip() for cell in row):
            assert line in seen
    _, problems = read_rows(file.rows)
    assert all(problem.line in seen or problem.line == 0 for problem in problems)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=400), st.sampled_from(["a.xlsx", "a.csv", "a.pdf", ""]))
def test_wild_bytes_are_refused_with_a_code(data: bytes, name: str) -> None:
    """Any bytes under any name: a refusal, never an error."""
    whole = xlsx([person("甲")])
    for sent in (data, b"PK\x03\x04" + data, whole[: len(whole) - len(data)] + data):
        with suppress(RosterRefused):
            read_roster(sent, name)
