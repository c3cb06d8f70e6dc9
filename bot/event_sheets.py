"""A sheet with fields above and rows below: its words, reading it, a blank one, its faults."""

import io
import tomllib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from bot.render import LOCALES, read_toml
from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.roster_cells import Bad, Cell, Grid
from bot.roster_files import plain
from bot.roster_wording import problem_sentence
from curriculum.event_sheets import Fault
from curriculum.roster_problems import RosterProblem

FIELDS_WITHIN = 30  # rows from the top
HEAD = {"bold": True, "bg_color": "#DDEBF7", "bottom": 1}
Words = Mapping[str, Mapping[str, str]]


@cache
def meanings(name: str) -> Words:
    """Per group of `<name>_words.toml` ("fields", "columns" and others) each word's code."""
    table = tomllib.loads((LOCALES / f"{name}_words.toml").read_text(encoding="utf-8"))
    return {
        group: {plain(word): code for code, written in codes.items() for word in written}
        for group, codes in table.items()
    }


def sheet_words(name: str, language: str) -> Words:
    """The words that a sheet is written in, by group and code."""
    words: Words = read_toml(language, f"{name}_sheet.toml")
    return words


def header(grid: Grid, columns: Mapping[str, str], needed: Collection[str]) -> int | None:
    """The first row that names these columns."""
    for line, row in enumerate(grid.rows[:FIELDS_WITHIN]):
        named = {columns.get(plain(cell)) for cell in row if isinstance(cell, str)}
        if named >= set(needed):
            return line
    return None


def names_fields(
    rows: Sequence[Sequence[Cell]], words: Mapping[str, str], fields: Collection[str]
) -> bool:
    """Whether at least two fields stand at the beginning of these rows."""
    named = {words.get(plain(row[0])) for row in rows if row and isinstance(row[0], str)}
    return len(named & set(fields)) >= 2


def fields_above(
    grid: Grid, line: int, words: Mapping[str, str], faults: list[Fault]
) -> dict[str, tuple[int, str]]:
    """What stands beside the names of fields above a row: (line from 1, text) by field."""
    found: dict[str, tuple[int, str]] = {}
    for place, row in enumerate(grid.rows[:line], start=1):
        code = words.get(plain(row[0])) if row and isinstance(row[0], str) else None
        if code is None or len(row) < 2:
            continue
        value = text_of(row[1], place, code, faults)
        if value and code not in found:
            found[code] = (place, value)
    return found


def rows_below(
    grid: Grid, line: int, words: Mapping[str, str], faults: list[Fault]
) -> list[tuple[int, Mapping[str, str]]]:
    """The filled rows below a header, each cell by its column's code."""
    columns: dict[int, str] = {}
    for place, cell in enumerate(grid.rows[line]):
        code = words.get(plain(cell)) if isinstance(cell, str) else None
        if code is not None and code not in columns.values():
            columns[place] = code
    found: list[tuple[int, Mapping[str, str]]] = []
    for number, row in enumerate(grid.rows[line + 1 :], start=line + 2):
        cells = {
            columns[place]: value
            for place, cell in enumerate(row)
            if place in columns and (value := text_of(cell, number, columns[place], faults))
        }
        if cells:
            found.append((number, cells))
    return found


def text_of(cell: Cell, line: int, column: str, faults: list[Fault]) -> str:
    """What a cell says; one that cannot be read is a fault, and says nothing."""
    if isinstance(cell, Bad):
        if cell.code:
            faults.append(Fault(line, column, cell.code))
        return ""
    return cell


def word_fault(name: str, fault: Fault, language: str) -> str:
    """A fault with its place: 第5行“报名截止”：…"""
    words = sheet_words(name, language)
    column = words["names"].get(fault.column, fault.column)
    head = words["names"]["where" if fault.line else "whole"]
    sentence = words["faults"].get(fault.code)
    if sentence is None:
        # What is wrong with a cell as such is said as it is of a roster's.
        said = problem_sentence(RosterProblem(fault.line, "", fault.code), language)
    else:
        said = sentence.format(**fault.facts)
    return head.format(line=fault.line, column=column) + said


class Blank:
    """A workbook to fill in, every cell of it text; `sheet` begins a page of it."""

    def __init__(self, name: str, language: str, *, made_at: datetime) -> None:
        import xlsxwriter

        self.words = sheet_words(name, language)
        self._stream = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._stream, {"in_memory": True})
        self._book.set_properties({"created": made_at.replace(tzinfo=None)})
        self._text = self._book.add_format({"num_format": "@"})
        self._head = self._book.add_format(HEAD)
        self._hint = self._book.add_format({"italic": True, "font_color": "#808080"})

    def sheet(self, name: str, widths: Sequence[int]) -> Any:
        """A page under its name in the sheet's words."""
        page = new_sheet(self._book, self.words["names"][name])
        for place, width in enumerate(widths):
            page.set_column(place, place, width, self._text)
        return page

    def name_fields(self, page: Any, fields: Sequence[str]) -> None:
        """A row for each field: its name, room to fill in, how it is written."""
        for line, name in enumerate(fields):
            page.write_string(line, 0, self.words["names"][name], self._head)
            self.hint(page, line, 2, name)

    def name_columns(self, page: Any, line: int, columns: Sequence[str]) -> None:
        """The header above the rows."""
        for place, name in enumerate(columns):
            page.write_string(line, place, self.words["names"][name], self._head)

    def hint(self, page: Any, line: int, place: int, name: str) -> None:
        """How something is filled in, in grey."""
        page.write_string(
            line, place, cell_text(self.words["hints"][name], cut_mark=""), self._hint
        )

    def data(self) -> bytes:
        """The file."""
        self._book.close()
        return self._stream.getvalue()
