"""The learning records as files: what Excel and any CSV reader get is what the ledger says."""

import csv
import io
import re
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from xml.sax.saxutils import unescape
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook  # type: ignore[import-untyped]

from bot.reports.cells import CELL_LIMIT, cell_text, csv_text, starts_like_formula, utf16_units
from bot.reports.learning_records import write_csv, write_xlsx
from bot.reports.record_sheets import COLUMNS
from bot.reports.words import report_words
from curriculum.records import EVIDENCE, Period, RecordRow

NOW = datetime(2026, 11, 24, 2, 3, 4, tzinfo=UTC).astimezone(ZoneInfo("Asia/Shanghai"))
PERIOD = Period(date(2026, 11, 1), date(2026, 11, 30))
ROW = RecordRow(
    record_id=41,
    occurred_on=date(2026, 11, 23),
    unit_path="林芝市 / 巴宜区 / 八一镇站",
    person_name="卓玛",
    person_number="00123",
    study="daily_lesson",
    title="接纳与非评判",
    minutes=5,
    mode="online",
    evidence="answered",
    claimable="pending",
    recorded_at=datetime(2026, 11, 23, 16, 30, 15, 999999, tzinfo=UTC),
    recorded_by=None,
    corrects=None,
)
CORRECTION = replace(
    ROW, record_id=42, minutes=10, evidence="on_paper", recorded_by="扎西", corrects=41
)
NAMES = list(COLUMNS)


def xlsx(rows: Iterable[RecordRow], language: str = "zh", **more: Any) -> io.BytesIO:
    target = io.BytesIO()
    write_xlsx(
        rows, target, language=language, period=PERIOD, unit_name="林芝市", made_at=NOW, **more
    )
    return target


def read_back(target: io.BytesIO | Path) -> Workbook:
    return load_workbook(target)


def cells(book: Workbook, number: int, sheet: int = 0) -> dict[str, Any]:
    """A record as openpyxl reads it, by column; number 1 is the first below the heading."""
    return dict(zip(NAMES, book.worksheets[sheet][number + 1], strict=True))


def csv_rows(rows: Iterable[RecordRow], language: str = "zh") -> list[list[str]]:
    target = io.BytesIO()
    write_csv(rows, target, language=language, made_at=NOW)
    return list(csv.reader(io.StringIO(target.getvalue().decode("utf-8-sig"), newline="")))


def test_cells_are_typed() -> None:
    """Dates are dates, minutes numbers, ids and person numbers text, times local."""
    one = cells(read_back(xlsx([ROW])), 1)
    assert one["occurred_on"].value == datetime(2026, 11, 23)  # noqa: DTZ001  # as Excel has it
    assert one["occurred_on"].is_date
    assert (one["minutes"].value, one["minutes"].data_type) == (5, "n")
    assert (one["person_number"].value, one["person_number"].number_format) == ("00123", "@")
    assert (one["record_id"].value, one["corrects"].value) == ("41", None)
    assert one["recorded_at"].value == datetime(2026, 11, 24, 0, 30, 15)  # noqa: DTZ001
    assert one["unit_path"].value == "林芝市 / 巴宜区 / 八一镇站"


def test_codes_are_worded_in_both_languages() -> None:
    """The same ledger reads in Chinese and in English; a code without a word is still shown."""
    zh, en = (cells(read_back(xlsx([ROW], language)), 1) for language in ("zh", "en"))
    keys = ("study", "mode", "evidence", "claimable", "kind")
    assert [zh[key].value for key in keys] == ["每日一学", "线上", "答题", "待定", "记录"]
    assert [en[key].value for key in keys] == [
        "Daily lesson", "Online", "Answered", "Pending", "Record",
    ]  # fmt: skip
    assert cells(read_back(xlsx([replace(ROW, study="sixth")])), 1)["study"].value == "sixth"
    assert csv_rows([ROW], "en")[1][NAMES.index("evidence")] == "Answered"


def test_the_heading_stays_in_sight_and_filters() -> None:
    """The first row is frozen and filterable over exactly the rows there are."""
    sheet = read_back(xlsx([ROW, CORRECTION])).worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:O3"
    assert [cell.value for cell in sheet[1]] == list(report_words("zh")["columns"].values())
    assert sheet.column_dimensions["F"].width > sheet.column_dimensions["G"].width
    assert not sheet.protection.sheet


