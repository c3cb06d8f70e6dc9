"""The workbooks of a training's file: who stood on its lists, and who was in which half day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.render import Renderer
from bot.reports.cells import cell_text, starts_like_formula
from bot.reports.record_sheets import Formats, formats_of, new_sheet
from bot.reports.training_papers import words_of
from bot.reports.whole_files import new_workbook
from bot.reports.words import report_words
from curriculum.people import ZONE
from curriculum.training_file import Entry, Half, TrainingFile

ROSTER = {
    "number": 6,
    "name": 14,
    "person_number": 14,
    "unit": 30,
    "role": 10,
    "phone": 16,
    "state": 12,
    "reason": 16,
}
LEDGER = {
    "on": 12,
    "half": 44,
    "name": 14,
    "person_number": 14,
    "unit": 30,
    "minutes": 8,
    "evidence": 10,
    "recorded_by": 14,
    "recorded_at": 18,
    "record_id": 12,
}
OWN, HALF_WIDTH = {"number": 6, "name": 14, "person_number": 14, "unit": 30}, 18
# Who comes stands first on the roster.
STATES = ("registered", "walk_in", "waiting", "declined")
Cell = str | int | date | datetime


class _Sheet:
    """One sheet: a head that stays, then typed cells; no text in it is ever run."""

    def __init__(self, book: Any, title: str, head: Sequence[tuple[str, int]], looks: Formats):
        self._sheet, self._looks, self._line = new_sheet(book, title), looks, 0
        for place, (name, width) in enumerate(head):
            self._sheet.set_column(place, place, width)
            shown = cell_text(name, cut_mark="…")
            self._sheet.write_string(0, place, shown, looks.head)
        self._sheet.freeze_panes(1, 0)

    def add(self, cells: Iterable[Cell]) -> None:
        """Write the next row."""
        self._line += 1
        looks = self._looks
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                self._sheet.write_number(self._line, place, cell, looks.number[0])
            elif isinstance(cell, date):
                look = looks.moment if isinstance(cell, datetime) else looks.date
                self._sheet.write_datetime(self._line, place, cell, look[0])
            elif cell:
                look = looks.guarded if starts_like_formula(cell) else looks.text
                shown = cell_text(cell, cut_mark="…")
                self._sheet.write_string(self._line, place, shown, look[0])

    def finish(self) -> None:
        """Keep spreadsheet programs from marking numbers that are kept as text."""
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self._line + 1}"})


def write_roster(
    found: TrainingFile, target: Path, *, renderer: Renderer, language: str, made_at: datetime
) -> int:
    """花名册: everybody who comes, waits or does not, with why; gives how many come."""
    words = words_of(language)
    people = sorted(found.people, key=lambda one: STATES.index(one.state))
    with new_workbook(target, made_at=made_at) as book:
        head = [(words[name], width) for name, width in ROSTER.items()]
        sheet = _Sheet(book, words["roster_sheet"], head, formats_of(book))
        for number, one in enumerate(people, start=1):
            sheet.add(
                (
                    number,
                    one.name,
                    one.number,
                    one.unit,
                    renderer.label(one.role, language) if one.role else "",
                    one.phone,
                    words[one.state],
                    renderer.label(f"reason_{one.reason}", language) if one.reason else "",
                )
            )
        sheet.finish()
    return sum(one.state in STATES[:2] for one in people)


def write_register(
    entries: Iterable[Entry],
    halves: Sequence[Half],
    target: Path,
    *,
    renderer: Renderer,
    language: str,
    made_at: datetime,
) -> int:
    """学时台账: who was in which half day and what proves it, then each row; gives how many rows.

    `entries` come one person's beside each other; memory holds no more than hers.
    """
    words, evidence = words_of(language), report_words(language)["evidence"]
    count = 0
    with new_workbook(target, made_at=made_at) as book:
        looks = formats_of(book)
        head = [(words[name], width) for name, width in OWN.items()]
        head += [
            (f"{renderer.moment(one.starts_at, language)} {one.topic}", HALF_WIDTH)
            for one in halves
        ]
        present = _Sheet(book, words["attendance_sheet"], [*head, (words["total"], 10)], looks)
        ledger_head = [(words[name], width) for name, width in LEDGER.items()]
        ledger = _Sheet(book, words["rows_sheet"], ledger_head, looks)
        by_person = groupby(entries, key=lambda one: one.person_id)
        for number, (_, own) in enumerate(by_person, start=1):
            rows = list(own)
            count += len(rows)
            marks = {one.source_id: evidence.get(one.evidence, one.evidence) for one in rows}
            present.add(
                (
                    number,
                    rows[0].name,
                    rows[0].number,
                    rows[0].unit,
                    *(marks.get(one.period_id, "") for one in halves),
                    sum(one.minutes for one in rows),
                )
            )
            for one in rows:
                ledger.add(_ledger_cells(one, evidence, made_at))
        present.finish()
        ledger.finish()
    return count


def _ledger_cells(one: Entry, evidence: Mapping[str, str], made_at: datetime) -> tuple[Cell, ...]:
    entered = one.recorded_at.astimezone(made_at.tzinfo or ZoneInfo(ZONE))
    return (
        one.occurred_on,
        one.title,
        one.name,
        one.number,
        one.unit,
        one.minutes,
        evidence.get(one.evidence, one.evidence),
        one.recorded_by,
        entered.replace(tzinfo=None, microsecond=0),
        str(one.record_id),
    )
