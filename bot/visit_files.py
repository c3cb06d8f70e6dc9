"""A visit's workbook: the blank one to fill in, and one sent back read into fields and rows."""

from datetime import datetime

from bot.event_sheets import Blank, fields_above, header, meanings, names_fields, rows_below
from bot.roster_cells import Grid, grids
from curriculum.event_sheets import Fault, Rows
from curriculum.roster_problems import RosterRefused
from curriculum.visit_rows import COLUMNS, FIELDS, PEOPLE, Written

SHEET = "visit"
WIDTHS = (16, 14, 30, 40, 14, 18)
# As many places and people as are drawn to be filled in.
STOPS_TO_FILL, PEOPLE_TO_FILL = 12, 40


def read_visit(data: bytes, file_name: str) -> Written | None:
    """The visit in a file's bytes; None where it is some other file."""
    try:
        found = grids(data, file_name, dates=True)
    except RosterRefused:
        return None
    words = meanings(SHEET)
    for place, grid in enumerate(found):
        line = header(grid, words["columns"], {"date", "destination"})
        if line is not None and names_fields(grid.rows[:line], words["fields"], FIELDS):
            return _written(grid, line, [*found[:place], *found[place + 1 :]])
    return None


def _written(grid: Grid, line: int, others: list[Grid]) -> Written:
    words, faults = meanings(SHEET), list[Fault]()
    fields = fields_above(grid, line, words["fields"], faults)
    people: Rows = []
    for other in others:
        head = header(other, words["people"], {"name"})
        if head is not None and not people:
            people = rows_below(other, head, words["people"], faults)
    return Written(fields, rows_below(grid, line, words["columns"], faults), people, faults)


def blank_visit(*, language: str, made_at: datetime) -> bytes:
    """The workbook to fill in: fields and places on one sheet, people on the other."""
    book = Blank(SHEET, language, made_at=made_at)
    page = book.sheet("sheet", WIDTHS)
    book.name_fields(page, FIELDS)
    book.name_columns(page, len(FIELDS) + 1, COLUMNS)
    last = len(FIELDS) + 2 + STOPS_TO_FILL
    page.ignore_errors({"number_stored_as_text": f"A1:F{last}"})
    people = book.sheet("people", [18] * len(PEOPLE))
    book.name_columns(people, 0, PEOPLE)
    book.hint(people, 0, len(PEOPLE) + 1, "people")
    people.ignore_errors({"number_stored_as_text": f"A1:D{PEOPLE_TO_FILL}"})
    return book.data()
