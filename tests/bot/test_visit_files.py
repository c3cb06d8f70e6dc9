"""A visit in files: the workbook as people fill it in, papers to print, calendars."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from openpyxl import Workbook, load_workbook

from bot.event_sheets import sheet_words, word_fault
from bot.render import LANGUAGES, Renderer
from bot.reports import blocks, documents
from bot.reports.visit_sheets import (
    calendar_of,
    programme_document,
    roster_document,
    roster_workbook,
)
from bot.visit_files import blank_visit, read_visit
from curriculum import visit_rows
from curriculum.visit_rows import COLUMNS, FIELDS, PEOPLE, Checked
from storage.engine import Database
from tests.bot.test_training_files import sheet as training_sheet
from tests.bot.visit_facts import CANCELLED, LINES, VISIT
from tests.county import build, join, write_pack
from tests.curriculum.visits import coordinator

AT = datetime(2026, 12, 21, 1, 30, tzinfo=UTC)
USUAL = ("身份证", "保暖衣服")
TOP = {"参观名称": "赴拉萨交流", "目的": "看站点", "出发日期": date(2026, 12, 21), "天数": 2}
ROWS: list[tuple[Any, ...]] = [
    (date(2026, 12, 21), time(10, 0), "城关区社工站", "座谈", "扎西主任", "0891-6322222"),
    (None, "下午3点", "敬老院", None, None, None),
    ("第2天", None, "山南市养老院", "参观", "德吉", 13988887777),
]
WHO: list[tuple[Any, ...]] = [
    ("学员1", None, None, None),
    ("同名", None, "鲁朗镇社工站", None),
    ("索朗", "副局长", "民政局", 13900001111),
]


def sheet(
    top: dict[str, Any] = TOP,
    rows: list[tuple[Any, ...]] = ROWS,
    who: list[tuple[Any, ...]] = WHO,
) -> bytes:
    """A workbook filled in by hand, with cells of any kind."""
    book = Workbook()
    page = book.active
    assert page is not None
    for name, value in top.items():
        page.append([name, value])
    page.append([])
    page.append(["日期", "时间", "地方", "内容", "接待人", "接待电话"])
    for row in rows:
        page.append(list(row))
    people = book.create_sheet("人员")
    people.append(["姓名", "职务", "单位", "电话"])
    for row in who:
        people.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def check(sqlite_database: Database, tmp_path: Path, start: datetime) -> Any:
    """What the rules make of a workbook, in a county where two people bear one name."""
    county = sqlite_database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)
    for number, unit in enumerate((county.station, county.other_station)):
        sqlite_database.write_now(
            join, county, chat_id=300 + number, name="同名", unit=unit, now=start
        )

    def checked(data: bytes) -> Checked:
        written = read_visit(data, "参观.xlsx")
        assert written is not None
        return sqlite_database.read_now(
            visit_rows.check, coordinator(county), written, usual=USUAL, now=start
        )

    return checked


def test_a_workbook_is_a_whole_visit_with_its_people(check: Any) -> None:
    """Dates as Excel or people write them; a row with a post is an official; the rest is usual."""
    found = check(sheet())
    assert found.faults == ()
    plan = found.plan
    assert (plan.title, plan.starts_on, plan.ends_on, plan.organiser, plan.packing) == (
        *("赴拉萨交流", date(2026, 12, 21), date(2026, 12, 22)),
        *("林芝市", USUAL),
    )
    assert [(one.destination, one.day.day, one.at, one.host_contact) for one in plan.stops] == [
        ("城关区社工站", 21, time(10), "0891-6322222"),
        ("敬老院", 21, time(15), ""),
        ("山南市养老院", 22, None, "13988887777"),
    ]
    assert len(found.person_ids) == 2
    (official,) = found.officials
    assert (official.name, official.post, official.phone) == ("索朗", "副局长", "13900001111")


def test_everything_that_is_wrong_is_said_at_once_with_its_row(check: Any) -> None:
    """A workbook is mended in one go: fields, dates, hours, places, people."""
    top: dict[str, Any] = {"参观名称": "长" * 41, "出发日期": "2026-12-21", "天数": "2"}
    rows: list[tuple[Any, ...]] = [
        ("12月25日", None, "甲", None, None, None),
        ("某天", "25点", "乙", None, None, None),
        (None, None, None, "座谈", None, None),
    ]
    who: list[tuple[Any, ...]] = [
        ("旺堆", None, None, None),
        ("同名", None, None, None),
        (None, "局长", None, None),
    ]
    faults = check(sheet(top, rows, who)).faults
    assert [(one.line, one.column, one.code) for one in faults] == [
        (0, "aims", "field_missing"),
        (1, "title", "visit_not_clear"),
        (2, "name", "person_unknown"),
        (3, "name", "person_several"),
        (4, "name", "visit_official_unclear"),
        (6, "date", "visit_stop_outside"),
        (7, "date", "date_not_understood"),
        (7, "at", "hour_not_understood"),
        (8, "date", "visit_stop_outside"),
    ]
    for language in LANGUAGES:
        assert all(word_fault("visit", fault, language) for fault in faults)
    assert word_fault("visit", faults[2], "zh").startswith("第2行“姓名”：您的单位里没有找到“旺堆”")
    assert [one.code for one in check(sheet(rows=[])).faults] == ["no_stops"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_blank_workbook_is_read_by_what_reads_it_back(language: str, start: datetime) -> None:
    """Filled in where it says, it is understood in either language; a training's is left alone."""
    book = load_workbook(io.BytesIO(blank_visit(language=language, made_at=start)))
    page, people = book.worksheets
    for line in range(1, len(FIELDS) + 1):
        page.cell(line, 2).value = "填"
    for place in range(1, len(COLUMNS) + 1):
        page.cell(len(FIELDS) + 3, place).value = "写"
    for place in range(1, len(PEOPLE) + 1):
        people.cell(2, place).value = "人"
    stream = io.BytesIO()
    book.save(stream)
    found = read_visit(stream.getvalue(), "参观.xlsx")
    assert found is not None
    assert set(found.fields) == set(FIELDS)
    assert [set(cells) for _, cells in found.stops] == [set(COLUMNS)]
    assert [set(cells) for _, cells in found.people] == [set(PEOPLE)]
    words = [sheet_words("visit", one) for one in ("zh", "en")]
    assert all(words[0][group].keys() == words[1][group].keys() for group in words[0])
    assert read_visit(training_sheet(), "培训.xlsx") is None
    assert read_visit(b"hello", "参观.xlsx") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_roster_and_programme_hold_everybody_and_every_day(language: str, start: datetime) -> None:
    """Officials stand in the roster like learners; the programme names hosts and what to pack."""
    renderer = Renderer(zone="Asia/Shanghai", wordings={})
    made = roster_document(VISIT, LINES, renderer, language)
    table = made.blocks[2]
    assert isinstance(table, blocks.Table)
    assert len(table.rows) == len(LINES)
    assert table.rows[1][1:4] == ("索朗", "八一镇社工站", "副局长")
    assert documents.docx(made).startswith(b"PK")
    data = roster_workbook(VISIT, LINES, renderer, language, made_at=start)
    page: Any = load_workbook(io.BytesIO(data)).active
    assert [row[1].value for row in page.iter_rows(min_row=2)][:2] == ["卓玛", "索朗"]
    programme = programme_document(VISIT, renderer, language)
    said = str(programme.blocks)
    assert all(word in said for word in ("城关区社工站", "扎西主任 0891-6322222", "抗高原反应的药"))
    assert documents.pdf(programme).startswith(b"%PDF")


def test_a_calendar_knows_a_visit_again_when_it_is_moved_or_called_off() -> None:
    """One UID for ever, a rising SEQUENCE, METHOD:CANCEL; read by another parser."""
    renderer = Renderer(zone="Asia/Shanghai", wordings={})
    ends = datetime(2026, 12, 22, 16, 0, tzinfo=UTC)

    def entry(visit: Any) -> tuple[str, Any]:
        data = calendar_of(visit, renderer, "zh", bot=7, said_at=AT)
        read: Any = Calendar.from_ical(data)
        return str(read["method"]), read.walk("VEVENT")[0]

    method, first = entry(replace(VISIT, starts_at=AT, ends_at=ends))
    assert (method, str(first["uid"])) == ("PUBLISH", "visit-1@7.wuxue")
    assert "10:00 城关区社工站" in str(first["description"])
    method, off = entry(replace(CANCELLED, starts_at=AT, ends_at=ends, moves=2))
    assert (method, str(off["uid"]), int(off["sequence"])) == ("CANCEL", str(first["uid"]), 2)
