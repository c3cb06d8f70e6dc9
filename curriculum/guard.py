"""The guard before a worker's free text: which private details it holds, and how it reads without.

It warns and never decides: the person chooses between the two texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from curriculum.client_names import announced_names
from curriculum.house_addresses import addresses
from curriculum.plain_writing import Plain, plain
from curriculum.private_codes import codes
from curriculum.private_details import MARKS, Detail, Kind
from curriculum.private_numbers import numbers

_RANK = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a text, in order and without overlap, and the text with marks instead.

    Places are those of the original text, in characters (code points) as Python counts them.
    """

    findings: tuple[Detail, ...]
    masked: str


def look(text: str) -> Looked:
    """Everything in the text that tells who somebody is by its form. Never raises.

    Takes time in proportion to the length. A name is found by its sentence only, with more doubt:
    see `client_words`.
    """
    read = plain(text)
    seen = (*numbers(read.text), *codes(read.text), *addresses(read.text))
    findings = _apart(read, seen)
    return Looked(findings, masked(text, findings))


def client_words(text: str) -> tuple[Detail, ...]:
    """Names that the sentence itself announces as a name: 服务对象叫…, 姓名：…, in order."""
    read = plain(text)
    return _apart(read, announced_names(read.text))


def masked(text: str, findings: Iterable[Detail]) -> str:
    """The text with a readable mark in place of each finding; findings in order, apart."""
    pieces: list[str] = []
    kept_until = 0
    for kind, start, end in findings:
        pieces += (text[kept_until:start], MARKS[kind])
        kept_until = end
    return "".join((*pieces, text[kept_until:]))


def _apart(read: Plain, seen: Iterable[Detail]) -> tuple[Detail, ...]:
    """In order, in the places of the original; what overlaps is one finding, masked as a whole."""
    joined: list[Detail] = []
    for kind, begin, stop in sorted(seen, key=lambda one: one.start):
        start, end = read.span(begin, stop)
        if joined and start < joined[-1].end:
            last = joined.pop()
            first_kind = min(last.kind, kind, key=_RANK.__getitem__)
            joined.append(Detail(first_kind, last.start, max(last.end, end)))
        else:
            joined.append(Detail(kind, start, end))
    return tuple(joined)
