"""Reads a roster from the xlsx or csv people send: finds the column names, gives rows by code."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from bot.render import LOCALES
from bot.roster_cells import MAX_FILE, Bad, Cell, Grid, grids, refuse
from curriculum.roster_problems import RosterProblem, RosterRefused, quoted
from curriculum.roster_rows import COLUMNS, NEEDED, RosterRow

__all__ = ["MAX_FILE", "RosterFile", "read_roster"]

HEADER_WITHIN = 20  # rows from the top
NOT_READ = "not_read"
_NOTE = re.compile(r"[(\[【].*?[)\]】]")
_ROLE_SIGNS = re.compile(r"[、，,;；/+]")


@dataclass(frozen=True, slots=True)
class RosterFile:
    """The rows of a file and what is wrong with its cells; such rows are left out of `rows`."""

    rows: tuple[RosterRow, ...]
    problems: tuple[RosterProblem, ...]


@cache
def roster_words() -> Mapping[str, Mapping[str, str]]:
    """Per group ("columns", "roles", "levels", "marks") each written word's code."""
    table = tomllib.loads((LOCALES / "roster_words.toml").read_text(encoding="utf-8"))
    words = {
        group: {plain(word): code for code, written in codes.items() for word in written}
        for group, codes in table.items()
        if group != NOT_READ
    }
    words["columns"] |= {plain(word): NOT_READ for word in table[NOT_READ]["columns"]}
    return words


def plain(written: str) -> str:
    """A word without what makes no difference: width, capitals, spaces, stars, notes."""
    text = unicodedata.normalize("NFKC", written).casefold()
    return "".join(_NOTE.sub("", text).replace("*", "").split())


def read_roster(data: bytes, file_name: str) -> RosterFile:
    """The roster in a file's bytes. Raises RosterRefused when there is none to be read."""
    sheets = [
        (grid, line) for grid in grids(data, file_name) if (line := _header(grid)) is not None
    ]
    filled = [(grid, line) for grid, line in sheets if any(map(_has_text, grid.rows[line + 1 :]))]
    if len(filled) > 1:
        raise refuse("sheets_several", sheets=" · ".join(quoted(grid.name) for grid, _ in filled))
    if not sheets:
        raise refuse("header_missing")
    grid, line = (filled or sheets)[0]
    return _rows(grid, line)


def _header(grid: Grid) -> int | None:
    """The row that names at least two of the needed columns."""
    known = roster_words()["columns"]
    for line, row in enumerate(grid.rows[:HEADER_WITHIN]):
        named = {known.get(plain(cell)) for cell in row if isinstance(cell, str)}
        if len(named & set(NEEDED)) > 1:
            return line
    return None


def _has_text(row: Sequence[Cell]) -> bool:
    return any(cell for cell in row if not isinstance(cell, Bad) or cell.code)


def _columns(grid: Grid, line: int) -> tuple[dict[int, str], list[RosterProblem]]:
    """Which code each column has, "" for one without a name; and what is wrong with the names."""
    known = roster_words()["columns"]
    codes: dict[int, str] = {}
    problems = []
    for place, cell in enumerate(grid.rows[line]):
        if isinstance(cell, Bad):
            if cell.code:
                problems.append(RosterProblem(line + 1, "", cell.code))
            continue
        if not cell:
            continue
        code = known.get(plain(cell))
        if code is None:
            facts = {"written": quoted(cell)}
            problems.append(RosterProblem(line + 1, "", "column_unknown", facts))
        elif code != NOT_READ and code in codes.values():
            problems.append(RosterProblem(line + 1, "", "column_twice", {"column": code}))
        codes[place] = code or NOT_READ
    problems += [
        RosterProblem(line + 1, "", "column_missing", {"column": code})
        for code in NEEDED
        if code not in codes.values()
    ]
    return codes, problems


def _rows(grid: Grid, line: int) -> RosterFile:
    codes, problems = _columns(grid, line)
    if problems:
        # Without sound columns every row would seem to be wrong.
        raise RosterRefused(problems)
    rows, left_out = [], []
    for number, cells in enumerate(grid.rows[line + 1 :], line + 2):
        if not any(cells):
            continue
        found, wrong = _row(number, cells, codes)
        problems += wrong
        if found is not None:
            rows.append(found)
        else:
            left_out.append(number)
    if left_out and not problems:
        # The merged cells began in a column that is not read: nobody may be lost silently.
        problems = [RosterProblem(number, "", "cell_merged") for number in left_out]
    return RosterFile(tuple(rows), tuple(problems))


def _row(
    number: int, cells: Sequence[Cell], codes: Mapping[int, str]
) -> tuple[RosterRow | None, list[RosterProblem]]:
    written = dict.fromkeys(COLUMNS, "")
    problems: list[RosterProblem] = []
    is_whole = True
    for place, cell in enumerate(cells):
        code = codes.get(place, "")
        if code == NOT_READ or not cell:
            continue
        if isinstance(cell, Bad):
            is_whole = False
            if cell.code:
                problems.append(RosterProblem(number, code, cell.code))
        elif not code:
            problems.append(RosterProblem(number, "", "cell_stray", {"written": quoted(cell)}))
        else:
            written[code] = cell
    if not is_whole:
        return None, problems
    return _coded(number, written), problems


def _coded(number: int, written: Mapping[str, str]) -> RosterRow:
    words = roster_words()
    roles = [part.strip() for part in _ROLE_SIGNS.split(written["role"]) if part.strip()]
    return RosterRow(
        line=number,
        unit=written["unit"],
        name=written["name"],
        roles=tuple(dict.fromkeys(words["roles"].get(plain(role), role) for role in roles)),
        cohort=written["cohort"],
        phone=written["phone"],
        number=words["marks"].get(plain(written["number"]), written["number"]),
        level=words["levels"].get(plain(written["level"]), written["level"]),
    )
