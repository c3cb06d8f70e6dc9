"""Text with Telegram entities as plain values, and the rules that make any set acceptable."""

import heapq
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Self

QUOTES = frozenset({"blockquote", "expandable_blockquote"})
STYLES = ("bold", "italic", "underline", "strikethrough", "spoiler")
# Which entity stays whole when two overlap in part: the lower number. Styles may always be cut,
# because two pieces of bold look like one.
RANK: Mapping[str, int] = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 1,
    "text_link": 2,
    "code": 3,
    **{style: 4 + place for place, style in enumerate(STYLES)},
}

# Characters that show nothing although Unicode does not call them white space.
_HOLLOW = frozenset(
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u2060\u2800\u3164\ufeff\uffa0"
)


@dataclass(frozen=True, slots=True)
class Entity:
    """One Telegram MessageEntity: `offset` and `length` in UTF-16 units, Telegram's type names."""

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class RichText:
    """A text and its entities, ready for `sendMessage(text=, entities=)` without a parse mode."""

    text: str
    entities: tuple[Entity, ...] = ()

    @property
    def utf16_length(self) -> int:
        """The length Telegram counts: UTF-16 units."""
        return utf16_length(self.text)

    def to_json(self) -> dict[str, Any]:
        """The Bot API's own field names; empty optional fields are left out."""
        entities: list[dict[str, Any]] = []
        for entity in self.entities:
            item: dict[str, Any] = {
                "type": entity.type,
                "offset": entity.offset,
                "length": entity.length,
            }
            if entity.url is not None:
                item["url"] = entity.url
            if entity.language is not None:
                item["language"] = entity.language
            entities.append(item)
        return {"text": self.text, "entities": entities}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`. KeyError when a field is missing."""
        return cls(
            data["text"],
            tuple(
                Entity(
                    type=item["type"],
                    offset=item["offset"],
                    length=item["length"],
                    url=item.get("url"),
                    language=item.get("language"),
                )
                for item in data.get("entities", ())
            ),
        )


_Key = tuple[str, int, int]  # a run: its kind, which entity it comes from, in which quote it lies


@dataclass(frozen=True, slots=True)
class Span:
    """An entity counted in code points, from `start` up to but without `end`."""

    start: int
    end: int
    kind: str
    url: str | None = None
    language: str | None = None


def utf16_length(text: str) -> int:
    """UTF-16 units; a character outside the basic plane counts two."""
    return len(text) + sum(1 for char in text if char > "\uffff")


def utf16_offsets(text: str) -> Sequence[int]:
    """For each code point index, and for the end, its offset in UTF-16 units."""
    if all(char <= "\uffff" for char in text):
        return range(len(text) + 1)
    return list(accumulate((1 if char <= "\uffff" else 2 for char in text), initial=0))


def is_space(char: str) -> bool:
    """White space, or a character that shows nothing and may be trimmed like it."""
    return char.isspace() or char in _HOLLOW


def is_blank(text: str) -> bool:
    """Whether a reader would see nothing; Telegram refuses such a message."""
    return all(
        is_space(char)
        or "\ufe00" <= char <= "\ufe0f"
        or unicodedata.category(char) in {"Cc", "Cf", "Cs"}
        for char in text
    )


def spans_of(rich: RichText) -> list[Span]:
    """The entities in code points. Offsets outside the text, or inside a surrogate pair, are
    moved to the nearest character border that keeps the character inside."""
    offsets = utf16_offsets(rich.text)
    index_of = {offset: index for index, offset in enumerate(offsets)}
    total = offsets[len(rich.text)]
    spans = []
    for entity in rich.entities:
        first = min(max(entity.offset, 0), total)
        last = min(max(entity.offset + entity.length, first), total)
        start = index_of.get(first, index_of.get(first - 1, 0))
        end = index_of.get(last, index_of.get(last + 1, len(rich.text)))
        spans.append(Span(start, end, entity.type, entity.url, entity.language))
    return spans


def build(text: str, spans: Iterable[Span]) -> RichText:
    """A RichText with the spans made acceptable to Telegram; the text is kept as it is."""
    settled = settle(text, spans)
    offsets = utf16_offsets(text)
    return RichText(
        text,
        tuple(
            Entity(
                span.kind,
                offsets[span.start],
                offsets[span.end] - offsets[span.start],
                span.url,
                span.language,
            )
            for span in settled
        ),
    )


def cut(text: str, spans: Iterable[Span], start: int, end: int) -> RichText:
    """The part from `start` up to `end` (code points) without white space at its borders."""
    while start < end and is_space(text[start]):
        start += 1
    while end > start and is_space(text[end - 1]):
        end -= 1
    inside = (
        replace(span, start=max(span.start, start) - start, end=min(span.end, end) - start)
        for span in spans
        if span.start < end and span.end > start
    )
    return build(text[start:end], inside)


def settle(text: str, spans: Iterable[Span]) -> list[Span]:
    """Rewrite spans so that Telegram takes every one of them, in Telegram's order.

    The rules are those of the Bot API under "Formatting options": `pre` and `code` hold no other
    entity and lie in no style; quotes do not nest; links hold no code; of two entities with
    common characters one lies wholly inside the other. Empty and blank ones are dropped, and
    white space at their borders is left outside, as Telegram does itself.
    """
    known = [span for span in spans if span.start < span.end and _is_usable(span)]
    known.sort(key=_order)
    # Trimmed before they are nested too, or a border in white space would cut another entity.
    nested = _nest(_trimmed(text, _runs(known)))
    return sorted(_trimmed(text, nested), key=_order)


def _is_usable(span: Span) -> bool:
    return span.kind in RANK and (span.kind != "text_link" or bool(span.url))


def _order(span: Span) -> tuple[int, int, int]:
    return span.start, -span.end, RANK[span.kind]


def _runs(spans: list[Span]) -> list[Span]:
    """Sweep over the borders and keep, for each stretch, only what may apply there together."""
    borders = sorted({span.start for span in spans} | {span.end for span in spans})
    waiting = list(reversed(spans))
    active: list[tuple[int, Span]] = []
    started: dict[_Key, tuple[int, Span]] = {}
    runs: list[Span] = []
    for border in borders:
        active = [item for item in active if item[1].end > border]
        while waiting and waiting[-1].start == border:
            span = waiting.pop()
            active.append((len(spans) - len(waiting), span))
        wanted = _allowed_together(active)
        for key in [key for key in started if key not in wanted]:
            since, span = started.pop(key)
            runs.append(replace(span, start=since, end=border))
        for key, span in wanted.items():
            started.setdefault(key, (border, span))
    return sorted(runs, key=_order)


def _allowed_together(active: list[tuple[int, Span]]) -> dict[_Key, Span]:
    """What of the active spans counts on one stretch, the first of a kind winning."""
    first: dict[str, tuple[int, Span]] = {}
    for number, span in active:
        slot = "quote" if span.kind in QUOTES else span.kind
        first.setdefault(slot, (number, span))
    if "pre" in first:
        first = {slot: item for slot, item in first.items() if slot in {"quote", "pre"}}
    elif "text_link" in first:
        first.pop("code", None)
    if "code" in first:
        first = {slot: item for slot, item in first.items() if slot not in STYLES}
    quote = first["quote"][0] if "quote" in first else 0
    # Pieces of a style join where they touch; quotes, links and code stay the ones they were,
    # and code that runs over the border of a quote becomes two.
    return {
        (slot, *((0, 0) if slot in STYLES else (item[0], quote))): item[1]
        for slot, item in first.items()
    }


def _nest(runs: list[Span]) -> list[Span]:
    """Cut partly overlapping runs so that open ones always end in the reverse of their order."""
    heap = [(*_order(run), place, run) for place, run in enumerate(runs)]
    heapq.heapify(heap)
    ticket = len(heap)
    open_runs: list[Span] = []
    done: list[Span] = []
    while heap:
        run = heapq.heappop(heap)[-1]
        while open_runs and open_runs[-1].end <= run.start:
            done.append(open_runs.pop())
        pieces: list[Span] = []
        while open_runs and open_runs[-1].end < run.end:
            inner = open_runs[-1]
            if RANK[inner.kind] < RANK[run.kind]:
                pieces.append(replace(run, start=inner.end))
                run = replace(run, end=inner.end)
                break
            open_runs.pop()
            if inner.start < run.start:
                done.append(replace(inner, end=run.start))
            pieces.append(replace(inner, start=run.start))
        open_runs.append(run)
        for piece in pieces:
            heapq.heappush(heap, (*_order(piece), ticket, piece))
            ticket += 1
    return done + open_runs


def _trimmed(text: str, spans: list[Span]) -> list[Span]:
    """The same for every kind, or an inner entity would end outside its trimmed outer one."""
    kept = []
    for span in spans:
        start, end = span.start, span.end
        while start < end and is_space(text[start]):
            start += 1
        while end > start and is_space(text[end - 1]):
            end -= 1
        if not is_blank(text[start:end]):
            kept.append(replace(span, start=start, end=end))
    return kept
