"""A training sheet as people fill it in: read whole, or refused with every row that is wrong."""

import io
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from bot.event_sheets import sheet_words, word_fault
from bot.render import LANGUAGES
from bot.training_files import blank_training, read_training
from curriculum import training_rows
from curriculum.training_rows import COLUMNS, FIELDS, Checked
from storage.engine import Database
from tests.county import build, write_pack
from tests.curriculum.trainings import coordinator

TOP = {
    "培训名称": "春季社工实务培训",
    "地点": "林芝市民政局三楼",
    "名额": 40,
    "报名截止": date(2026, 12, 14),
    "请谁": "八一镇社工站、一期",
}
ROWS: list[tuple[Any, ...]] = [
    (datetime.fromisoformat("2026-12-21"), time(9, 30), time(12, 30), "接案与预估", "扎西"),
    ("12月21日", "下午3点", "18:00", "个案会谈", None),
]


def sheet(top: dict[str, Any] = TOP, rows: list[tuple[Any, ...]] = ROWS) -> bytes:
    """A workbook filled in by hand, with cells of any kind."""
    book = Workbook()
    page = book.active
    assert page is not None
    for name, value in top.items():
        page.append([name, value])
    page.append([])
    page.append(["日期", "开始", "结束", "主题", "讲师"])
    for row in rows:
        page.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.fixture
def check(sqlite_database: Database, tmp_path: Path, start: datetime) -> Any:
    """What the rules make of a sheet."""
    county = sqlite_database.write_now(build, write_pack(tmp_path / "pack", 1), now=start)

    def checked(data: bytes) -> Checked:
        written = read_training(data, "培训.xlsx")
        assert written is not None
        return sqlite_database.read_now(
            training_rows.check, coordinator(county), written, now=start
        )

    return checked


def test_a_sheet_with_real_dates_and_typed_ones_is_a_whole_training(check: Any) -> None:
    """What Excel keeps as a date or an hour reads as what it shows; the organiser is the unit."""
    found = check(sheet())
    assert found.faults == ()
    plan = found.plan
    assert (plan.title, plan.places, plan.deadline) == (
        "春季社工实务培训",
        40,
        date(2026, 12, 14),
    )
    assert plan.organiser == "林芝市"
    assert [(one.starts_at, one.minutes, one.topic, one.trainer) for one in plan.periods] == [
        (datetime(2026, 12, 21, 1, 30, tzinfo=UTC), 180, "接案与预估", "扎西"),
        (datetime(2026, 12, 21, 7, 0, tzinfo=UTC), 180, "个案会谈", ""),
    ]


def test_everything_that_is_wrong_is_said_at_once_with_its_row(check: Any) -> None:
    """A sheet is mended in one go: missing fields, cells, dates, hours, names, overlaps."""
    top: dict[str, Any] = {
        "培训名称": "长" * 41,
        "名额": "很多",
        "报名截止": "下个月",
        "请谁": "没有这个站",
    }
    rows: list[tuple[Any, ...]] = [
        (date(2026, 12, 21), "9:30", "12:30", "接案", None),
        (date(2026, 12, 21), "10:00", "13:00", "个案", None),
        ("某天", "9:30", None, "小组", None),
        (date(2026, 12, 22), "9:30", "12:30", "=A1", None),
    ]
    faults = check(sheet(top, rows)).faults
    assert [(one.line, one.column, one.code) for one in faults] == [
        (0, "place", "field_missing"),
        (1, "title", "training_not_clear"),
        (2, "places", "training_number_not_clear"),
        (3, "deadline", "date_not_understood"),
        (4, "invited", "training_invited"),
        (8, "from", "periods_overlap"),
        (9, "date", "date_not_understood"),
        (9, "from", "training_hours"),
        (10, "topic", "cell_formula"),
        (10, "topic", "training_not_clear"),
    ]
    for language in LANGUAGES:
        assert all(word_fault("training", fault, language) for fault in faults)
    assert word_fault("training", faults[3], "zh").startswith("第3行“报名截止”：没看懂日期")


def test_a_deadline_comes_before_the_first_day(check: Any) -> None:
    """And a sheet without half days is none."""
    late = check(sheet(TOP | {"报名截止": "2026-12-21"})).faults
    assert [(one.line, one.code) for one in late] == [(4, "training_dates")]
    assert [one.code for one in check(sheet(rows=[])).faults] == ["no_periods"]


def test_any_other_file_is_left_to_whoever_knows_it() -> None:
    """A roster, a text and a broken package are no training."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["单位", "姓名", "角色"])
    stream = io.BytesIO()
    book.save(stream)
    for data in (stream.getvalue(), b"PK\x03\x04broken", b"hello"):
        assert read_training(data, "名册.xlsx") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_blank_sheet_is_read_by_what_reads_it_back(language: str, start: datetime) -> None:
    """Filled in where it says, it is understood in either language; its hints are not."""
    book = load_workbook(io.BytesIO(blank_training(language=language, made_at=start)))
    page = book.active
    assert page is not None
    for line in range(1, len(FIELDS) + 1):
        page.cell(line, 2).value = "填"
    for place in range(1, len(COLUMNS) + 1):
        page.cell(len(FIELDS) + 3, place).value = "写"
    stream = io.BytesIO()
    book.save(stream)
    found = read_training(stream.getvalue(), "培训.xlsx")
    assert found is not None
    assert set(found.fields) == set(FIELDS)
    assert [set(cells) for _, cells in found.periods] == [set(COLUMNS)]
    assert set(sheet_words("training", language)["hints"]) == set(FIELDS)
    assert sheet_words("training", "zh").keys() == sheet_words("training", "en").keys()
    assert (
        sheet_words("training", "zh")["faults"].keys()
        == sheet_words("training", "en")["faults"].keys()
    )
