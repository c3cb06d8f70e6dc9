"""A person's data as she gets it: typed sections, and what stands where her words were."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

Value = str | int | float | bool | date | datetime | None
Row = Mapping[str, Value]
# How much of what was erased, by what it is called.
Counts = Mapping[str, int]
# Stands where words were that somebody else's rows still need.
REMOVED = "（已删除）"
_SENTENCE_END = re.compile(r"[。！？!?\n]+")
# A shorter piece is a phrase that anybody writes.
_OWN_FROM = 6
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of thing that is kept of her: a row each, the same columns in every row."""

    name: str
    rows: tuple[Row, ...]


def section(
    name: str, rows: Iterable[Any], *columns: str, **looked_up: Callable[[Any], Value]
) -> Section:
    """A section of stored rows: what `looked_up` says of each, then these columns of it."""
    return Section(
        name,
        tuple(
            {key: say(row) for key, say in looked_up.items()}
            | {column: getattr(row, column) for column in columns}
            for row in rows
        ),
    )


def sentences(texts: Iterable[str]) -> list[str]:
    """The texts and each sentence of theirs that is long enough to be hers, longest first."""
    found = {
        piece.strip()
        for text in texts
        for piece in (text, *_SENTENCE_END.split(text))
        if len(piece.strip()) >= _OWN_FROM
    }
    return sorted(found, key=lambda piece: (-len(piece), piece))


def without(text: str, own: Iterable[str]) -> str:
    """A text in which those words do not stand any more, letter for letter."""
    for piece in own:
        text = text.replace(piece, REMOVED)
    return text


def without_in(document: D, own: Iterable[str]) -> D:
    """`without` for every text within lists and values of a document, keys left alone."""
    own = list(own)

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            return without(value, own)
        if isinstance(value, list):
            return [clean(one) for one in value]
        if isinstance(value, dict):
            return {key: clean(one) for key, one in value.items()}
        return value

    cleaned: D = clean(document)
    return cleaned
