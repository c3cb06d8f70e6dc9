"""A person's copy of her data: a workbook to read, and JSON for machines."""

import json
import tomllib
from collections.abc import Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any

from bot.reports.cells import cell_text
from bot.reports.record_sheets import new_sheet
from bot.reports.whole_files import new_workbook
from bot.reports.words import Words, report_words
from curriculum.personal_data import Section, Value

# Characters; a text of hers gets the room to be read.
WIDTH, WIDE = 18, 60
# What people wrote: never taken for a code.
WRITTEN = frozenset(
    (
        *("text", "words", "context", "title", "whole", "tags"),
        *("background", "practice", "result", "reflection", "transfer"),
    )
)
WIDE_COLUMNS = WRITTEN | {"reason"}


@cache
def copy_words(language: str) -> Words:
    """The words of the copy in a language, by group: sections, columns, codes, notes."""
    found = files("bot") / "locales" / language / "personal_data.toml"
    return tomllib.loads(found.read_text("utf-8"))


def as_json(sections: Sequence[Section], *, made_at: datetime) -> bytes:
    """Every section by its name, also the empty ones; moments as ISO 8601 with their zone."""

    def plain(value: Value) -> Any:
        return value.isoformat() if isinstance(value, date) else value

    found = {
        one.name: [{key: plain(value) for key, value in row.items()} for row in one.rows]
        for one in sections
    }
    document = {"made_at": made_at.isoformat(), "sections": found}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def as_workbook(sections: Sequence[Section], *, language: str, made_at: datetime) -> bytes:
    """A first sheet that says what there is, then a sheet for every section with rows.

    `made_at` is aware: in its zone every moment is shown.
    """
    words, stream = copy_words(language), BytesIO()
    with new_workbook(stream, made_at=made_at) as book:
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        _write_overview(book, sections, words, head=head, wrapped=wrapped)
        for one in sections:
            if one.rows:
                _write_section(book, one, language, made_at.tzinfo, head=head, wrapped=wrapped)
    return stream.getvalue()


def _write_overview(
    book: Any, sections: Sequence[Section], words: Words, *, head: Any, wrapped: Any
) -> None:
    sheet = new_sheet(book, words["notes"]["sheet"])
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 70)
    sheet.write_string(0, 0, words["notes"]["kind"], head)
    sheet.write_string(0, 1, words["notes"]["rows"], head)
    for line, one in enumerate(sections, start=1):
        sheet.write_string(line, 0, words["sections"][one.name], wrapped)
        sheet.write_number(line, 1, len(one.rows), wrapped)
    for line, note in enumerate(("not_here", "questions"), start=len(sections) + 2):
        sheet.write_string(line, 1, words["notes"][note], wrapped)


def _write_section(
    book: Any, one: Section, language: str, zone: tzinfo | None, *, head: Any, wrapped: Any
) -> None:
    words = copy_words(language)
    cut = report_words(language)["sentences"]["cut"]
    sheet = new_sheet(book, words["sections"][one.name])
    sheet.freeze_panes(1, 0)
    for column, key in enumerate(one.rows[0]):
        sheet.set_column(column, column, WIDE if key in WIDE_COLUMNS else WIDTH)
        sheet.write_string(0, column, words["columns"][key], head)
    for line, row in enumerate(one.rows, start=1):
        for column, (key, value) in enumerate(row.items()):
            if isinstance(value, int | float) and not isinstance(value, bool):
                # An account's number is an identity, and a sum of them is none.
                sheet.write_number(line, column, value, wrapped)
                continue
            shown = cell_text(_shown(key, value, language, zone), cut_mark=cut)
            if shown:
                sheet.write_string(line, column, shown, wrapped)


def _shown(key: str, value: Value, language: str, zone: tzinfo | None) -> str:
    """A value as a cell says it; a code without a word is shown as it is."""
    words = copy_words(language)["codes"]
    if value is None:
        return ""
    if isinstance(value, bool):
        return words["yes" if value else "no"]
    if isinstance(value, datetime):
        return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if key in WRITTEN else words.get(str(value), str(value))
