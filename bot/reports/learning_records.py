"""The learning ledger as a workbook or CSV, streamed: memory does not grow with the rows."""

import csv
import io
from collections.abc import Callable, Iterable
from datetime import datetime, tzinfo
from pathlib import Path
from typing import BinaryIO

from bot.reports.cells import csv_text
from bot.reports.record_sheets import (
    COLUMNS,
    ROWS_A_SHEET,
    Cell,
    RecordSheets,
    formats_of,
    new_sheet,
    write_notes,
)
from bot.reports.whole_files import new_workbook, opened
from bot.reports.words import Words, report_words
from curriculum.records import Period, RecordRow


def _cells(row: RecordRow, words: Words, zone: tzinfo) -> tuple[Cell, ...]:
    """The row's cells in the order of COLUMNS; a code without a word is shown as it is."""
    if row.recorded_at.tzinfo is None:
        raise ValueError("recorded_at must be aware")
    kind = "record" if row.corrects is None else "correction"
    return (
        row.occurred_on,
        row.unit_path,
        row.person_name,
        row.person_number or "",
        words["study"].get(row.study, row.study),
        row.title,
        row.minutes,
        words["mode"].get(row.mode, row.mode),
        words["evidence"].get(row.evidence, row.evidence),
        words["claimable"].get(row.claimable, row.claimable),
        words["kind"][kind],
        row.recorded_at.astimezone(zone).replace(tzinfo=None, microsecond=0),
        row.recorded_by or "",
        str(row.record_id),
        "" if row.corrects is None else str(row.corrects),
    )


def _zone(made_at: datetime) -> tzinfo:
    if made_at.tzinfo is None:
        raise ValueError("made_at must be aware: its zone is the reader's")
    return made_at.tzinfo


def write_csv(
    rows: Iterable[RecordRow],
    target: BinaryIO | Path,
    *,
    language: str,
    made_at: datetime,
    on_row: Callable[[int], None] | None = None,
) -> int:
    """Write UTF-8 CSV (RFC 4180) with the mark by which Excel knows it; returns the rows written.

    Dates and local times (in the zone of `made_at`) are ISO, minutes plain numbers. `on_row` is
    called with the count after each row. Raises ValueError for a time without zone.
    """
    words, zone = report_words(language), _zone(made_at)
    mark, count = words["sentences"]["cut"], 0
    with opened(target) as stream:
        text = io.TextIOWrapper(stream, "utf-8-sig", newline="")
        try:
            writer = csv.writer(text)
            writer.writerow(words["columns"][name] for name in COLUMNS)
            for count, row in enumerate(rows, 1):
                writer.writerow(_csv_cell(cell, mark) for cell in _cells(row, words, zone))
                if on_row is not None:
                    on_row(count)
            if count == 0:
                writer.writerow([words["sentences"]["empty"]])
        finally:
            text.detach()  # the caller's stream stays open
    return count


def _csv_cell(cell: Cell, mark: str) -> str:
    if isinstance(cell, str):
        return csv_text(cell, cut_mark=mark)
    return cell.isoformat(" ") if isinstance(cell, datetime) else str(cell)


def write_xlsx(
    rows: Iterable[RecordRow],
    target: BinaryIO | Path,
    *,
    language: str,
    period: Period,
    unit_name: str,
    made_at: datetime,
    on_row: Callable[[int], None] | None = None,
    rows_a_sheet: int = ROWS_A_SHEET,
) -> int:
    """Write a workbook of the records and a sheet of notes; returns the rows written.

    Times are shown in the zone of `made_at`. `on_row` is called with the count after each row.
    More than `rows_a_sheet` rows go on in further sheets. Memory does not grow with the rows;
    while it works, the rows lie in a private temporary folder. Raises ValueError for a time
    without zone.
    """
    words, zone = report_words(language), _zone(made_at)
    with new_workbook(target, made_at=made_at) as book:
        formats = formats_of(book)
        sheets = RecordSheets(book, words, formats, rows_a_sheet)
        notes = new_sheet(book, words["sheets"]["notes"])
        count = 0
        for count, row in enumerate(rows, 1):
            sheets.add(_cells(row, words, zone), correction=row.corrects is not None)
            if on_row is not None:
                on_row(count)
        sheets.finish()
        about = _about(period=period, unit_name=unit_name, made_at=made_at, count=count)
        write_notes(notes, words, formats, about)
    return count


def _about(*, period: Period, unit_name: str, made_at: datetime, count: int) -> dict[str, str]:
    return {
        "unit": unit_name,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "made_at": made_at.replace(tzinfo=None, microsecond=0).isoformat(" "),
        "rows": str(count),
    }
