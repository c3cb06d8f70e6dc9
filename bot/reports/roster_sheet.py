"""Roster workbooks: the blank one to fill in, the one that goes back, the one of problems."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.roster_wording import (
    column_name,
    problem_sentence,
    sheet_words,
    word_changes,
    word_roles,
)
from bot.telegram_names import link
from curriculum.people import COORDINATOR, LEARNER, OBSERVER, SUPERVISOR
from curriculum.roster import Imported, ImportedPerson
from curriculum.roster_problems import RosterProblem

# The columns to fill in, each with its width in characters.
TO_FILL = {"unit": 34, "name": 14, "role": 12, "cohort": 18, "phone": 16, "number": 14, "level": 12}
WENT_BACK = {"result": 16, "invitation": 14, "link": 48, "code": 14, "until": 20}
PROBLEMS = {"row": 8, "column": 14, "written": 80}
ROLES = (LEARNER, SUPERVISOR, COORDINATOR, OBSERVER)
ROWS_TO_FILL = 1000

Words = Mapping[str, Mapping[str, str]]
Moment = Callable[[datetime], str]


class _Sheet:
    """One sheet of a workbook: headings, then rows in which every cell is text."""

    def __init__(self, book: Any, words: Words, name: str, columns: Mapping[str, int]) -> None:
        self._sheet = new_sheet(book, words["sheets"][name])
        self._cut = words["sentences"]["cut"]
        self._text = book.add_format({"num_format": "@", "text_wrap": False})
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
        for place, (column, width) in enumerate(columns.items()):
            self._sheet.set_column(place, place, width, self._text)
            self._sheet.write_string(0, place, words["columns"][column], head)
        self._sheet.freeze_panes(1, 0)
        self._line = 0

    @property
    def own(self) -> Any:
        """The library's sheet."""
        return self._sheet

    def add(self, cells: Iterable[str]) -> None:
        """Write the next row; nothing in it is ever run, linked or turned into a number."""
        self._line += 1
        for place, cell in enumerate(cells):
            if cell:
                shown = cell_text(cell, cut_mark=self._cut)
                self._sheet.write_string(self._line, place, shown, self._text)

    def finish(self) -> None:
        """Keep spreadsheet programs from marking numbers kept as text."""
        self._sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{self._line + ROWS_TO_FILL}"})


@contextmanager
def _workbook(made_at: datetime) -> Iterator[tuple[Any, io.BytesIO]]:
    import xlsxwriter

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.set_properties({"created": made_at.replace(tzinfo=None)})
    yield book, stream
    book.close()


def blank_sheet(
    units: Sequence[str], cohorts: Sequence[str], *, language: str, made_at: datetime
) -> bytes:
    """The workbook to fill in, with how to do it and the units and cohorts one may write."""
    words = sheet_words(language)
    with _workbook(made_at) as (book, stream):
        roster = _Sheet(book, words, "roster", TO_FILL)
        places = {"unit": 60, "cohort": 30}
        role = list(TO_FILL).index("role")
        # A hint only: two roles in one cell are allowed.
        choices = [words["roles"][code] for code in ROLES]
        roster.own.data_validation(
            1,
            role,
            ROWS_TO_FILL,
            role,
            {"validate": "list", "source": choices, "error_type": "information"},
        )
        roster.finish()
        _guide(book, words)
        listed = _Sheet(book, words, "places", places)
        for line in range(max(len(units), len(cohorts))):
            listed.add(
                (
                    units[line] if line < len(units) else "",
                    cohorts[line] if line < len(cohorts) else "",
                )
            )
    return stream.getvalue()


def _guide(book: Any, words: Words) -> None:
    sheet = new_sheet(book, words["sheets"]["guide"])
    head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 70)
    sheet.write_string(0, 0, words["guide"]["title"])
    for place, name in enumerate(("column", "meaning")):
        sheet.write_string(2, place, words["guide"][name], head)
    for line, column in enumerate(TO_FILL, 3):
        sheet.write_string(line, 0, words["columns"][column], wrapped)
        sheet.write_string(line, 1, words["explained"][column], wrapped)


def result_sheet(
    imported: Imported, *, language: str, bot_username: str, moment: Moment, made_at: datetime
) -> bytes:
    """The roster as it now stands, to be kept and imported again: numbers, links, codes.

    `moment` words a time as the bot does everywhere.
    """
    words = sheet_words(language)
    with _workbook(made_at) as (book, stream):
        sheet = _Sheet(book, words, "roster", {**TO_FILL, **WENT_BACK})
        for person in imported.people:
            sheet.add(_result(person, words, language, bot_username, moment))
        sheet.finish()
        _guide(book, words)
    return stream.getvalue()


def _result(
    person: ImportedPerson, words: Words, language: str, bot_username: str, moment: Moment
) -> Sequence[str]:
    result = "new" if person.is_new else "unchanged"
    return (
        person.unit,
        person.name,
        word_roles(person.roles, language),
        person.cohort,
        person.phone,
        person.number,
        "",
        word_changes(person.changes or (result,), language),
        words["invitations"][person.invitation],
        link(bot_username, person.token) if person.token else "",
        person.code,
        moment(person.until) if person.until else "",
    )


def problems_sheet(problems: Sequence[RosterProblem], *, language: str, made_at: datetime) -> bytes:
    """Every problem by row and column, for when they are too many to read in chat."""
    words = sheet_words(language)
    with _workbook(made_at) as (book, stream):
        sheet = _Sheet(book, words, "problems", PROBLEMS)
        for problem in problems:
            sheet.add(
                (
                    str(problem.line) if problem.line else "",
                    column_name(problem, language),
                    problem_sentence(problem, language),
                )
            )
        sheet.finish()
    return stream.getvalue()
