"""The numbers and dots that Word puts before the paragraphs of a list, which no text holds.

Whoever types "1. " in Word turns it into such a list, so that without them the numbers are lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.reports.docx_text import NoDocument, named, part, value_of

_CHINESE = "一二三四五六七八九"
# What stands before a paragraph of any list that is not counted.
DOT = "• "


@dataclass(frozen=True, slots=True)
class _Level:
    """One level of a list: from which number, how it is written, and what stands around it."""

    start: int
    format: str
    text: str


class Numbering:
    """The lists of one document, counted as its paragraphs are read one after the other."""

    def __init__(self, data: bytes) -> None:
        self._lists = _lists(data)
        self._of_styles = _of_styles(data)
        self._counts: dict[str, list[int]] = {}

    def marker(self, paragraph: Any, style: str) -> str:
        """What stands before a paragraph: 1. , 一、, • ; "" where it is in no list."""
        properties = paragraph.find(f"{named('pPr')}/{named('numPr')}")
        list_id, level = self._of_styles.get(style, ("", 0))
        if properties is not None:
            list_id = value_of(properties, "numId") or list_id
            written = value_of(properties, "ilvl")
            level = int(written) if written.isdecimal() else level
        levels = self._lists.get(list_id)
        if levels is None or level not in levels:
            return ""
        counts = self._counts.setdefault(list_id, [])
        while len(counts) <= level:
            first = levels[len(counts)].start if len(counts) in levels else 1
            # A level above that was never written counts as begun.
            counts.append(first - (len(counts) == level))
        counts[level] += 1
        del counts[level + 1 :]
        return _marker(levels, level, counts)


def _marker(levels: Mapping[int, _Level], level: int, counts: list[int]) -> str:
    one = levels[level]
    if one.format == "none":
        return ""
    if one.format == "bullet":
        return DOT
    text = one.text
    for place, count in enumerate(counts):
        shown = levels.get(place, one).format
        text = text.replace(f"%{place + 1}", _written(count, shown))
    return f"{text} " if text[-1:].isascii() else text


def _written(count: int, number_format: str) -> str:
    if number_format.startswith(("chinese", "japanese", "ideograph")) and 0 < count < 100:
        tens, ones = divmod(count, 10)
        head = ("" if tens == 1 else _CHINESE[tens - 1]) + "十" if tens else ""
        return head + (_CHINESE[ones - 1] if ones else "")
    if number_format.endswith("Letter") and 0 < count <= 26:
        letter = chr(ord("a") + count - 1)
        return letter.upper() if number_format.startswith("upper") else letter
    return str(count)


def _lists(data: bytes) -> dict[str, dict[int, _Level]]:
    """The levels of each list by its id."""
    try:
        root = part(data, "word/numbering.xml")
    except NoDocument:
        return {}
    shapes = {
        shape.get(named("abstractNumId"), ""): dict(map(_level, shape.iter(named("lvl"))))
        for shape in root.iter(named("abstractNum"))
    }
    return {
        one.get(named("numId"), ""): shapes.get(value_of(one, "abstractNumId"), {})
        for one in root.iter(named("num"))
    }


def _level(element: Any) -> tuple[int, _Level]:
    start, place = value_of(element, "start"), element.get(named("ilvl"), "")
    return int(place) if place.isdecimal() else 0, _Level(
        int(start) if start.isdecimal() else 1,
        value_of(element, "numFmt"),
        value_of(element, "lvlText"),
    )


def _of_styles(data: bytes) -> dict[str, tuple[str, int]]:
    """Which list a paragraph style puts its paragraphs into, and on which level."""
    try:
        root = part(data, "word/styles.xml")
    except NoDocument:
        return {}
    found = {}
    for style in root.iter(named("style")):
        list_id, level = value_of(style, "pPr/numPr/numId"), value_of(style, "pPr/numPr/ilvl")
        if list_id:
            at = int(level) if level.isdecimal() else 0
            found[style.get(named("styleId"), "")] = (list_id, at)
    return found
