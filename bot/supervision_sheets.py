"""The sheet of supervision pairs: the blank one to fill in, and its rows read back."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache

from bot.render import LANGUAGES, read_toml
from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.roster_cells import Bad, Cell, Grid, grids
from bot.roster_files import plain
from curriculum.supervision_pairs import FREQUENCIES, MODES
from curriculum.supervision_sheet import COLUMNS, NEEDED, Problem, SheetRow

HEADER_WITHIN = 20
WIDTHS = {"unit": 24, "last_day": 16}
ROWS_TO_FILL = 1000

Words = Mapping[str, Mapping[str, str]]


@cache
def words(language: str) -> Words:
    """The sheet's words by group and code."""
    found: Words = read_toml(language, "supervision_sheet.toml")
    return found


@cache
def _columns() -> Mapping[str, str]:
    """Each heading in every language, and its code."""
    return {
        plain(word): code
        for language in LANGUAGES
        for code, word in words(language)["columns"].items()
    }


@cache
def _codes() -> Mapping[str, str]:
    """How often and how one meets, as it is written, and its code."""
    labels = [read_toml(language, "labels.toml") for language in LANGUAGES]
    often = {plain(label[f"every_{n}"]): str(n) for label in labels for n in FREQUENCIES}
    modes = {plain(label[f"mode_{mode}"]): mode for label in labels for mode in MODES}
    return often | modes


def blank_sheet(supervisors: Sequence[str], *, language: str, made_at: datetime) -> bytes:
    """The workbook to fill in, how to do it, and whose names may stand as supervisors."""
    import xlsxwriter

    told, stream = words(language), io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True})
    sheet = new_sheet(book, told["sheets"]["pairs"])
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, WIDTHS.get(column, 14), text)
        sheet.write_string(0, place, told["columns"][column], bold)
    sheet.freeze_panes(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{ROWS_TO_FILL}"})
    guide = new_sheet(book, told["sheets"]["guide"])
    guide.set_column(0, 0, 16)
    guide.set_column(1, 1, 70)
    for line, column in enumerate(COLUMNS):
        guide.write_string(line, 0, told["columns"][column], bold)
        guide.write_string(line, 1, told["explained"][column])
    listed = new_sheet(book, told["sheets"]["supervisors"])
    for line, name in enumerate(supervisors):
        listed.write_string(line, 0, cell_text(name, cut_mark=""), text)
    book.close()
    return stream.getvalue()


def read_sheet(data: bytes, file_name: str) -> tuple[list[SheetRow], list[Problem]] | None:
    """The rows of a sheet of pairs and what is wrong with its cells; None where it is no such one.

    Raises RosterRefused for what is no readable sheet at all.
    """
    for grid in grids(data, file_name):
        line = _header(grid)
        if line is not None:
            return _rows(grid, line)
    return None


def _header(grid: Grid) -> int | None:
    for line, row in enumerate(grid.rows[:HEADER_WITHIN]):
        named = {_columns().get(plain(cell)) for cell in row if isinstance(cell, str)}
        if named.issuperset(NEEDED):
            return line
    return None


def _rows(grid: Grid, line: int) -> tuple[list[SheetRow], list[Problem]]:
    codes = {
        place: code
        for place, cell in enumerate(grid.rows[line])
        if isinstance(cell, str) and (code := _columns().get(plain(cell)))
    }
    rows, problems = [], []
    for number, cells in enumerate(grid.rows[line + 1 :], line + 2):
        written = {code: cells[place] for place, code in codes.items() if place < len(cells)}
        if not any(written.values()):
            continue
        bad = any(isinstance(cell, Bad) for cell in written.values())
        if bad or not all(written.get(code) for code in NEEDED):
            problems.append(Problem(number, "cell_not_read" if bad else "cell_missing"))
            continue
        rows.append(_row(number, written))
    return rows, problems


def _row(number: int, written: Mapping[str, Cell]) -> SheetRow:
    texts = {code: " ".join(str(cell).split()) for code, cell in written.items()}
    for code in ("every", "mode"):
        if code in texts:
            texts[code] = _codes().get(plain(texts[code]), texts[code])
    return SheetRow(line=number, **texts)


def word_problem(problem: Problem, language: str) -> str:
    """第3行：…, or what is wrong with the file."""
    told = words(language)["problems"]
    sentence = told[problem.code].format(**problem.facts)
    return told["row"].format(line=problem.line) + sentence if problem.line else sentence
