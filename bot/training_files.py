"""A training sheet: the blank one to fill in, and one sent back read into fields and half days."""

import io
import tomllib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from bot.render import LOCALES, read_toml
from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.roster_cells import Bad, Cell, Grid, grids
from bot.roster_files import plain
from bot.roster_wording import problem_sentence
from curriculum.roster_problems import RosterProblem, RosterRefused
from curriculum.training_rows import COLUMNS, FIELDS, Fault, Written

FIELDS_WITHIN = 30  # rows from the top
WIDTHS = (16, 40, 12, 30, 16)
HEAD = {"bold": True, "bg_color": "#DDEBF7", "bottom": 1}
# As many half days as are drawn to be filled in.
ROWS_TO_FILL = 8


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    """Per group ("fields", "columns") each written word's code."""
    table = tomllib.loads((LOCALES / "training_words.toml").read_text(encoding="utf-8"))
    return {
        group: {plain(word): code for code, written in codes.items() for word in written}
        for group, codes in table.items()
    }


def sheet_words(language: str) -> Mapping[str, Mapping[str, str]]:
    """The sheet's words by group and code."""
    words: Mapping[str, Mapping[str, str]] = read_toml(language, "training_sheet.toml")
    return words


def read_training(data: bytes, file_name: str) -> Written | None:
    """The training in a file's bytes; None where it is some other file."""
    try:
        found = [
            (grid, line)
            for grid in grids(data, file_name, dates=True)
            if (line := _header(grid)) is not None
        ]
    except RosterRefused:
        return None
    return _written(*found[0]) if found else None


def _header(grid: Grid) -> int | None:
    """The row that names the columns of the half days, below at least two fields."""
    words = _words()
    fields = {
        words["fields"].get(plain(row[0]))
        for row in grid.rows[:FIELDS_WITHIN]
        if row and isinstance(row[0], str)
    }
    if len(fields & set(FIELDS)) < 2:
        return None
    for line, row in enumerate(grid.rows[:FIELDS_WITHIN]):
        named = {words["columns"].get(plain(cell)) for cell in row if isinstance(cell, str)}
        if {"date", "topic"} <= named:
            return line
    return None


def _written(grid: Grid, header: int) -> Written:
    words = _words()
    faults: list[Fault] = []
    fields: dict[str, tuple[int, str]] = {}
    for line, row in enumerate(grid.rows[:header], start=1):
        code = words["fields"].get(plain(row[0])) if row and isinstance(row[0], str) else None
        if code is None or len(row) < 2:
            continue
        value = _text(row[1], line, code, faults)
        if value and code not in fields:
            fields[code] = (line, value)
    columns = {
        place: code
        for place, cell in enumerate(grid.rows[header])
        if isinstance(cell, str) and (code := words["columns"].get(plain(cell))) is not None
    }
    periods = []
    for line, row in enumerate(grid.rows[header + 1 :], start=header + 2):
        cells = {
            columns[place]: value
            for place, cell in enumerate(row)
            if place in columns and (value := _text(cell, line, columns[place], faults))
        }
        if cells:
            periods.append((line, cells))
    return Written(fields, periods, faults)


def _text(cell: Cell, line: int, column: str, faults: list[Fault]) -> str:
    if isinstance(cell, Bad):
        if cell.code:
            faults.append(Fault(line, column, cell.code))
        return ""
    return cell


def word_fault(fault: Fault, language: str) -> str:
    """A fault with its place: 第5行“报名截止”：…"""
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


def blank_training(*, language: str, made_at: datetime) -> bytes:
    """The workbook to fill in: fields above, a row for each half day below."""
    import xlsxwriter

    words = sheet_words(language)
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    sheet = new_sheet(book, words["names"]["sheet"])
    text, head = book.add_format({"num_format": "@"}), book.add_format(HEAD)
    hint = book.add_format({"italic": True, "font_color": "#808080"})
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width, text)
    for line, name in enumerate(FIELDS):
        sheet.write_string(line, 0, words["names"][name], head)
        sheet.write_string(line, 2, cell_text(words["hints"][name], cut_mark=""), hint)
    _head(sheet, len(FIELDS) + 1, [words["names"][name] for name in COLUMNS], head)
    last = len(FIELDS) + 1 + ROWS_TO_FILL
    sheet.ignore_errors({"number_stored_as_text": f"A1:E{last}"})
    book.close()
    return stream.getvalue()


def _head(sheet: object, line: int, names: Sequence[str], head: object) -> None:
    for place, name in enumerate(names):
        sheet.write_string(line, place, name, head)  # type: ignore[attr-defined]
