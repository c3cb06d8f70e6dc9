"""Telegram's "text plus entities" without Telegram: make it, join it, fill it, split it."""

from collections.abc import Mapping
from dataclasses import replace

from curriculum.clean_text import clean
from curriculum.markdown_text import MAX_NESTING, MAX_SOURCE, TextTooLarge, from_markdown
from curriculum.text_entities import Entity, RichText, Span, build, spans_of
from curriculum.text_split import MAX_ENTITIES, MAX_UNITS, fits, split

__all__ = [
    "MAX_ENTITIES",
    "MAX_NESTING",
    "MAX_SOURCE",
    "MAX_UNITS",
    "Entity",
    "RichText",
    "TextTooLarge",
    "clean",
    "concat",
    "fits",
    "from_markdown",
    "plain",
    "splice",
    "split",
]


def plain(text: str) -> RichText:
    """Text from outside as it is, without markup: cleaned (see `clean`), not trimmed."""
    return RichText(clean(text))


def concat(*pieces: RichText) -> RichText:
    """One text of several, nothing between them; entities that touch stay right."""
    text = ""
    spans: list[Span] = []
    for piece in pieces:
        spans += _moved(spans_of(piece), len(text))
        text += piece.text
    return build(text, spans)


def splice(host: RichText, pieces: Mapping[str, RichText]) -> RichText:
    """Replace each marker character in `host.text` that is a key of `pieces` by its piece.

    Markers are single private-use characters (U+E000 to U+F8FF), so values go into a finished
    template without any escaping: nothing in a value is read as markup or as another marker.
    Host entities that cover a marker grow with the piece. ValueError for any other key.
    """
    for marker in pieces:
        if len(marker) != 1 or not "\ue000" <= marker <= "\uf8ff":
            raise ValueError(f"not a single private-use character: {marker!r}")
    parts: list[str] = []
    spans: list[Span] = []
    moved_to = []  # where each code point of the host begins in the result
    length = 0
    for char in host.text:
        moved_to.append(length)
        piece = pieces.get(char)
        if piece is not None:
            spans += _moved(spans_of(piece), length)
        part = char if piece is None else piece.text
        parts.append(part)
        length += len(part)
    moved_to.append(length)
    spans += [
        replace(span, start=moved_to[span.start], end=moved_to[span.end]) for span in spans_of(host)
    ]
    return build("".join(parts), spans)


def _moved(spans: list[Span], distance: int) -> list[Span]:
    return [replace(span, start=span.start + distance, end=span.end + distance) for span in spans]
