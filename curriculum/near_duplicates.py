"""Which questions are the same one in other words: average linkage over how near they stand.

A pair must not only be alike: it must stand out among whatever else is near. Where a pool speaks
of one thing much, all of it is alike, and only what is nearer than that is the same question.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from curriculum.likeness import Floats, Measures

Labels = NDArray[np.int64]
# How many other wordings tell how crowded it is around a question. More than the ways in which
# one question is usually asked, or they would count as its crowd.
NEIGHBOURS = 10
# Rows of the pool's similarities held at once: 20 MB for 5,000 questions.
_ROWS = 1024


def groups(rows: Floats, measures: Measures, crowd: Floats | None = None) -> Labels:
    """The group of each row of unit length, named by its first member's place.

    `crowd` is what `crowding` says of the same rows, where it is known already.
    """
    if crowd is None:
        crowd = crowding(rows, measures)
    return _linked(rows, crowd, measures)


def crowding(rows: Floats, measures: Measures) -> Floats:
    """How near the nearest other wordings are to each row, as a mean cosine; never below 0.

    Questions that differ in a slip only count as one wording, so that what is asked again and
    again is not its own crowd.
    """
    if len(rows) < 2:
        return np.zeros(len(rows), np.float32)
    verbatim = Measures(measures.wording, 0.0, measures.wording, measures.similar)
    labels = _linked(rows, np.zeros(len(rows), np.float32), verbatim)
    _, wording = np.unique(labels, return_inverse=True)
    sums = np.zeros((wording.max() + 1, rows.shape[1]), np.float32)
    np.add.at(sums, wording, rows)
    means = sums / np.bincount(wording)[:, None]
    found = np.empty(len(rows), np.float32)
    for start in range(0, len(rows), _ROWS):
        near = np.asarray(rows[start : start + _ROWS] @ means.T, np.float32)
        near[np.arange(len(near)), wording[start : start + _ROWS]] = -1
        found[start : start + _ROWS] = crowd_of(near)
    return found


def crowd_of(near: Floats) -> Floats:
    """The crowding of each row of similarities to other wordings, its own left out or at -1."""
    count = min(NEIGHBOURS, near.shape[1])
    top = np.partition(near, near.shape[1] - count, axis=1)[:, -count:]
    # In a small pool strangers are among the ten; they do not make a crowd.
    return np.asarray(np.maximum(top, 0).mean(axis=1), np.float32)


def margins(near: Floats, crowd: Floats, crowds: Floats, measures: Measures) -> Floats:
    """How far each pair is above (0 and more) or below what makes it one question."""
    stands_out = near - (crowd[:, None] + crowds[None, :]) / 2 - measures.margin
    return np.asarray(np.minimum(stands_out, near - measures.floor), np.float32)


def _linked(rows: Floats, crowd: Floats, measures: Measures) -> Labels:
    """Average linkage of all rows, cut at margin 0.

    A group whose average is above the cut holds a pair above it, so groups never reach beyond
    what such pairs connect: each connected part is linked by itself, and that is exact.
    """
    labels = np.arange(len(rows))
    for part in _connected(rows, crowd, measures):
        near = rows[part] @ rows[part].T
        labels[part] = part[average_linkage(margins(near, crowd[part], crowd[part], measures))]
    return labels


def _connected(rows: Floats, crowd: Floats, measures: Measures) -> Iterator[Labels]:
    """The parts of more than one row that pairs of margin 0 and more connect, in order."""
    leader = np.arange(len(rows))

    def head(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = int(leader[place])
        return place

    for start in range(0, len(rows), _ROWS):
        end = min(start + _ROWS, len(rows))
        near = rows[start:end] @ rows[start:].T
        above = np.argwhere(margins(near, crowd[start:end], crowd[start:], measures) >= 0)
        for one, other in above[above[:, 0] < above[:, 1]] + start:
            first, second = sorted((head(int(one)), head(int(other))))
            leader[second] = first
    heads = np.array([head(place) for place in range(len(rows))], np.int64)
    order = np.argsort(heads, kind="stable")
    for part in np.split(order, np.flatnonzero(np.diff(heads[order])) + 1):
        if len(part) > 1:
            yield part


def average_linkage(margin: Floats) -> Labels:
    """Groups of a full symmetric matrix, cut at 0; each row gets its group's smallest place.

    Nearest-neighbour chains (Murtagh 1983): n steps of n, and the same tree as trying all pairs.
    """
    near = margin.astype(np.float64)
    np.fill_diagonal(near, -np.inf)
    size = np.ones(len(near))
    label = np.arange(len(near))
    alive = np.ones(len(near), bool)
    chain: list[int] = []
    while alive.any():
        if not chain:
            chain.append(int(np.argmax(alive)))
        last = chain[-1]
        best = int(np.argmax(near[last]))
        if near[last, best] < 0:
            # Nothing will come nearer than 0 to it: averages only fall from here on.
            alive[last] = False
            near[last, :] = near[:, last] = -np.inf
            chain.pop()
            continue
        if len(chain) > 1 and near[last, chain[-2]] >= near[last, best]:
            keep, gone = sorted(chain[-2:])
            del chain[-2:]
            _merge(near, size, keep, gone)
            alive[gone] = False
            label[label == gone] = keep
        else:
            chain.append(best)
    return label


def _merge(near: NDArray[np.float64], size: NDArray[np.float64], keep: int, gone: int) -> None:
    total = size[keep] + size[gone]
    joined = (near[keep] * size[keep] + near[gone] * size[gone]) / total
    joined[keep] = -np.inf
    near[gone, :] = near[:, gone] = -np.inf
    joined[gone] = -np.inf
    near[keep, :] = near[:, keep] = joined
    size[keep] = total
