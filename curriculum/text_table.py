"""A table as lines of monospaced text, in columns that line up in Chinese as well."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import regex  # type: ignore[import-untyped]

# A longer cell is not padded for: one long remark must not push every row off a phone's screen.
WIDEST_COLUMN = 24
_GAP = "  "
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Row:
    """Cells with an alignment each ("left", "center" or "right")."""

    cells: tuple[str, ...]
    aligns: tuple[str, ...]
    is_header: bool


def width(text: str) -> int:
    """Columns the text takes: 2 for East Asian wide characters and emoji, 1 for others.

    Marks that sit on their letter take none, so a Tibetan stack counts one, which is roughly
    what fonts give it.
    """
    return sum(max(_char_width(char) for char in cluster) for cluster in _CLUSTER.findall(text))


def table_text(rows: Sequence[Row]) -> str:
    """Rows as lines: columns padded, a rule under the header, no blanks at line ends."""
    count = max((len(row.cells) for row in rows), default=0)
    widths = [0] * count
    for row in rows:
        for place, cell in enumerate(row.cells):
            widths[place] = max(widths[place], min(width(cell), WIDEST_COLUMN))
    lines = []
    for row in rows:
        padded = (
            _pad(cell, align, widths[place])
            for place, (cell, align) in enumerate(zip(row.cells, row.aligns, strict=True))
        )
        lines.append(_GAP.join(padded).rstrip())
        if row.is_header:
            lines.append(_GAP.join("-" * columns for columns in widths).rstrip())
    return "\n".join(lines)


def _char_width(char: str) -> int:
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 0 if unicodedata.category(char) in {"Mn", "Me", "Cf", "Cc"} else 1


def _pad(cell: str, align: str, columns: int) -> str:
    room = max(columns - width(cell), 0)
    left = {"right": room, "center": room // 2}.get(align, 0)
    return " " * left + cell + " " * (room - left)
