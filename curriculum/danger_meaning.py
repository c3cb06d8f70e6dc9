"""Whether a question means danger though no sign names it: a second opinion, by what it means.

Signs find the words somebody thought of; this compares a question's vector with those of many texts
about danger and about everyday work. It is less sure than a sign, so it raises no alert: it only
shows the emergency numbers.
"""

from functools import cache
from pathlib import Path

import numpy as np

from curriculum.likeness import FIRST_WIDTH, Floats, plain_centre, unit

# Fitted by tests/benchmarks/danger_meaning.py: a weight for each direction, then what is added.
WEIGHTS = Path(__file__).with_name("danger_meaning.npy")


def means_danger(row: Floats) -> bool:
    """Of a row of `likeness.vectors`; False where it lacks the second model's part.

    A Tibetan question says nothing here: no model knows its language.
    """
    weights = _weights()
    if len(row) != len(weights) - 1:
        return False
    return bool(directions(row[None])[0] @ weights[:-1] + weights[-1] > 0)


def directions(rows: Floats) -> Floats:
    """Rows of `likeness.vectors` as they are weighed: each model's part less plain sentences."""
    moved = rows.astype(np.float32) - plain_centre()[: rows.shape[1]]
    for part in (slice(0, FIRST_WIDTH), slice(FIRST_WIDTH, None)):
        unit(moved[:, part])
    return unit(moved)


@cache
def _weights() -> Floats:
    return np.asarray(np.load(WEIGHTS), np.float32)
