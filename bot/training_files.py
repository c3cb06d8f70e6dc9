"""A training sheet: the blank one to fill in, and one sent back read into fields and half days."""

from datetime import datetime

from bot.event_sheets import (
    FIELDS_WITHIN,
    Blank,
    fields_above,
    header,
    meanings,
    names_fields,
    rows_below,
)
from bot.roster_cells import Grid, grids
from curriculum.event_sheets import Fault
from curriculum.roster_problems import RosterRefused
from curriculum.training_rows import COLUMNS, FIELDS, Written

SHEET = "training"
WIDTHS = (16, 40, 12, 30, 16)
# As many half days as are drawn to be filled in.
ROWS_TO_FILL = 8


def read_training(data: bytes, file_name: str) -> Written | None:
    """The training in a file's bytes; None where it is some other file."""
    try:
        found = grids(data, file_name, dates=True)
    except RosterRefused:
        return None
    for grid in found:
        line = _header(grid)
        if line is not None:
            return _written(grid, line)
    return None


def _header(grid: Grid) -> int | None:
    """The row that names the columns of the half days, in a sheet with at least two fields."""
    words = meanings(SHEET)
    if not names_fields(grid.rows[:FIELDS_WITHIN], words["fields"], FIELDS):
        return None
    return header(grid, words["columns"], {"date", "topic"})


def _written(grid: Grid, line: int) -> Written:
    words, faults = meanings(SHEET), list[Fault]()
    fields = fields_above(grid, line, words["fields"], faults)
    return Written(fields, rows_below(grid, line, words["columns"], faults), faults)


def blank_training(*, language: str, made_at: datetime) -> bytes:
    """The workbook to fill in: fields above, a row for each half day below."""
    book = Blank(SHEET, language, made_at=made_at)
    page = book.sheet("sheet", WIDTHS)
    book.name_fields(page, FIELDS)
    book.name_columns(page, len(FIELDS) + 1, COLUMNS)
    last = len(FIELDS) + 1 + ROWS_TO_FILL
    page.ignore_errors({"number_stored_as_text": f"A1:E{last}"})
    return book.data()
