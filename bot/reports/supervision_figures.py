"""A coordinator's sheet of supervision: a row a session, and figures; no word of what was said."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from bot.render import read_toml
from bot.reports.cells import cell_text, starts_like_formula
from bot.reports.record_sheets import Formats, formats_of, new_sheet
from bot.reports.whole_files import new_workbook
from bot.reports.words import report_words
from curriculum.records import Period
from curriculum.supervision_counts import Counts, Held

# The columns in order, each with its width in characters.
COLUMNS = {
    "date": 12,
    "number": 8,
    "form": 8,
    "minutes": 8,
    "mode": 8,
    "functions": 18,
    "supervisor": 14,
    "worker": 24,
    "unit": 24,
    "confirmed": 12,
    "open": 10,
    "done": 10,
    "dropped": 10,
}
Cell = str | int | date


def write_figures(
    target: BinaryIO,
    held: Iterable[Held],
    found: Counts,
    *,
    period: Period,
    unit: str,
    language: str,
    made_at: datetime,
) -> int:
    """Write the sessions of a span and what they add up to; gives how many there were."""
    labels, count = read_toml(language, "labels.toml"), 0

    def word(name: str) -> str:
        return str(labels[f"supervision_{name}"])

    with new_workbook(target, made_at=made_at) as book:
        formats, mark = formats_of(book), report_words(language)["sentences"]["cut"]
        sheet = new_sheet(book, word("sheet_sessions"))
        for place, (name, width) in enumerate(COLUMNS.items()):
            sheet.set_column(place, place, width)
            sheet.write_string(0, place, word(f"col_{name}"), formats.head)
        for count, one in enumerate(held, start=1):
            _write(sheet, count, _cells(one, word), formats, mark)
        sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
        sheet.freeze_panes(1, 0)
        figures = new_sheet(book, word("sheet_figures"))
        figures.set_column(0, 0, 28)
        span: list[tuple[str, Cell]] = [
            (word("col_unit"), unit),
            (word("span"), f"{period.since.isoformat()} .. {period.until.isoformat()}"),
        ]
        for row, line in enumerate([*span, *_lines(found, word)]):
            _write(figures, row, line, formats, mark)
    return count


def _cells(one: Held, word: Any) -> Sequence[Cell]:
    return (
        one.occurred_on,
        one.number or "",
        word(one.form),
        one.minutes,
        word(one.mode),
        "、".join(word(name) for name in one.functions),
        one.supervisor,
        "、".join(one.workers),
        "、".join(one.units),
        word(f"is_{one.confirmed}"),
        *(one.actions.get(state, 0) for state in ("open", "done", "dropped")),
    )


def _lines(found: Counts, word: Any) -> Iterable[tuple[str, Cell]]:
    yield word("sessions"), found.sessions
    yield word("col_minutes"), found.minutes
    for name in ("online", "offline"):
        yield word(name), found.modes.get(name, 0)
    for name in ("individual", "group", "peer"):
        yield word(name), found.forms.get(name, 0)
    for name in ("both", "one_sided", "not_yet"):
        yield word(f"is_{name}"), found.confirmed.get(name, 0)
    yield word("supervisors"), len(found.supervisors)
    yield word("supervisees"), found.supervisees
    for state in ("open", "done", "dropped"):
        yield word(f"col_{state}"), found.actions.get(state, 0)
    yield from found.supervisors
    yield from found.units


def _write(sheet: Any, row: int, cells: Sequence[Cell], formats: Formats, mark: str) -> None:
    for place, cell in enumerate(cells):
        if isinstance(cell, int):
            sheet.write_number(row, place, cell, formats.number[0])
        elif isinstance(cell, date):
            sheet.write_datetime(row, place, cell, formats.date[0])
        elif cell:
            look = formats.guarded if starts_like_formula(cell) else formats.text
            sheet.write_string(row, place, cell_text(cell, cut_mark=mark), look[0])
