"""The cells of a roster file nobody has vouched for: xlsx or csv bytes in, text and marks out."""

import csv
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from curriculum.clean_text import clean
from curriculum.roster_problems import RosterProblem, RosterRefused
from curriculum.roster_rows import MAX_ROWS

MAX_FILE = 5 * 1024 * 1024
MAX_UNPACKED = 64 * 1024 * 1024
MAX_COLUMNS = 64
# Headings and titles above the people, and empty lines between them.
MAX_LINES = MAX_ROWS + 500
# From here on a spreadsheet program has changed the last digits of a number.
SURE_DIGITS = 1e15

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_DELIMITERS = (",", "\t", ";", "，")


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that holds no text; `code` is the problem, "" where another cell tells it."""

    code: str


Cell = str | Bad


@dataclass(slots=True)
class Grid:
    """A sheet from its first row and column on."""

    name: str
    rows: list[list[Cell]]


@dataclass(slots=True)
class _Marks:
    """What the values alone do not tell, by row and column from 0."""

    formulas: set[tuple[int, int]] = field(default_factory=set)
    errors: set[tuple[int, int]] = field(default_factory=set)


def refuse(code: str, **facts: str | int) -> RosterRefused:
    """The refusal of a file as a whole."""
    return RosterRefused([RosterProblem(0, "", code, facts)])


def grids(data: bytes, file_name: str, *, dates: bool = False) -> list[Grid]:
    """Every visible sheet of the file. Raises RosterRefused for one that cannot be read.

    With `dates` a date or an hour is text as people write it, else a fault: a roster has none.
    """
    if len(data) > MAX_FILE:
        raise refuse("file_too_large", limit=MAX_FILE // 1024 // 1024)
    if data.startswith(_ZIP):
        return _xlsx(data, dates=dates)
    if data.startswith(_OLE):
        raise refuse("file_encrypted" if _ENCRYPTED in data else "file_old_excel")
    if not file_name.lower().endswith((".csv", ".txt")):
        raise refuse("file_unreadable" if file_name.lower().endswith(".xlsx") else "file_kind")
    return [_csv(data)]


# --- csv


def _csv(data: bytes) -> Grid:
    text = _decoded(data)
    head = "\n".join(text.split("\n", 20)[:20])
    delimiter = max(_DELIMITERS, key=head.count)
    rows: list[list[Cell]] = []
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if len(rows) >= MAX_LINES:
                raise refuse("too_many_rows", limit=MAX_ROWS)
            rows.append([_text_cell(value) for value in line])
    except csv.Error as error:
        raise refuse("file_unreadable") from error
    if any(any(row[MAX_COLUMNS:]) for row in rows):
        raise refuse("too_many_columns", limit=MAX_COLUMNS)
    return Grid("", rows)


def _decoded(data: bytes) -> str:
    encodings = ["utf-8-sig", "gb18030"]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    for encoding in encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("file_encoding")


def _text_cell(value: str) -> Cell:
    """A text as one clean line; one that a program would run is no text."""
    line = " ".join(clean(value).split())
    return Bad("cell_formula") if line.startswith("=") else line


# --- xlsx


def _xlsx(data: bytes, *, dates: bool) -> list[Grid]:
    try:
        marks = _inspected(data)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        found = []
        for sheet in book.sheets_metadata:
            is_shown = sheet.visible == SheetVisibleEnum.Visible
            if sheet.typ == SheetTypeEnum.WorkSheet and is_shown and sheet.name in marks:
                found.append(_grid(book, sheet.name, marks[sheet.name], dates=dates))
    except (
        CalamineError,
        etree.XMLSyntaxError,
        zipfile.BadZipFile,
        zlib.error,
        struct.error,
        KeyError,
        ValueError,
        OSError,
        NotImplementedError,
    ) as error:
        raise refuse("file_unreadable") from error
    return found


def _grid(book: CalamineWorkbook, name: str, marks: _Marks, *, dates: bool) -> Grid:
    sheet = book.get_sheet_by_name(name)
    rows = [
        [_cell(value, dates=dates) for value in row]
        for row in sheet.to_python(skip_empty_area=False)
    ]
    for code, places in (("cell_formula", marks.formulas), ("cell_error", marks.errors)):
        for row, column in places:
            _mark(rows, row, column, Bad(code))
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in range(top, min(bottom, len(rows) - 1) + 1):
            for column in range(left, min(right, MAX_COLUMNS) + 1):
                is_first = (row, column) == (top, left)
                _mark(rows, row, column, Bad("cell_merged" if is_first else ""))
    return Grid(name, rows)


def _mark(rows: list[list[Cell]], row: int, column: int, bad: Bad) -> None:
    while len(rows) <= row:
        rows.append([])
    cells = rows[row]
    cells += [""] * (column + 1 - len(cells))
    cells[column] = bad


def _cell(value: object, *, dates: bool) -> Cell:
    if isinstance(value, bool):
        return Bad("cell_not_text")
    if isinstance(value, int | float):
        if abs(value) >= SURE_DIGITS:
            return Bad("cell_number_long")
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, date | time | timedelta):
        return _written(value) if dates else Bad("cell_is_date")
    return _text_cell(str(value))


def _written(value: date | time | timedelta) -> str:
    """2026-12-21, 9:30: a day without its midnight, an hour without its day."""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    minutes = int(value.total_seconds()) // 60
    return f"{minutes // 60}:{minutes % 60:02}"


def _inspected(data: bytes) -> dict[str, _Marks]:
    """Each sheet's formulas and errors, once its real size is known to be harmless.

    The reader sets aside room for everything between a sheet's first and last cell, and unpacks
    whatever a zip holds; so both are measured here first, and not as the file claims them.
    """
    parts = _unpacked(data)
    book = etree.fromstring(parts["xl/workbook.xml"], _parser())
    links = etree.fromstring(parts["xl/_rels/workbook.xml.rels"], _parser())
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    marks = {}
    for sheet in book.iter("{*}sheet"):
        link = next((v for k, v in sheet.attrib.items() if str(k).endswith("}id")), None)
        target = str(targets.get(link, ""))
        path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if path in parts:
            marks[str(sheet.get("name"))] = _sheet_marks(parts[path])
    return marks


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True)


def _sheet_marks(xml: bytes) -> _Marks:
    marks = _Marks()
    for row, column, cell in _cells(xml):
        if len(cell) == 0:
            continue  # only a look, no value
        if column >= MAX_COLUMNS:
            raise refuse("too_many_columns", limit=MAX_COLUMNS)
        if row >= MAX_LINES:
            raise refuse("too_many_rows", limit=MAX_ROWS)
        if cell.find("{*}f") is not None:
            marks.formulas.add((row, column))
        elif cell.get("t") == "e":
            marks.errors.add((row, column))
    return marks


def _cells(xml: bytes) -> Iterator[tuple[int, int, etree._Element]]:
    """Each cell with its row and column from 0; places left out follow the one before."""
    row, column = -1, -1
    events = etree.iterparse(
        io.BytesIO(xml),
        events=("start", "end"),
        tag=("{*}row", "{*}c"),
        resolve_entities=False,
        no_network=True,
    )
    for event, element in events:
        is_row = etree.QName(element).localname == "row"
        if is_row and event == "start":
            row, column = int(element.get("r") or row + 2) - 1, -1
        elif is_row:
            element.clear()
        elif event == "end":
            place = element.get("r")
            if place is None:
                column += 1
            else:
                found = _CELL.fullmatch(str(place))
                if found is None:
                    raise ValueError("a cell without a place")
                row, column = int(found[2]) - 1, _column(found[1])
            yield row, column, element


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The parts of the package but pictures, measured while they are unpacked."""
    parts: dict[str, bytes] = {}
    room = MAX_UNPACKED
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            if entry.flag_bits & 0x1:
                raise refuse("file_encrypted")
            if entry.filename.startswith("xl/media/") or entry.is_dir():
                continue
            start = entry.header_offset
            name_size, extra_size = struct.unpack("<HH", data[start + 26 : start + 30])
            start += 30 + name_size + extra_size
            packed = data[start : start + entry.compress_size]
            if entry.compress_type == zipfile.ZIP_DEFLATED:
                part = zlib.decompressobj(-15).decompress(packed, room + 1)
            elif entry.compress_type == zipfile.ZIP_STORED:
                part = packed
            else:
                raise refuse("file_unreadable")
            room -= len(part)
            if room < 0:
                raise refuse("file_swollen")
            parts[entry.filename] = part
    return parts
