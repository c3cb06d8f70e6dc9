"""How near two questions are as parts of a theme: weights that may be learnt from coordinators.

A sum of products that never counts against a pair: the two models' cosines, and the terms of the
field that both speak of. So it is a product of longer rows too, and the clustering stays what it
is. Whether two questions are the same one is decided elsewhere: merged themes say nothing of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from curriculum import field_terms
from curriculum.lesson_terms import normal
from curriculum.likeness import FIRST_WIDTH, SECOND_WIDTH, Floats, unit

WHOLE = FIRST_WIDTH + SECOND_WIDTH
TERMS = tuple(field_terms.WRITTEN)
_PLACES = {term: place for place, term in enumerate(TERMS)}
# Colleagues call a theme by the field's terms, so a common one counts before anybody has taught us:
# a fifth of what the models say, and only where half of a pool speaks of the field at all. On the
# sample month V rose from 0.30 to 0.36, ARI from 0.13 to 0.19, and with a tenth of the questions
# gone the themes stayed 0.64 alike instead of 0.56; SIB-200, where one in fourteen says a term, is
# as it was.
UNTAUGHT_TERMS, SPEAKS_OF_FIELD = 0.2, 0.5


@dataclass(frozen=True, slots=True)
class Matcher:
    """What each part of a likeness counts: the models' cosines (1 together), common terms.

    `terms` holds what single terms count beyond `shared`. Nothing is negative.
    """

    first: float = 0.5
    second: float = 0.5
    shared: float = 0.0
    terms: Mapping[str, float] = field(default_factory=dict)

    def rows(self, rows: Floats, texts: Sequence[str]) -> Floats:
        """(texts, width + terms) of unit length, whose products are the likeness.

        `rows` are a `SentenceSpace`'s of the same texts; where the second model is missing, they
        hold the first one's part alone.
        """
        return self.laid(rows, said(texts))

    def laid(self, rows: Floats, spoken: Floats) -> Floats:
        """The same, where what the texts speak of (see `said`) is known already."""
        parts = self._weighed(rows) if self.fits(rows) else [rows]
        counts = np.full(len(TERMS), self.shared)
        for term, more in self.terms.items():
            # What the list of terms has lost since counts nothing.
            if term in _PLACES:
                counts[_PLACES[term]] += more
        parts.append(spoken * np.sqrt(counts).astype(np.float32))
        return unit(np.hstack(parts))

    @staticmethod
    def fits(rows: Floats) -> bool:
        """Whether what was learnt from both models can be said of these rows."""
        return bool(rows.shape[1] == WHOLE)

    def _weighed(self, rows: Floats) -> list[Floats]:
        # Each half of a row has the length 1 / sqrt(2).
        first, second = (np.float32(np.sqrt(2 * one)) for one in (self.first, self.second))
        return [rows[:, :FIRST_WIDTH] * first, rows[:, FIRST_WIDTH:] * second]

    @property
    def numbers(self) -> dict[str, Any]:
        """As they are stored."""
        return {
            "first": self.first,
            "second": self.second,
            "shared": self.shared,
            "terms": dict(self.terms),
        }


# The models' weights are 1 together; nothing that was learnt comes near to this.
_LARGEST = 1e6
PLAIN, UNTAUGHT = Matcher(), Matcher(shared=UNTAUGHT_TERMS)


def untaught(texts: Sequence[str]) -> Matcher:
    """What is followed of a pool where nothing was learnt."""
    return untaught_by(said(texts))


def untaught_by(spoken: Floats) -> Matcher:
    """The same, where what the texts speak of is known already."""
    speaking = int(spoken.any(axis=1).sum())
    return UNTAUGHT if speaking >= SPEAKS_OF_FIELD * len(spoken) else PLAIN


def of_numbers(numbers: Mapping[str, Any]) -> Matcher:
    """What was stored; anything that is no number from 0 to a million counts nothing."""
    first, second, shared = (_weight(numbers.get(one)) for one in ("first", "second", "shared"))
    written = numbers.get("terms")
    known = written if isinstance(written, Mapping) else {}
    terms = {str(term): _weight(one) for term, one in known.items()}
    return Matcher(first, second, shared, terms) if first + second > 0 else PLAIN


def said(texts: Sequence[str]) -> Floats:
    """(texts, terms): the terms of the field each text speaks of, of length 1, or all zeros."""
    found = np.zeros((len(texts), len(TERMS)), np.float32)
    for row, text in zip(found, texts, strict=True):
        row[[_PLACES[term] for term in field_terms.said(normal(text))]] = 1
    return unit(found)


def _weight(written: object) -> float:
    is_number = isinstance(written, int | float) and not isinstance(written, bool)
    value = float(written) if is_number else 0.0  # type: ignore[arg-type]
    return value if 0 <= value <= _LARGEST else 0.0