def test_a_correction_is_visible_as_such() -> None:
    """It says so, names the row it replaces, and looks different; a record does not."""
    book = read_back(xlsx([ROW, CORRECTION]))
    record, correction = cells(book, 1), cells(book, 2)
    assert (correction["kind"].value, correction["corrects"].value) == ("更正", "41")
    assert correction["recorded_by"].value == "扎西"
    for name in NAMES:
        assert correction[name].fill.fgColor.rgb == "FFFFF2CC"
        assert record[name].fill.fgColor.rgb != "FFFFF2CC"
    assert [row[NAMES.index("kind")] for row in csv_rows([ROW, CORRECTION])[1:]] == ["记录", "更正"]


@pytest.mark.parametrize(("language", "minutes"), [("zh", "不是学时"), ("en", "not 学时")])
def test_the_notes_say_what_the_sheet_means(language: str, minutes: str) -> None:
    """Period, unit, time made, every column and every kind of evidence are explained."""
    book, words = read_back(xlsx([ROW], language)), report_words(language)
    assert book.sheetnames == [words["sheets"]["records"], words["sheets"]["notes"]]
    said = {
        str(label): str(text)
        for label, text in book.worksheets[1].iter_rows(values_only=True)
        if label and text
    }
    assert said[words["notes"]["unit"]] == "林芝市"
    assert "2026-11-01" in said[words["notes"]["period"]]
    assert "2026-11-30" in said[words["notes"]["period"]]
    assert said[words["notes"]["made_at"]] == "2026-11-24 10:03:04"
    assert said[words["notes"]["rows"]] == "1"
    assert minutes in said[words["columns"]["minutes"]]
    assert {words["columns"][name] for name in COLUMNS} <= set(said)
    assert {words["evidence"][code] for code in EVIDENCE} <= set(said)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_result_says_so(language: str) -> None:
    """No records gives the headings and a sentence, in both kinds of file."""
    words = report_words(language)
    sheet = read_back(xlsx([], language)).worksheets[0]
    assert [row[0] for row in sheet.iter_rows(values_only=True)] == [
        words["columns"]["occurred_on"],
        words["sentences"]["empty"],
    ]
    assert csv_rows([], language) == [
        [words["columns"][name] for name in COLUMNS],
        [words["sentences"]["empty"]],
    ]


def test_csv_is_what_excel_and_rfc_4180_expect() -> None:
    """A byte order mark, CRLF after every record, doubled quotes, ISO dates and local times."""
    target = io.BytesIO()
    tricky = replace(ROW, title='说"好",\n再走', person_name="a,b")
    assert write_csv([tricky], target, language="zh", made_at=NOW) == 1
    raw = target.getvalue()
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.endswith(b"\r\n")
    shown = raw.decode("utf-8-sig")
    assert '"说""好"",\n再走"' in shown
    one = dict(zip(NAMES, csv_rows([tricky])[1], strict=True))
    assert (one["occurred_on"], one["minutes"]) == ("2026-11-23", "5")
    assert one["recorded_at"] == "2026-11-24 00:30:15"
    assert (one["person_name"], one["title"]) == ("a,b", '说"好",\n再走')


FORMULAS = [
    "=1+1", "+86 139", "-5", "@SUM(A1)", "\t=1", "\r=1", "\tplain", "\rplain", "  =1", "＝1",
    "＋1", "－1", "＠a", "\u3000=1", "\u200b=1", "\ufeff@a", "\n-1", "\x00=1", "=HYPERLINK(\"x\")",
    "\x01\tplain", "=cmd|'/c calc'!A1",
]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_nothing_a_person_wrote_becomes_a_formula(text: str) -> None:
    """In a workbook it is a text cell that stays text when edited; in CSV an apostrophe leads."""
    wild = replace(ROW, person_name=text, title=text, recorded_by=text)
    one = cells(read_back(xlsx([wild])), 1)
    for name in ("person_name", "title", "recorded_by"):
        assert one[name].data_type in ("s", "inlineStr")
        assert one[name].quotePrefix
    line = csv_rows([wild])[1]
    assert all(line[NAMES.index(name)].startswith("'") for name in ("person_name", "title"))
    assert not cells(read_back(xlsx([ROW])), 1)["person_name"].quotePrefix


def test_negative_minutes_stay_a_number() -> None:
    """Only text is guarded: a number below zero cannot be a formula."""
    taken_back = replace(CORRECTION, minutes=-5)
    assert cells(read_back(xlsx([taken_back])), 1)["minutes"].value == -5
    assert csv_rows([taken_back])[1][NAMES.index("minutes")] == "-5"


