"""The sheets of the learning-records workbook: typed cells, safe text, and notes that explain."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.reports.cells import cell_text, starts_like_formula
from bot.reports.words import Words

# The columns in order, each with its width in characters; the names are those of report_words.toml.
COLUMNS = {
    "occurred_on": 12,
    "unit_path": 30,
    "person_name": 14,
    "person_number": 14,
    "study": 20,
    "title": 40,
    "minutes": 8,
    "mode": 8,
    "evidence": 10,
    "claimable": 18,
    "kind": 8,
    "recorded_at": 18,
    "recorded_by": 14,
    "record_id": 12,
    "corrects": 16,
}
ROWS_A_SHEET = 1_048_575  # Excel's limit, less the heading
# Excel's calendar begins in 1900 and takes that for a leap year, so its dates are sure from here.
FIRST_YEAR = 1901

Cell = str | int | date | datetime


@dataclass(frozen=True, slots=True)
class Formats:
    """The looks of cells; the first member of a pair is for records, the second for corrections."""

    head: Any
    wrapped: Any
    date: tuple[Any, Any]
    moment: tuple[Any, Any]
    number: tuple[Any, Any]
    text: tuple[Any, Any]
    guarded: tuple[Any, Any]  # Excel then keeps it text also when somebody edits the cell


def formats_of(book: Any) -> Formats:
    """The looks, registered with a workbook."""

    def pair(**look: Any) -> tuple[Any, Any]:
        correction = {"bg_color": "#FFF2CC", "italic": True}
        return book.add_format(look), book.add_format({**look, **correction})

    return Formats(
        head=book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1}),
        wrapped=book.add_format({"text_wrap": True, "valign": "top"}),
        date=pair(num_format="yyyy-mm-dd"),
        moment=pair(num_format="yyyy-mm-dd hh:mm"),
        number=pair(num_format="0"),
        text=pair(num_format="@"),
        guarded=pair(num_format="@", quote_prefix=True),
    )


def new_sheet(book: Any, title: str) -> Any:
    """Add a sheet to a workbook in which every text stays text."""
    # Loaded with the first workbook: a process that only sends never needs xlsxwriter.
    from bot.reports.text_sheet import TextSheet

    return book.add_worksheet(title, TextSheet)


class RecordSheets:
    """The record sheets, one after the other as each fills up."""

    def __init__(self, book: Any, words: Words, formats: Formats, limit: int) -> None:
        self._book, self._words, self._formats, self._limit = book, words, formats, limit
        self._mark = words["sentences"]["cut"]
        self._number = 0
        self._begin()

    def _begin(self) -> None:
        self._number += 1
        name = self._words["sheets"]["records"]
        title = name if self._number == 1 else f"{name} {self._number}"
        self._sheet = new_sheet(self._book, title)
        self._rows = 0
        self._sheet.freeze_panes(1, 0)
        for column, (key, width) in enumerate(COLUMNS.items()):
            self._sheet.set_column(column, column, width)
            self._sheet.write_string(0, column, self._words["columns"][key], self._formats.head)

    def add(self, cells: tuple[Cell, ...], *, correction: bool) -> None:
        """Write the next row; `cells` are in the order of COLUMNS."""
        if self._rows == self._limit:
            self._end()
            self._begin()
        self._rows += 1
        for column, cell in enumerate(cells):
            self._write(column, cell, look=int(correction))

    def _write(self, column: int, cell: Cell, *, look: int) -> None:
        sheet, formats = self._sheet, self._formats
        if isinstance(cell, int):
            sheet.write_number(self._rows, column, cell, formats.number[look])
            return
        if isinstance(cell, date) and cell.year >= FIRST_YEAR:
            kind = formats.moment if isinstance(cell, datetime) else formats.date
            sheet.write_datetime(self._rows, column, cell, kind[look])
            return
        raw = str(cell)
        text = cell_text(raw, cut_mark=self._mark)
        kind = formats.guarded if starts_like_formula(raw) else formats.text
        if text:
            sheet.write_string(self._rows, column, text, kind[look])
        else:  # keeps the look of a correction without an empty text in the cell
            sheet.write_blank(self._rows, column, None, kind[look])

    def _end(self) -> None:
        last = max(self._rows, 1)
        self._sheet.autofilter(0, 0, last, len(COLUMNS) - 1)
        # Numbers kept as text on purpose; Excel would mark every one of them as a mistake.
        self._sheet.ignore_errors({"number_stored_as_text": f"A2:XFD{last + 1}"})

    def finish(self) -> None:
        """Close the last sheet, with a sentence when there was no row at all."""
        if self._rows == 0:
            self._sheet.write_string(1, 0, self._words["sentences"]["empty"])
        self._end()


def write_notes(sheet: Any, words: Words, formats: Formats, about: dict[str, str]) -> None:
    """Fill the notes; `about` has unit, since, until, made_at and rows, each as it is shown."""
    notes = words["notes"]
    lines: list[tuple[str, str]] = [
        (notes["title"], ""),
        (notes["unit"], about["unit"]),
        (notes["period"], notes["period_value"].format_map(about)),
        (notes["made_at"], about["made_at"]),
        (notes["rows"], about["rows"]),
        ("", ""),
        (notes["columns"], ""),
        *((words["columns"][key], words["explained"][key]) for key in COLUMNS),
        ("", ""),
        (notes["evidence"], ""),
        *((word, words["evidence_explained"][code]) for code, word in words["evidence"].items()),
        ("", ""),
        (notes["reading"], ""),
        ("", notes["reading_1"]),
        ("", notes["reading_2"]),
    ]
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 80)
    for number, (label, said) in enumerate(lines):
        heading = formats.head if label and not said else formats.wrapped
        for column, text in enumerate((label, said)):
            shown = cell_text(text, cut_mark=words["sentences"]["cut"])
            sheet.write_string(number, column, shown, heading)
