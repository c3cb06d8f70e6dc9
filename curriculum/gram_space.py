"""Latent directions of the characters or syllables of a pool of texts (LSA), in plain numpy.

For Tibetan, and wherever no sentence model can be loaded.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from curriculum.lesson_terms import HAN, NUMBER, TIBETAN, TSHEG, words_of

Floats = NDArray[np.float32]
DIRECTIONS = 200
# More grams than these add slips and names; the commonest carry the meaning.
VOCABULARY = 30_000
# How many grams are spread out in memory at once: 16 MB.
_AT_ONCE = 20_000
_SEED = 5


def syllables(text: str) -> list[str]:
    """Tibetan syllables and pairs of them, split at the tsheg; other words whole."""
    found: list[str] = []
    for word in words_of(text):
        parts = [part for part in word.text.split(TSHEG) if part]
        found += parts
        if word.kind == TIBETAN:
            found += (TSHEG.join(pair) for pair in pairwise(parts))
    return found


def characters(text: str) -> list[str]:
    """Chinese characters alone, in twos and in threes; other words and numbers whole."""
    found: list[str] = []
    for word in words_of(text):
        if word.kind != HAN:
            found.append(word.text if word.kind != NUMBER else "0")
            continue
        found += (
            word.text[start : start + size]
            for size in (1, 2, 3)
            for start in range(len(word.text) - size + 1)
        )
    return found


CHARACTERS, SYLLABLES = characters, syllables


@dataclass(frozen=True, slots=True, eq=False)
class _Sparse:
    """Rows of few entries: row r has those from starts[r] to starts[r + 1], never none."""

    columns: NDArray[np.int32]
    values: Floats
    starts: NDArray[np.int64]

    def times(self, dense: Floats) -> Floats:
        """(rows, width of `dense`)."""
        rows = len(self.starts) - 1
        product = np.empty((rows, dense.shape[1]), np.float32)
        first = 0
        while first < rows:
            fits = int(np.searchsorted(self.starts, self.starts[first] + _AT_ONCE, "right")) - 1
            last = min(rows, max(first + 1, fits))
            begin, end = self.starts[first], self.starts[last]
            spread = dense[self.columns[begin:end]] * self.values[begin:end, None]
            product[first:last] = np.add.reduceat(spread, self.starts[first:last] - begin)
            first = last
        return product

    def turned(self, width: int) -> "_Sparse":
        """Its transpose; every column has an entry, since column 0 stands in every row."""
        rows = np.repeat(np.arange(len(self.starts) - 1, dtype=np.int32), np.diff(self.starts))
        # One entry of no weight a column, so that none is empty.
        columns = np.concatenate([self.columns, np.arange(width, dtype=np.int32)])
        rows = np.concatenate([rows, np.zeros(width, np.int32)])
        values = np.concatenate([self.values, np.zeros(width, np.float32)])
        order = np.argsort(columns, kind="stable")
        starts = np.searchsorted(columns[order], np.arange(width + 1))
        return _Sparse(rows[order], values[order], starts.astype(np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class GramSpace:
    """What a pool taught: its grams, how much each says, and the directions they lie along."""

    grams: Callable[[str], list[str]]
    places: Mapping[str, int]
    weights: Floats
    axes: Floats
    centre: Floats

    def rows(self, texts: Sequence[str]) -> Floats:
        """(texts, directions), less the pool's mean; a text of unknown grams is all zeros."""
        counted = [Counter(self.grams(text)) for text in texts]
        laid = _laid(counted, self.places, self.weights).times(self.axes)
        known = np.abs(laid).max(axis=1, initial=0) > 0
        return np.asarray((laid - self.centre) * known[:, None], np.float32)


def learn(texts: Sequence[str], grams: Callable[[str], list[str]]) -> GramSpace:
    """The directions of a pool; the same texts give the same ones."""
    counted = [Counter(grams(text)) for text in texts]
    seen = Counter(gram for counts in counted for gram in counts)
    common = sorted((gram for gram in seen if seen[gram] > 1), key=lambda gram: (-seen[gram], gram))
    # Place 0 is nobody's, so that a text without a known gram still has an entry.
    places = {gram: place for place, gram in enumerate(common[:VOCABULARY], start=1)}
    weights = np.zeros(len(places) + 1, np.float32)
    for gram, place in places.items():
        weights[place] = np.log((1 + len(texts)) / (1 + seen[gram])) + 1
    sparse = _laid(counted, places, weights)
    axes = _directions(sparse, len(weights), min(DIRECTIONS, len(texts) - 1, len(places)))
    laid = sparse.times(axes)
    centre = np.asarray(laid.mean(axis=0) if len(laid) else np.zeros(axes.shape[1]), np.float32)
    return GramSpace(grams, places, weights, axes, centre)


def _laid(counted: Iterable[Counter[str]], places: Mapping[str, int], weights: Floats) -> _Sparse:
    columns: list[int] = []
    values: list[float] = []
    starts = [0]
    for counts in counted:
        known = sorted((places[gram], count) for gram, count in counts.items() if gram in places)
        told = np.array([(1 + np.log(count)) * weights[place] for place, count in known])
        length = float(np.sqrt((told**2).sum())) or 1.0
        columns += [0, *(place for place, _ in known)]
        values += [0.0, *(told / length)]
        starts.append(len(columns))
    return _Sparse(
        np.array(columns, np.int32), np.array(values, np.float32), np.array(starts, np.int64)
    )


def _directions(sparse: _Sparse, width: int, wanted: int) -> Floats:
    """(grams, wanted): the leading right singular vectors, by random projection of fixed seed."""
    if wanted < 1:
        return np.zeros((width, 1), np.float32)
    turned = sparse.turned(width)
    size = min(wanted + 10, len(sparse.starts) - 1, width)
    random = np.random.default_rng(_SEED)
    basis = random.standard_normal((width, size)).astype(np.float32)
    for _ in range(3):
        left, _ = np.linalg.qr(sparse.times(basis))
        basis, _ = np.linalg.qr(turned.times(left))
    left, _ = np.linalg.qr(sparse.times(basis))
    found, _, _ = np.linalg.svd(turned.times(left), full_matrices=False)
    return np.asarray(found[:, :wanted], np.float32)
