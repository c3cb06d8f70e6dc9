"""What a document is made of: headings, texts, tables, pictures, whichever file it becomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

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
