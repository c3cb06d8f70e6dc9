"""Spherical k-means in plain numpy, the same for the same rows whatever the machine."""

import numpy as np
from numpy.typing import NDArray

from curriculum.likeness import Floats, unit

Labels = NDArray[np.int64]
ROUNDS = 40
_SEED = 20


def best_of(rows: Floats, number: int, starts: int) -> tuple[Labels, Floats]:
    """Spherical k-means, the best of so many starts: labels, and middles of unit length."""
    best: tuple[float, Labels, Floats] | None = None
    for start in range(starts):
        random = np.random.default_rng((_SEED, number, start))
        tightness, labels, middles = k_means(rows, first_middles(rows, number, random))
        if best is None or tightness > best[0] + 1e-6:
            best = tightness, labels, middles
    assert best is not None  # noqa: S101  starts is at least 1
    return _renumbered(best[1], best[2])


def first_middles(rows: Floats, number: int, random: np.random.Generator) -> Floats:
    """Rows far from each other by chance (k-means++)."""
    chosen = [int(random.integers(len(rows)))]
    far = 1 - rows @ rows[chosen[0]]
    for _ in range(number - 1):
        weight = np.cumsum(np.maximum(far, 0).astype(np.float64))
        pick = int(np.searchsorted(weight, random.random() * weight[-1]))
        chosen.append(min(pick, len(rows) - 1))
        far = np.minimum(far, 1 - rows @ rows[chosen[-1]])
    return rows[chosen].copy()


def k_means(rows: Floats, middles: Floats) -> tuple[float, Labels, Floats]:
    """How tight the themes are that begin with these middles, whose each row is, the middles."""
    labels = np.full(len(rows), -1)
    for _ in range(ROUNDS):
        near = rows @ middles.T
        now = near.argmax(axis=1)
        if (now == labels).all():
            break
        labels = now
        sums = sums_of(rows, labels, len(middles))
        empty = np.bincount(labels, minlength=len(middles)) == 0
        middles = unit(np.where(empty[:, None], middles, sums))
    near = rows @ middles.T
    return float(near.max(axis=1).sum()), near.argmax(axis=1), middles


def sums_of(rows: Floats, labels: Labels, number: int) -> Floats:
    """(number, width): the sum of each theme's rows."""
    belongs = np.zeros((len(rows), number), np.float32)
    belongs[np.arange(len(rows)), labels] = 1
    return belongs.T @ rows


def _renumbered(labels: Labels, middles: Floats) -> tuple[Labels, Floats]:
    """Themes in the order in which the rows first meet them; empty ones go."""
    _, first = np.unique(labels, return_index=True)
    order = labels[np.sort(first)]
    new = np.zeros(len(middles), np.int64)
    new[order] = np.arange(len(order))
    return new[labels], middles[order]
