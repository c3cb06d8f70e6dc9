"""Long texts cut into messages Telegram takes, where a reader would pause."""

from bisect import bisect_right

import regex  # type: ignore[import-untyped]

from curriculum.text_entities import (
    RichText,
    Span,
    cut,
    is_blank,
    is_space,
    settle,
    spans_of,
    utf16_offsets,
)

MAX_UNITS = 4_096  # UTF-16 units of one message (Bot API, sendMessage)
MAX_ENTITIES = 100  # of one message; Telegram drops the others silently
_LEAST_UNITS = 16
_LEAST_ENTITIES = 16  # more than can lie inside each other, so a cut always helps

# From the best place to pause to the worst; a break falls at the end of a match.
_PAUSES = (
    regex.compile(r"\n\s*\n"),
    regex.compile(r"\n"),
    # A full stop needs white space after it (3.5, www.example.org); the shad ends a Tibetan clause.
    regex.compile(r"(?:[。！？；…!?]|\.(?=\s)|[\u0f0d-\u0f12\u0f14])+[”’」』）)】》\"']*"),
    regex.compile(r"\s+|\u0f0b"),
)
_CLUSTER = regex.compile(r"\X")


def fits(rich: RichText, *, limit: int = MAX_UNITS, max_entities: int = MAX_ENTITIES) -> bool:
    """Whether it goes out as one message (`limit` in UTF-16 units; 1,024 for a caption)."""
    return rich.utf16_length <= limit and len(rich.entities) <= max_entities


def split(
    rich: RichText, *, limit: int = MAX_UNITS, max_entities: int = MAX_ENTITIES
) -> list[RichText]:
    """Messages in reading order, none of them empty; an empty list when nothing is visible.

    Breaks fall after a paragraph, line, sentence, word or Tibetan syllable, in this order of
    preference, never inside a grapheme cluster (a Tibetan stack, an emoji) that fits a message.
    Entities that cross a break go on in the next message; only white space at breaks is lost.
    ValueError for limits under 16.
    """
    if limit < _LEAST_UNITS or max_entities < _LEAST_ENTITIES:
        raise ValueError(f"limits of at least {_LEAST_UNITS} units, {_LEAST_ENTITIES} entities")
    text = rich.text
    spans = settle(text, spans_of(rich))
    offsets = utf16_offsets(text)
    messages: list[RichText] = []
    start, end = 0, len(text)
    while True:
        while start < end and is_space(text[start]):
            start += 1
        if start == end:
            return messages
        furthest = bisect_right(offsets, offsets[start] + limit) - 1
        furthest = _with_entities(spans, start, furthest, max_entities)
        stop = end if furthest >= end else _break(text, start, furthest)
        if not is_blank(text[start:stop]):
            messages.append(cut(text, spans, start, stop))
        start = stop
        spans = [span for span in spans if span.end > start]


def _with_entities(spans: list[Span], start: int, furthest: int, most: int) -> int:
    """How far a message from `start` may go without touching more than `most` entities."""
    touched = [span for span in spans[: most + 1] if span.start < furthest]
    return furthest if len(touched) <= most else max(touched[most].start, start + 1)


def _break(text: str, start: int, furthest: int) -> int:
    """The best place to end a message that began at `start`, at `furthest` at the latest."""
    borders: set[int] = set()
    for cluster in _CLUSTER.finditer(text, start):
        if cluster.end() > furthest:
            break
        borders.add(cluster.end())
    # A pause in the first half would leave a short message, so a weaker later one goes before it.
    for earliest in (start + (furthest - start) // 2, start + 1):
        for pause in _PAUSES:
            ends = {match.end() for match in pause.finditer(text, start, furthest)} & borders
            last = max(ends, default=start)
            if last >= earliest:
                return last
    return max(borders, default=furthest)
