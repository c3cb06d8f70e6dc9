"""How check questions fare as a workbook: typed cells, a bar per option, streamed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from bot.reports.cells import cell_text, starts_like_formula
from bot.reports.record_sheets import Formats, formats_of, new_sheet
from bot.reports.whole_files import new_workbook
from bot.reports.words import Words, report_words
from curriculum.item_statistics import ItemFigure, OptionFigure

LETTERS = "ABCDEFGHIJ"
# The columns in order, each with its width in characters.
ITEM_COLUMNS = {
    "pack": 14,
    "lesson": 8,
    "title": 20,
    "version": 8,
    "is_current": 9,
    "text": 50,
    "answered": 12,
    "right_from": 18,
    "right_to": 18,
    "remark": 40,
}
OPTION_COLUMNS = {
    "pack": 14,
    "lesson": 8,
    "version": 8,
    "letter": 8,
    "text": 50,
    "is_right": 8,
    "at_least": 14,
    "share": 30,
}
BAR = "#63A88A"
READING = ("reading_1", "reading_2", "reading_3", "reading_4")
Cell = str | int | float


@dataclass(frozen=True, slots=True)
class _Looks:
    formats: Formats
    percent: Any


def write_item_statistics(
    items: Iterable[ItemFigure],
    target: BinaryIO | Path,
    *,
    language: str,
    unit_name: str,
    made_at: datetime,
) -> int:
    """Write a sheet of questions, one of options with bars, and notes; the questions written.

    Shares are numbers from 0 to 1 shown as percent. What is not shown says so in words. Memory
    does not grow with the rows. Raises ValueError for a time without zone.
    """
    if made_at.tzinfo is None:
        raise ValueError("made_at must be aware: its zone is the reader's")
    words, count = report_words(language), 0
    with new_workbook(target, made_at=made_at) as book:
        looks = _Looks(formats_of(book), book.add_format({"num_format": "0%"}))
        by_item, by_option, notes = (
            new_sheet(book, words["item_sheets"][name]) for name in ("items", "options", "notes")
        )
        questions = _Sheet(by_item, words["item_columns"], ITEM_COLUMNS, looks)
        options = _Sheet(by_option, words["option_columns"], OPTION_COLUMNS, looks)
        for item in items:
            count += 1
            questions.add(_item_cells(item, words))
            for letter, option in zip(LETTERS, item.options, strict=False):
                options.add(_option_cells(item, letter, option, words))
        for sheet in (questions, options):
            sheet.finish(words["item_words"]["empty"])
        about = {"unit": unit_name, "made_at": _shown(made_at), "rows": str(count)}
        _write_notes(notes, words, looks.formats, about)
    return count


def _shown(moment: datetime) -> str:
    return moment.replace(tzinfo=None, microsecond=0).isoformat(" ")


def _item_cells(item: ItemFigure, words: Words) -> tuple[Cell, ...]:
    few = words["item_words"]["few"]
    return (
        item.pack,
        item.lesson,
        item.title,
        item.version,
        words["item_words"]["yes" if item.is_current else "no"],
        item.text,
        few if item.answered is None else item.answered,
        "" if item.right_from is None else item.right_from,
        "" if item.right_to is None else item.right_to,
        "" if item.remark is None else words["item_remarks"][item.remark],
    )


def _option_cells(
    item: ItemFigure, letter: str, option: OptionFigure, words: Words
) -> tuple[Cell, ...]:
    at_least, answered = option.at_least, item.answered
    return (
        item.pack,
        item.lesson,
        item.version,
        letter,
        option.text,
        words["item_words"]["yes" if option.is_right else "no"],
        words["item_words"]["few"] if at_least is None else at_least,
        "" if at_least is None or answered is None else at_least / answered,
    )


class _Sheet:
    """One sheet filled row by row; a share is a float, and a column of shares gets bars."""

    def __init__(
        self, sheet: Any, headings: Mapping[str, str], widths: Mapping[str, int], looks: _Looks
    ) -> None:
        self._sheet, self._looks, self._rows = sheet, looks, 0
        self._columns = tuple(widths)
        self._sheet.freeze_panes(1, 0)
        for column, (key, width) in enumerate(widths.items()):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, headings[key], looks.formats.head)

    def add(self, cells: tuple[Cell, ...]) -> None:
        """Write the next row."""
        self._rows += 1
        for column, cell in enumerate(cells):
            if isinstance(cell, float):
                self._sheet.write_number(self._rows, column, cell, self._looks.percent)
            elif isinstance(cell, int):
                self._sheet.write_number(self._rows, column, cell, self._looks.formats.number[0])
            elif cell:
                look = (
                    self._looks.formats.guarded
                    if starts_like_formula(cell)
                    else self._looks.formats.text
                )
                self._sheet.write_string(self._rows, column, cell_text(cell, cut_mark="…"), look[0])

    def finish(self, empty: str) -> None:
        """Filters, the bars, and a sentence when there was no row at all."""
        if self._rows == 0:
            self._sheet.write_string(1, 0, empty)
        last = max(self._rows, 1)
        self._sheet.autofilter(0, 0, last, len(self._columns) - 1)
        self._sheet.ignore_errors({"number_stored_as_text": f"A2:XFD{last + 1}"})
        if "share" in self._columns:
            column = self._columns.index("share")
            # From 0 to 1, so that bars of different questions can be compared.
            bar = {"type": "data_bar", "bar_color": BAR}
            ends = {"min_type": "num", "min_value": "0", "max_type": "num", "max_value": "1"}
            self._sheet.conditional_format(1, column, last, column, {**bar, **ends})


def _write_notes(sheet: Any, words: Words, formats: Formats, about: Mapping[str, str]) -> None:
    notes = words["item_notes"]
    lines = [
        (notes["title"], ""),
        *((notes[key], about[key]) for key in ("unit", "made_at", "rows")),
        ("", ""),
        (notes["reading"], ""),
        *(("", notes[key]) for key in READING),
    ]
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for number, (label, said) in enumerate(lines):
        look = formats.head if label and not said else formats.wrapped
        for column, text in enumerate((label, said)):
            sheet.write_string(number, column, cell_text(text, cut_mark="…"), look)
