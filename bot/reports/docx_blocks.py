"""A Word document that somebody edited, read into the blocks that a PDF is made of.

Headings, paragraphs with the numbers and dots Word puts before them, tables and pictures are read,
with changes tracked as if they were accepted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from bot.reports.blocks import Block, Fields, Heading, Picture, Table, Text
from bot.reports.docx_numbers import Numbering
from bot.reports.docx_pictures import Pictures
from bot.reports.docx_text import NoDocument, named, part, text_of, value_of

# What only holds paragraphs and tables: content controls, what was inserted with changes tracked.
_WRAPS = {named(tag) for tag in ("sdt", "sdtContent", "ins", "moveTo", "customXml")}


@dataclass(frozen=True, slots=True)
class Read:
    """What stands in a document, and how many pictures of it could not be read."""

    blocks: tuple[Block, ...]
    left_out: int


def read(data: bytes) -> Read:
    """The blocks of a document in their order; raises NoDocument, also where it has no words."""
    body = part(data).find(named("body"))
    if body is None:
        raise NoDocument
    styles, numbering, pictures = _styles(data), Numbering(data), Pictures(data)
    blocks: list[Block] = []
    for element in _inner(body):
        if element.tag == named("tbl"):
            blocks += _table(element)
        else:
            blocks += _paragraph(element, styles, numbering)
        # Those within a table follow it.
        blocks += pictures.below(element)
    if not any(not isinstance(one, Picture) for one in blocks):
        raise NoDocument
    return Read(tuple(_levelled(blocks)), pictures.left_out)


def _inner(element: Any) -> Iterator[Any]:
    """The paragraphs and tables right below, in whatever only wraps them."""
    for one in element:
        if one.tag in (named("p"), named("tbl")):
            yield one
        elif one.tag in _WRAPS:
            yield from _inner(one)


def _styles(data: bytes) -> Mapping[str, str]:
    """What each paragraph style is called; Word and WPS number or translate the ids alone."""
    try:
        root = part(data, "word/styles.xml")
    except NoDocument:
        return {}
    return {
        style.get(named("styleId"), ""): value_of(style, "name").lower()
        for style in root.iter(named("style"))
    }


def _paragraph(element: Any, styles: Mapping[str, str], numbering: Numbering) -> Iterator[Block]:
    text = text_of(element).strip()
    style = value_of(element, "pPr/pStyle")
    marker = numbering.marker(element, style)
    if not text:
        return
    level = _level(styles.get(style, style.lower()))
    yield Heading(f"{marker}{text}", level) if level else Text(f"{marker}{text}")


def _level(style: str) -> Literal[0, 1, 2, 3]:
    """The level of a style by its name: 1 the title, 2 and 3 headings, 0 for other text."""
    if style in ("title", "标题"):
        return 1
    number = style.removeprefix("heading").removeprefix("标题").strip()
    if style == number or not number.isdecimal():
        return 0
    return 2 if int(number) <= 2 else 3


def _levelled(blocks: list[Block]) -> Iterator[Block]:
    """The blocks, with the first heading as the title where no paragraph is styled as one."""
    headings = [one for one in blocks if isinstance(one, Heading)]
    has_title = any(one.level == 1 for one in headings)
    for place, one in enumerate(blocks):
        is_title = place == 0 and not has_title and isinstance(one, Heading)
        yield Heading(one.text, 1) if is_title and isinstance(one, Heading) else one


def _table(element: Any) -> Iterator[Block]:
    rows = [row for row in _rows(element) if not _is_deleted(row)]
    cells = [list(_cells(row)) for row in rows]
    columns = max(map(len, cells), default=0)
    filled = [tuple(row + [""] * (columns - len(row))) for row in cells]
    if not any(any(row) for row in filled):
        return
    has_head = bool(rows) and _is_head(rows[0])
    if columns == 2 and not has_head:
        yield Fields(tuple((row[0], row[1]) for row in filled))
        return
    head = filled[0] if has_head else ()
    yield Table(head, tuple(filled[has_head:]), _widths(element, columns))


def _rows(element: Any) -> Iterator[Any]:
    for one in element:
        if one.tag == named("tr"):
            yield one
        elif one.tag in _WRAPS:
            yield from _rows(one)


def _is_deleted(row: Any) -> bool:
    return row.find(f"{named('trPr')}/{named('del')}") is not None


def _is_head(row: Any) -> bool:
    """Whether a row is repeated on each page, or each of its cells has bold words alone."""
    if row.find(f"{named('trPr')}/{named('tblHeader')}") is not None:
        return True
    cells = list(_wrapped_cells(row))
    return bool(cells) and all(_is_bold(cell) for cell in cells)


def _is_bold(cell: Any) -> bool:
    """Whether a cell has words, and every one of them is bold."""
    runs = [run for run in cell.iter(named("r")) if text_of(run).strip()]
    bold = [run.find(f"{named('rPr')}/{named('b')}") for run in runs]
    return bool(runs) and all(
        one is not None and one.get(named("val"), "1") not in ("0", "false") for one in bold
    )


def _cells(row: Any) -> Iterator[str]:
    """The texts of a row, one for each column of the grid; a merged cell stands in its first."""
    yield from [""] * _count(value_of(row, "trPr/gridBefore"), least=0)
    for cell in _wrapped_cells(row):
        span = _count(value_of(cell, "tcPr/gridSpan"), least=1)
        merged = cell.find(f"{named('tcPr')}/{named('vMerge')}")
        goes_on = merged is not None and merged.get(named("val"), "continue") == "continue"
        yield "" if goes_on else _cell_text(cell)
        yield from [""] * (span - 1)


def _wrapped_cells(row: Any) -> Iterator[Any]:
    for one in row:
        if one.tag == named("tc"):
            yield one
        elif one.tag in _WRAPS:
            yield from _wrapped_cells(one)


def _cell_text(cell: Any) -> str:
    """The paragraphs of a cell, and of a table within it, a line each."""
    lines = [text_of(one).strip() for one in cell.iter(named("p"))]
    return "\n".join(line for line in lines if line)


# A grid of more columns is no table that anybody reads.
_MOST_COLUMNS = 60


def _count(written: str, *, least: int) -> int:
    return min(max(int(written), least), _MOST_COLUMNS) if written.isdecimal() else least


def _widths(element: Any, columns: int) -> tuple[float, ...]:
    """How wide each column is, beside the others; all alike where the document does not say.

    The cells of a row say it, else the table's grid, which some writers leave as it was.
    """
    rows = (list(_wrapped_cells(row)) for row in _rows(element))
    whole = next((row for row in rows if len(row) == columns), [])
    of_cells = [cell.find(f"{named('tcPr')}/{named('tcW')}") for cell in whole]
    of_grid = list(element.iterfind(f"{named('tblGrid')}/*"))
    for found in (of_cells, of_grid):
        written = [one.get(named("w"), "") if one is not None else "" for one in found]
        if len(written) == columns and all(one.isdecimal() and int(one) for one in written):
            return tuple(float(one) for one in written)
    return (1.0,) * columns
