"""Themes on which many groupings agree: one grouping alone changes with every tenth question.

Each of many k-means runs sees a part of the questions and begins elsewhere. Who mostly lies
together in them lies together here (cluster ensembles, Strehl and Ghosh 2002): every run's themes
are columns, and the questions are grouped anew by the leading directions of these.
"""

import numpy as np

from curriculum.k_means import Labels, best_of, first_middles, k_means, sums_of
from curriculum.likeness import Floats, unit

# So many runs agree as well as more do; of a large pool fewer are enough, for it is steadier.
RUNS, RUNS_OF_LARGE = 60, 20
LARGE = 2_000
# What a run sees of the pool: nine of ten, and of a large one a sample.
PART, MOST_SEEN = 0.9, 1_500
STARTS = 4
# Steps until the leading directions stand still, and how many more are carried along.
_STEPS, _SPARE = 8, 8
_SEED = 21


def agreed(rows: Floats, number: int) -> tuple[Labels, Floats]:
    """Labels of rows of unit length in so many themes or fewer, and each theme's middle."""
    votes = _votes(rows, number)
    labels, _ = best_of(_leading(votes, number), number, STARTS)
    return labels, unit(sums_of(rows, labels, int(labels.max()) + 1))


def _votes(rows: Floats, number: int) -> Floats:
    """(rows, all themes of all runs): where each run puts each row, a large theme saying less."""
    runs = RUNS if len(rows) <= LARGE else RUNS_OF_LARGE
    seen = max(number, min(int(PART * len(rows)), MOST_SEEN))
    columns = []
    for run in range(runs):
        random = np.random.default_rng((_SEED, number, run))
        part = rows[np.sort(random.permutation(len(rows))[:seen])]
        _, _, middles = k_means(part, first_middles(part, number, random))
        label = (rows @ middles.T).argmax(axis=1)
        placed = np.zeros((len(rows), len(middles)), np.float32)
        placed[np.arange(len(rows)), label] = 1
        size = placed.sum(axis=0)
        columns.append(placed[:, size > 0] / np.sqrt(size[size > 0]))
    return np.hstack(columns)


def _leading(votes: Floats, number: int) -> Floats:
    """(rows, number) of unit length: the rows along the leading left singular directions."""
    random = np.random.default_rng(_SEED)
    size = min(number + _SPARE, *votes.shape)
    basis = random.standard_normal((votes.shape[1], size)).astype(np.float32)
    for _ in range(_STEPS):
        basis, _ = np.linalg.qr(votes.T @ (votes @ basis))
    along = votes @ basis
    _, directions = np.linalg.eigh((along.T @ along).astype(np.float64))
    return unit(np.asarray(along @ directions[:, ::-1][:, :number], np.float32))
