"""Source lines put into the shape Python-Markdown wants: nested lists four spaces deep."""

import re
from collections.abc import Iterator

_MARKER = re.compile(r"([-*+]|\d{1,9}\.)( +)(?=\S)")
_RULE = re.compile(r" {0,3}([-*_])(?: *\1){2,} *$")
_QUOTE = re.compile(r" {0,3}> ?")
_FENCE = re.compile(r"(`{3,}|~{3,})")
_MARKS = re.compile(r"(?: |>|(?:[-*+]|\d{1,9}\.) )*")
_MARK = re.compile(r"[-*+.] ")
_STEP = 4


def set_list_indents(source: str) -> str:
    """Lists nested by two or three spaces, and lists right under a paragraph, made readable.

    Python-Markdown nests only by four spaces and starts a list only after a blank line; authors
    write what other tools taught them. Fenced code keeps its lines.
    """
    return "\n".join(_lines(source.expandtabs(_STEP).split("\n")))


def check_nesting(source: str, limit: int) -> bool:
    """Whether no paragraph opens more than `limit` brackets, quotes or list levels at once.

    Python-Markdown looks for the end of every open bracket, so their cost grows with the square.
    """
    opened = {"[": 0, "(": 0}
    closes = {"]": "[", ")": "("}
    for line in source.split("\n"):
        if not line.strip():
            opened = dict.fromkeys(opened, 0)
        elif _depth(line) > limit:
            return False
        for char in line:
            if char in opened:
                opened[char] += 1
                if opened[char] > limit:
                    return False
            elif char in closes:
                opened[closes[char]] = max(opened[closes[char]] - 1, 0)
    return True


def _depth(line: str) -> int:
    """The levels a line opens at its start by indentation, quote marks or list marks."""
    if _RULE.match(line):
        return 0
    marks = _MARKS.match(line.expandtabs(_STEP))
    start = marks[0] if marks else ""
    indent = len(start) - len(start.lstrip(" "))
    return max(indent // _STEP, start.count(">"), len(_MARK.findall(start)))


def _lines(lines: list[str]) -> Iterator[str]:
    place = 0
    walk = _ListWalk()
    while place < len(lines):
        line = lines[place]
        end = _fence_end(lines, place)
        if end is not None:
            yield from lines[place:end]
            walk = _ListWalk()
            place = end
        elif _QUOTE.match(line) and not walk.holds(line):
            end = place
            while end < len(lines) and _QUOTE.match(lines[end]):
                end += 1
            inner = [_QUOTE.sub("", quoted, count=1) for quoted in lines[place:end]]
            yield from (f"> {quoted}".rstrip() for quoted in _lines(inner))
            walk = _ListWalk()
            walk.in_paragraph = True  # or a list right below would become part of the quote
            place = end
        else:
            yield from walk.next(line)
            place += 1


def _fence_end(lines: list[str], start: int) -> int | None:
    """The line after a fenced block that begins at `start`, or None when none does."""
    fence = _FENCE.match(lines[start])
    if fence is None:
        return None
    for place in range(start + 1, len(lines)):
        if lines[place].rstrip() == fence[1]:
            return place + 1
    return None


class _ListWalk:
    """Goes down the lines of one block of text and remembers which list items are open."""

    def __init__(self) -> None:
        self.items: list[tuple[int, int]] = []  # columns of each open item's marker and text
        self.after_blank = True
        self.in_paragraph = False

    def holds(self, line: str) -> bool:
        """Whether the line is indented far enough to belong to the open item."""
        column = len(line) - len(line.lstrip(" "))
        return bool(self.items) and column >= self.items[-1][0] + 2

    def next(self, line: str) -> Iterator[str]:
        """The line, moved; a blank line goes before it when a list starts under a paragraph."""
        stripped = line.lstrip(" ")
        column = len(line) - len(stripped)
        if not stripped:
            self.after_blank, self.in_paragraph = True, False
            yield ""
            return
        marker = None if _RULE.match(line) else _MARKER.match(stripped)
        if marker and (self.items or column < _STEP):
            yield from self._item(stripped, column, marker)
        elif self.items and (column > 0 or not self.after_blank):
            yield self._continued(stripped, column)
        else:
            self.items, self.in_paragraph = [], True
            yield line
        self.after_blank = False

    def _item(self, stripped: str, column: int, marker: re.Match[str]) -> Iterator[str]:
        while self.items and column < self.items[-1][0] + 2:
            self.items.pop()
        if self.in_paragraph:
            yield ""
        yield " " * (_STEP * len(self.items)) + marker[1] + " " + stripped[marker.end() :]
        self.items.append((column, column + marker.end()))
        self.in_paragraph = False

    def _continued(self, stripped: str, column: int) -> str:
        if self.after_blank:
            while self.items and column < self.items[-1][0] + 2:
                self.items.pop()
        if not self.items:
            self.in_paragraph = True
            return " " * column + stripped
        extra = max(column - self.items[-1][1], 0)
        return " " * (_STEP * len(self.items) + extra) + stripped
