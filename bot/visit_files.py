"""A visit's workbook: the blank one to fill in, and one sent back read into fields and rows."""

import io
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache

from bot.render import LOCALES, read_toml
from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.roster_cells import Bad, Cell, Grid, grids
from bot.roster_files import plain
from bot.roster_wording import problem_sentence
from curriculum.roster_problems import RosterProblem, RosterRefused
from curriculum.visit_rows import COLUMNS, FIELDS, PEOPLE, Fault, Written

FIELDS_WITHIN = 30  # rows from the top
WIDTHS = (16, 14, 30, 40, 14, 18)
HEAD = {"bold": True, "bg_color": "#DDEBF7", "bottom": 1}
# As many places and people as are drawn to be filled in.
STOPS_TO_FILL, PEOPLE_TO_FILL = 12, 40
Rows = list[tuple[int, Mapping[str, str]]]


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Per group ("fields", "columns", "people") each written word's code."""
    table = tomllib.loads((LOCALES / "visit_words.toml").read_text(encoding="utf-8"))
    return {
        group: {plain(word): code for code, written in codes.items() for word in written}
        for group, codes in table.items()
    }


def sheet_words(language: str) -> Mapping[str, Mapping[str, str]]:
    """The workbook's words by group and code."""
    words: Mapping[str, Mapping[str, str]] = read_toml(language, "visit_sheet.toml")
    return words


def read_visit(data: bytes, file_name: str) -> Written | None:
    """The visit in a file's bytes; None where it is some other file."""
    try:
        found = grids(data, file_name, dates=True)
    except RosterRefused:
        return None
    for place, grid in enumerate(found):
        header = _header(grid, "columns", {"date", "destination"})
        if header is not None and _names_fields(grid, header):
            return _written(grid, header, [*found[:place], *found[place + 1 :]])
    return None


def _header(grid: Grid, group: str, needed: set[str]) -> int | None:
    """The first row that names these columns."""
    words = _words()[group]
    for line, row in enumerate(grid.rows[:FIELDS_WITHIN]):
        named = {words.get(plain(cell)) for cell in row if isinstance(cell, str)}
        if needed <= named:
            return line
    return None


def _names_fields(grid: Grid, header: int) -> bool:
    words = _words()["fields"]
    named = {
        words.get(plain(row[0])) for row in grid.rows[:header] if row and isinstance(row[0], str)
    }
    return len(named & set(FIELDS)) >= 2


def _written(grid: Grid, header: int, others: list[Grid]) -> Written:
    words, faults = _words(), list[Fault]()
    fields: dict[str, tuple[int, str]] = {}
    for line, row in enumerate(grid.rows[:header], start=1):
        code = words["fields"].get(plain(row[0])) if row and isinstance(row[0], str) else None
        if code is None or len(row) < 2:
            continue
        value = _text(row[1], line, code, faults)
        if value and code not in fields:
            fields[code] = (line, value)
    people: Rows = []
    for other in others:
        head = _header(other, "people", {"name"})
        if head is not None and not people:
            people = _rows(other, head, "people", faults)
    return Written(fields, _rows(grid, header, "columns", faults), people, faults)


def _rows(grid: Grid, header: int, group: str, faults: list[Fault]) -> Rows:
    """The filled rows below a header, each cell by its column's code."""
    words = _words()[group]
    columns: dict[int, str] = {}
    for place, cell in enumerate(grid.rows[header]):
        code = words.get(plain(cell)) if isinstance(cell, str) else None
        if code is not None and code not in columns.values():
            columns[place] = code
    found: Rows = []
    for line, row in enumerate(grid.rows[header + 1 :], start=header + 2):
        cells = {
            columns[place]: value
            for place, cell in enumerate(row)
            if place in columns and (value := _text(cell, line, columns[place], faults))
        }
        if cells:
            found.append((line, cells))
    return found


def _text(cell: Cell, line: int, column: str, faults: list[Fault]) -> str:
    if isinstance(cell, Bad):
        if cell.code:
            faults.append(Fault(line, column, cell.code))
        return ""
    return cell


def word_fault(fault: Fault, language: str) -> str:
    """A fault with its place: 第5行“出发日期”：…"""
    words = sheet_words(language)
    column = words["names"].get(fault.column, fault.column)
    head = words["names"]["where" if fault.line else "whole"]
    sentence = words["faults"].get(fault.code)
    if sentence is None:
        # What is wrong with a cell as such is said as it is of a roster's.
        said = problem_sentence(RosterProblem(fault.line, "", fault.code), language)
    else:
        said = sentence.format(**fault.facts)
    return head.format(line=fault.line, column=column) + said


def blank_visit(*, language: str, made_at: datetime) -> bytes:
    """The workbook to fill in: fields and places on one sheet, people on the other."""
    import xlsxwriter

    words = sheet_words(language)
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    text, head = book.add_format({"num_format": "@"}), book.add_format(HEAD)
    hint = book.add_format({"italic": True, "font_color": "#808080"})
    sheet = new_sheet(book, words["names"]["sheet"])
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width, text)
    for line, name in enumerate(FIELDS):
        sheet.write_string(line, 0, words["names"][name], head)
        sheet.write_string(line, 2, cell_text(words["hints"][name], cut_mark=""), hint)
    for place, name in enumerate(COLUMNS):
        sheet.write_string(len(FIELDS) + 1, place, words["names"][name], head)
    last = len(FIELDS) + 2 + STOPS_TO_FILL
    sheet.ignore_errors({"number_stored_as_text": f"A1:F{last}"})
    people = new_sheet(book, words["names"]["people"])
    for place, name in enumerate(PEOPLE):
        people.set_column(place, place, 18, text)
        people.write_string(0, place, words["names"][name], head)
    people.write_string(0, len(PEOPLE) + 1, words["hints"]["people"], hint)
    people.ignore_errors({"number_stored_as_text": f"A1:D{PEOPLE_TO_FILL}"})
    book.close()
    return stream.getvalue()
