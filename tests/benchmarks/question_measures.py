"""How well groups and themes agree with those that people made: the usual measures, in numpy."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Labels = Sequence[object] | NDArray[np.int64]


def table(truth: Labels, found: Labels) -> NDArray[np.float64]:
    """(true groups, found groups): how many items are in both."""
    _, rows = np.unique(np.asarray(truth).astype(str), return_inverse=True)
    _, columns = np.unique(np.asarray(found).astype(str), return_inverse=True)
    counts = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(counts, (rows, columns), 1)
    return counts


def b_cubed(truth: Labels, found: Labels) -> tuple[float, float]:
    """B-cubed F and precision (Bagga 1998)."""
    counts = table(truth, found)
    precision = (counts**2 / counts.sum(axis=0)).sum() / counts.sum()
    recall = (counts**2 / counts.sum(axis=1)[:, None]).sum() / counts.sum()
    return float(2 * precision * recall / (precision + recall)), float(precision)


def v_measure(truth: Labels, found: Labels) -> float:
    """V-measure (Rosenberg 2007)."""
    share = table(truth, found) / len(np.asarray(truth))
    rows, columns, cells = (_entropy(p) for p in (share.sum(1), share.sum(0), share.ravel()))
    return float(2 * (rows + columns - cells) / max(rows + columns, 1e-12))


def adjusted_rand(truth: Labels, found: Labels) -> float:
    """The adjusted Rand index (Hubert 1985)."""
    counts = table(truth, found)
    both, rows, columns = (_pairs(c) for c in (counts, counts.sum(axis=1), counts.sum(axis=0)))
    chance = rows * columns / _pairs(np.array([counts.sum()]))
    return float((both - chance) / max((rows + columns) / 2 - chance, 1e-12))


def pairs(truth: Labels, scores: NDArray[np.float32]) -> tuple[float, float]:
    """Average precision of all pairs by score, and the recall reached at precision 0.9."""
    names = np.asarray(truth).astype(str)
    upper = np.triu_indices(len(names), 1)
    same = names[upper[0]] == names[upper[1]]
    hits = same[np.argsort(-scores[upper], kind="stable")]
    found = np.cumsum(hits)
    precision = found / np.arange(1, len(hits) + 1)
    recall = found / found[-1]
    at = recall[precision >= 0.9]
    return float((precision * hits).sum() / found[-1]), float(at.max()) if len(at) else 0.0


def _entropy(share: NDArray[np.float64]) -> float:
    held = share[share > 0]
    return float(-(held * np.log(held)).sum())


def _pairs(counts: NDArray[np.float64]) -> float:
    return float((counts * (counts - 1) / 2).sum())
