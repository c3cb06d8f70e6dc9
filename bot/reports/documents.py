"""A document of headings, texts and tables, as a Word file to fill in and as a PDF to print.

Whoever makes one (a sign-in sheet, a supervision record, a summary of a visit) says what stands in
it; both files hold the same. Letters are chosen per script: Word has fonts for Latin, for Chinese
(East Asian) and for complex scripts such as Tibetan, and takes a box for what none of them holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from bot.reports import typeset

# What Chinese Windows and WPS bring along; Word itself falls back where one is missing.
LATIN, CHINESE, TIBETAN = "Times New Roman", "SimSun", "Microsoft Himalaya"
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
# Word's own unit is a twentieth of a point; a page of A4 with these margins (mm) holds the rest.
A4 = (210, 297)
MARGIN = 20
# The same facts give the same file: Word's own dates are not ours to tell.
FIXED = datetime(2026, 1, 1, tzinfo=UTC)

Cell = str


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (the title) to 3."""

    text: str
    level: Literal[1, 2, 3] = 2


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; line feeds stay line feeds."""

    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its head repeated on every page; `head` is empty where it has none.

    `widths` are shares of the page's width, one for each column. `row_height` in mm is the least:
    a signature by hand needs 9.
    """

    head: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    row_height: float = 0

    def __post_init__(self) -> None:
        """ValueError where a row, or the head, has more or fewer cells than there are widths."""
        lengths = {*map(len, self.rows), *([len(self.head)] if self.head else [])}
        if not self.widths or not lengths <= {len(self.widths)}:
            raise ValueError(self.head)


@dataclass(frozen=True, slots=True)
class Fields:
    """Names with what belongs to them, in two columns: what a record form begins with."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture (JPEG or PNG) with its share of the page's width, more than 0 and up to 1."""

    data: bytes
    share: float = 1


Block = Heading | Text | Table | Fields | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """What stands in it; `landscape` for tables of many columns, `foot` on every page."""

    blocks: Sequence[Block]
    language: str = "zh"
    landscape: bool = False
    foot: str = ""


def pdf(document: Document) -> bytes:
    """The document to print, with the product's own fonts."""
    return typeset.pdf("document", _facts(document))


def pictures(document: Document) -> list[bytes]:
    """The same pages as pictures, one PNG each, for whoever looks at them on a phone."""
    return typeset.pictures("document", _facts(document))


def _facts(document: Document) -> dict[str, Any]:
    return {
        "landscape": document.landscape,
        "foot": document.foot,
        "margin": MARGIN,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level}
        case Text():
            return {"kind": "text", "text": block.text}
        case Fields():
            return {"kind": "fields", "rows": block.rows}
        case Picture():
            return {"kind": "picture", "data": list(block.data), "share": block.share}
        case Table():
            return {
                "kind": "table",
                "head": block.head,
                "rows": block.rows,
                "widths": block.widths,
                "height": block.row_height,
            }


def docx(document: Document) -> bytes:
    """The document to fill in, for Word and WPS."""
    from bot.reports.word_files import written

    return written(document)