@pytest.mark.parametrize("sign", ["字", "😀", "a"])
def test_a_text_beyond_excels_limit_is_cut_with_a_mark(sign: str) -> None:
    """Excel counts UTF-16 units and refuses a workbook with one more than 32,767 in a cell."""
    long = replace(ROW, title=sign * 40_000, person_name="=" + sign * 40_000)
    title = cells(read_back(xlsx([long])), 1)["title"].value
    mark = report_words("zh")["sentences"]["cut"]
    assert title.endswith(mark)
    assert CELL_LIMIT - 1 <= utf16_units(title) <= CELL_LIMIT
    name = csv_rows([long])[1][NAMES.index("person_name")]
    assert utf16_units(name) <= CELL_LIMIT
    assert name.startswith("'=")
    fits = cell_text("字" * CELL_LIMIT, cut_mark=mark)
    assert fits == "字" * CELL_LIMIT


def as_excel_reads(raw: str) -> str:
    """Excel and LibreOffice read _x0041_ as the character of that number."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), raw)


def titles_in_xml(target: io.BytesIO) -> list[str]:
    """The title column straight from the sheet's XML, without openpyxl's own reading."""
    with ZipFile(target) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    found = re.findall(r'<c r="F\d+"[^>]*><is><t[^>]*>(.*?)</t></is></c>', sheet, re.DOTALL)
    return [as_excel_reads(unescape(text)) for text in found][1:]


@pytest.mark.parametrize(
    "text",
    [
        "_x0041_",
        "_x0041_x0042_",
        "_x005F_x0041_",
        "<r>&</r>",
        "<r><t>x</t></r>",
        "<r></c></r>",
        " a ",
    ],
)
def test_text_that_looks_like_markup_stays_text(text: str) -> None:
    """Neither Excel's escapes nor its markup can be typed in as a title or a unit."""
    target = xlsx([replace(ROW, title=text)], language="en")
    assert titles_in_xml(target) == [text]
    assert read_back(target).worksheets[0].max_row == 2
    about = io.BytesIO()
    write_xlsx([], about, language="zh", period=PERIOD, unit_name=text, made_at=NOW)
    assert len(read_back(about).sheetnames) == 2


WILD = st.text() | st.text(
    alphabet=st.sampled_from("=+-@＝\t\r\n ,\"'_x0041<&>]ཀ字😀\x00\x0b\ud800")
)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(WILD, WILD, WILD), min_size=1, max_size=4))
def test_wild_names_and_titles_arrive_as_written(texts: list[tuple[str, str, str]]) -> None:
    """Whatever was typed, both files open, keep their shape, and show the legal part of it."""
    rows = [
        replace(ROW, person_name=name, title=title, unit_path=unit) for name, title, unit in texts
    ]
    target = xlsx(rows)
    book = read_back(target)
    assert book.worksheets[0].max_row == len(rows) + 1
    shown = [cell_text(title, cut_mark="") for _, title, _ in texts]
    assert titles_in_xml(target) == [text for text in shown if text]
    for number in range(1, len(rows) + 1):
        assert all(cell.data_type != "f" for cell in cells(book, number).values())
    lines = csv_rows(rows)
    assert [len(line) for line in lines] == [len(NAMES)] * (len(rows) + 1)
    for (name, _, _), line in zip(texts, lines[1:], strict=True):
        assert line[NAMES.index("person_name")] == csv_text(name, cut_mark="")
        assert not starts_like_formula(line[NAMES.index("person_name")])


@given(WILD)
def test_cell_text_is_legal_and_settled(text: str) -> None:
    """Cleaning twice changes nothing more, and what is left can be encoded."""
    once = cell_text(text, cut_mark="…")
    once.encode("utf-8")
    assert cell_text(once, cut_mark="…") == once
    assert "\r" not in once


def test_more_rows_than_a_sheet_holds_go_on_in_the_next() -> None:
    """Nothing is lost at Excel's row limit; every sheet has its own heading and filter."""
    rows = [replace(ROW, record_id=number) for number in range(1, 6)]
    book = read_back(xlsx(rows, rows_a_sheet=2))
    assert book.sheetnames == ["学习记录", "说明", "学习记录 2", "学习记录 3"]
    ids = [cells(book, n, sheet)["record_id"].value for sheet, n in ((0, 2), (2, 1), (3, 1))]
    assert ids == ["2", "3", "5"]
    assert book.worksheets[3].auto_filter.ref == "A1:O2"
    exactly = read_back(xlsx(rows[:2], rows_a_sheet=2))
    assert exactly.sheetnames == ["学习记录", "说明"]


