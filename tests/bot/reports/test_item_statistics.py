"""The workbook of item statistics: typed cells, a bar per option, small groups said in words."""

import io
from datetime import UTC, datetime

import pytest
from openpyxl import load_workbook

from bot.reports.item_statistics import ITEM_COLUMNS, OPTION_COLUMNS, write_item_statistics
from bot.reports.words import report_words
from curriculum import item_statistics
from curriculum.item_statistics import ItemFigure, OptionFigure

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
OPTIONS = (
    OptionFigure("甲", is_right=False, at_least=None),
    OptionFigure("=乙", is_right=True, at_least=15),
)
ITEM = ItemFigure(
    "starter_zh", "001", "助人自助", 2, True, "怎么做？", 20, 0.75, 0.95, OPTIONS, None
)
HIDDEN = ItemFigure(
    "starter_zh",
    "002",
    "=接纳",
    1,
    False,
    "哪一句？",
    None,
    None,
    None,
    tuple(OptionFigure(text, is_right=text == "丙", at_least=None) for text in "丙丁"),
    None,
)


def book(items: list[ItemFigure], language: str = "zh") -> tuple[int, object]:
    target = io.BytesIO()
    count = write_item_statistics(items, target, language=language, unit_name="林芝市", made_at=NOW)
    return count, load_workbook(io.BytesIO(target.getvalue()))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_are_numbers_and_small_groups_are_words(language: str) -> None:
    """Counts and shares can be sorted and reckoned with; below five stands the sentence."""
    count, read = book([ITEM, HIDDEN], language)
    words = report_words(language)
    few = words["item_words"]["few"]
    items, options, notes = read.worksheets  # type: ignore[attr-defined]
    assert count == 2
    assert [cell.value for cell in items[1]] == list(words["item_columns"].values())
    assert [cell.value for cell in options[1]] == list(words["option_columns"].values())
    shown = dict(zip(ITEM_COLUMNS, [cell.value for cell in items[2]], strict=True))
    assert (shown["lesson"], shown["answered"], shown["right_from"]) == ("001", 20, 0.75)
    assert items["H2"].number_format == "0%"
    hidden = dict(zip(ITEM_COLUMNS, [cell.value for cell in items[3]], strict=True))
    assert (hidden["answered"], hidden["right_from"], hidden["remark"]) == (few, None, None)
    rows = [
        dict(zip(OPTION_COLUMNS, [cell.value for cell in row], strict=True))
        for row in options.iter_rows(min_row=2)
    ]
    assert [(row["letter"], row["at_least"], row["share"]) for row in rows] == [
        ("A", few, None),
        ("B", 15, 0.75),
        ("A", few, None),
        ("B", few, None),
    ]
    assert any("林芝市" in str(cell.value) for row in notes.iter_rows() for cell in row)


def test_every_option_with_a_share_has_a_bar_on_the_same_scale() -> None:
    """From 0 to 1 over the whole column, so that questions can be compared by eye."""
    _, read = book([ITEM, HIDDEN])
    options = read.worksheets[1]  # type: ignore[attr-defined]
    ((area, (rule,)),) = [
        (str(found.sqref), found.rules) for found in options.conditional_formatting
    ]
    assert area == "H2:H5"
    assert rule.type == "dataBar"
    assert [(end.type, float(end.val)) for end in rule.dataBar.cfvo] == [("num", 0), ("num", 1)]


def test_nothing_an_author_wrote_becomes_a_formula() -> None:
    """A title or an option beginning with = is text."""
    _, read = book([ITEM, HIDDEN])
    cells = [
        cell
        for sheet in read.worksheets  # type: ignore[attr-defined]
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.value).startswith("=")
    ]
    assert {cell.value for cell in cells} == {"=乙", "=接纳"}
    assert {cell.data_type for cell in cells} == {"s"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_remark_has_words(language: str) -> None:
    """Each code an author may see is a sentence."""
    codes = {
        item_statistics.WRONG_AHEAD,
        item_statistics.MOSTLY_WRONG,
        item_statistics.HARDLY_CHOSEN,
        item_statistics.NEARLY_ALL_RIGHT,
    }
    assert set(report_words(language)["item_remarks"]) == codes
    assert set(report_words(language)["item_columns"]) == set(ITEM_COLUMNS)
    assert set(report_words(language)["option_columns"]) == set(OPTION_COLUMNS)


def test_without_answers_the_workbook_says_so() -> None:
    """An empty sheet would look like a mistake."""
    count, read = book([])
    assert count == 0
    assert read.worksheets[0]["A2"].value == "还没有一道题有人答过。"  # type: ignore[attr-defined]


def test_a_time_without_zone_is_refused() -> None:
    """The reader's zone is part of the time."""
    with pytest.raises(ValueError, match="made_at"):
        write_item_statistics(
            [], io.BytesIO(), language="zh", unit_name="", made_at=NOW.replace(tzinfo=None)
        )
