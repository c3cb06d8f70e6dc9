"""The sheet of who was there in which half day: written for a training, read when it returns."""

import io
from collections.abc import Callable, Mapping
from datetime import datetime

from bot.event_sheets import HEAD, sheet_words, text_of
from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.roster_cells import Cell, Grid, grids
from bot.roster_files import plain
from bot.training_files import SHEET
from curriculum.event_sheets import Fault
from curriculum.roster_problems import RosterRefused
from curriculum.training_marks import YES, MarksSheet, Row, Written

# The first columns: number, name, unit; then one for each half day.
COLUMNS = ("person", "name", "unit_name")
OWN = len(COLUMNS)
WIDTHS = (10, 16, 30)
MARK_WIDTH = 18
NUMBERS = ("培训编号", "training number")
SPARE_ROWS = 20
LARGEST_DIGITS = 15


def marks_sheet(
    found: MarksSheet, *, language: str, made_at: datetime, moment: Callable[[datetime], str]
) -> bytes:
    """The workbook: its own numbers in two rows, names below; who was there already is ticked."""
    import xlsxwriter

    words = sheet_words(SHEET, language)["names"]
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    sheet = new_sheet(book, words["marks"])
    text, head = book.add_format({"num_format": "@"}), book.add_format(HEAD)
    quiet = book.add_format({"num_format": "@", "font_color": "#808080"})
    for place, width in enumerate((*WIDTHS, *(MARK_WIDTH for _ in found.periods))):
        sheet.set_column(place, place, width, text)
    for place, value in enumerate((words["training_number"], str(found.event_id), found.title)):
        sheet.write_string(0, place, cell_text(value, cut_mark="…"), quiet)
    sheet.write_string(1, 0, words["half_days"], quiet)
    for place, name in enumerate(COLUMNS):
        sheet.write_string(2, place, words[name], head)
    for place, (period_id, starts_at, topic) in enumerate(found.periods, start=OWN):
        sheet.write_string(1, place, str(period_id), quiet)
        said = f"{moment(starts_at)} {topic}"
        sheet.write_string(2, place, cell_text(said, cut_mark="…"), head)
    for line, one in enumerate(found.people, start=3):
        for place, value in enumerate((str(one.person_id), one.name, one.unit)):
            sheet.write_string(line, place, cell_text(value, cut_mark="…"), text)
        for place, (period_id, _, _) in enumerate(found.periods, start=OWN):
            if period_id in one.here:
                sheet.write_string(line, place, YES[0], text)
    last = len(found.people) + 3 + SPARE_ROWS
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last}"})
    sheet.freeze_panes(3, OWN)
    book.close()
    return stream.getvalue()


def read_marks(data: bytes, file_name: str) -> Written | None:
    """The marks in a file's bytes; None where it is some other file."""
    try:
        found = [grid for grid in grids(data, file_name) if _number_of(grid) is not None]
    except RosterRefused:
        return None
    if not found:
        return None
    grid = found[0]
    return _written(grid, _number_of(grid) or 0)


def _number_of(grid: Grid) -> int | None:
    first = grid.rows[0] if grid.rows else []
    named = len(first) > 1 and isinstance(first[0], str) and plain(first[0]) in _numbers()
    return _whole(first[1]) if named else None


def _numbers() -> set[str]:
    return {plain(word) for word in NUMBERS}


def _whole(cell: Cell) -> int | None:
    is_number = isinstance(cell, str) and cell.isascii() and cell.isdecimal()
    return int(str(cell)) if is_number and len(str(cell)) <= LARGEST_DIGITS else None


def _written(grid: Grid, event_id: int) -> Written:
    faults: list[Fault] = []
    ids = grid.rows[1] if len(grid.rows) > 1 else []
    periods: Mapping[int, int] = {
        place: number
        for place, cell in enumerate(ids)
        if place >= OWN and (number := _whole(cell)) is not None
    }
    rows = []
    for line, cells in enumerate(grid.rows[3:], start=4):
        texts = [_text(cell, line, place, faults) for place, cell in enumerate(cells)]
        texts += [""] * (OWN - len(texts))
        marks = {periods[place]: text for place, text in enumerate(texts) if place in periods}
        if texts[1] or texts[0]:
            rows.append(Row(line, texts[0], texts[1], texts[2], marks))
        elif any(marks.values()):
            faults.append(Fault(line, "name", "name_missing_in_marks"))
    return Written(event_id, rows, faults)


def _text(cell: Cell, line: int, place: int, faults: list[Fault]) -> str:
    return text_of(cell, line, COLUMNS[place] if place < OWN else "mark", faults)