def test_progress_is_told_after_every_row() -> None:
    """The caller hears the count so far; the result is the count at the end."""
    heard: list[int] = []
    xlsx([ROW] * 3, on_row=heard.append)
    write_csv([ROW] * 2, io.BytesIO(), language="en", made_at=NOW, on_row=heard.append)
    assert heard == [1, 2, 3, 1, 2]


def test_rows_are_streamed() -> None:
    """A row is written before the next one is asked for, so a generator never piles up."""
    written: list[int] = []

    def rows() -> Iterator[RecordRow]:
        for number in range(1, 4):
            assert written == list(range(1, number))
            yield ROW

    assert write_csv(rows(), io.BytesIO(), language="zh", made_at=NOW, on_row=written.append) == 3
    written.clear()
    xlsx(rows(), on_row=written.append)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_appears_whole_or_not_at_all(tmp_path: Path, kind: str) -> None:
    """When reading the ledger fails midway, an earlier file stays and nothing else is left."""
    path, scratch = tmp_path / f"records.{kind}", tempfile.gettempdir()
    path.write_bytes(b"earlier")
    before = set(Path(scratch).glob("*/*"))

    def broken() -> Iterator[RecordRow]:
        yield ROW
        raise OSError("the disk went away")

    def write(rows: Iterable[RecordRow]) -> int:
        if kind == "csv":
            return write_csv(rows, path, language="zh", made_at=NOW)
        return write_xlsx(rows, path, language="zh", period=PERIOD, unit_name="站", made_at=NOW)

    with pytest.raises(OSError, match="went away"):
        write(broken())
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]
    assert write([ROW]) == 1
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() != b"earlier"
    left = {one for one in set(Path(scratch).glob("*/*")) - before if one.suffix == ".xml"}
    assert not left


def test_a_callers_stream_stays_open_whatever_happens() -> None:
    """The caller opened it, so the caller closes it."""
    rows = [ROW, replace(ROW, recorded_at=NOW.replace(tzinfo=None))]
    one, other = io.BytesIO(), io.BytesIO()
    with pytest.raises(ValueError, match="aware"):
        write_csv(rows, one, language="zh", made_at=NOW)
    with pytest.raises(ValueError, match="aware"):
        write_xlsx(rows, other, language="zh", period=PERIOD, unit_name="站", made_at=NOW)
    assert not one.closed
    assert not other.closed


def test_times_without_a_zone_are_refused() -> None:
    """A naive time would be read in the server's zone and be silently wrong."""
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(ValueError, match="aware"):
        write_csv([], io.BytesIO(), language="zh", made_at=naive)
    with pytest.raises(ValueError, match="aware"):
        xlsx([replace(ROW, recorded_at=naive)])


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1900, 2, 28), date(9999, 12, 31)])
def test_dates_outside_excels_calendar_are_still_readable(day: date) -> None:
    """What Excel cannot hold as a date is written as ISO text."""
    one = cells(read_back(xlsx([replace(ROW, occurred_on=day)])), 1)["occurred_on"].value
    assert str(one).startswith(day.isoformat())


def test_a_fixed_offset_serves_as_zone() -> None:
    """Local time follows the zone of made_at, whatever kind it is."""
    made = NOW.astimezone(timezone(timedelta(hours=-5)))
    target = io.BytesIO()
    write_csv([ROW], target, language="en", made_at=made)
    assert b"2026-11-23 11:30:15" in target.getvalue()


def test_both_languages_have_the_same_words() -> None:
    """No group or code is missing in either language, and every code of the ledger has a word."""
    zh, en = report_words("zh"), report_words("en")
    assert {group: set(words) for group, words in zh.items()} == {
        group: set(words) for group, words in en.items()
    }
    assert set(zh["columns"]) == set(zh["explained"]) == set(COLUMNS)
    assert set(zh["evidence"]) == set(zh["evidence_explained"]) == set(EVIDENCE)
    raw = Path(__file__).parents[3] / "bot" / "locales" / "zh" / "report_words.toml"
    assert zh == tomllib.loads(raw.read_text("utf-8"))
