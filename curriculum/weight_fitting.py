"""Logistic regression whose weights have a floor and a leaning, in plain numpy.

Newton's steps, each a bounded least-squares problem solved coordinate by coordinate (the proximal
Newton method of Lee, Sun and Saunders 2014): no chance in it, so the same numbers give the same
weights.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]
STEPS, SWEEPS = 40, 100
_STILL = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Leaning:
    """What each weight is without evidence, how strongly it is held there, its lowest value."""

    towards: Reals
    strength: Reals
    floor: Reals


def fitted(features: Reals, is_so: Reals, counts: Reals, leaning: Leaning) -> Reals:
    """The weights of `features` (pairs, weights) that tell best what is so, 1 or 0.

    `counts` is what each pair counts. The floor of a weight may be minus infinity.
    """

    def loss(weights: Reals) -> float:
        score = features @ weights
        told = (counts * (np.logaddexp(0, score) - is_so * score)).sum()
        return float(told + (leaning.strength * (weights - leaning.towards) ** 2).sum() / 2)

    weights = np.maximum(leaning.towards, leaning.floor)
    now = loss(weights)
    for _ in range(STEPS):
        step = _step(features, is_so, counts, leaning, weights)
        share, then = 1.0, loss(weights + step)
        while then > now and share > _STILL:
            share /= 2
            then = loss(weights + share * step)
        if now - then < _STILL:
            break
        weights, now = weights + share * step, then
    return weights


def _step(features: Reals, is_so: Reals, counts: Reals, leaning: Leaning, weights: Reals) -> Reals:
    """Where the quadratic model of the loss is least, above the floor."""
    score = features @ weights
    chance = 1 / (1 + np.exp(-np.clip(score, -50, 50)))
    slope = features.T @ (counts * (chance - is_so))
    slope += leaning.strength * (weights - leaning.towards)
    bend = counts * np.maximum(chance * (1 - chance), 1e-4)
    curve = features.T @ (features * bend[:, None])
    curve[np.diag_indices(len(curve))] += leaning.strength + _STILL
    step = np.zeros(len(weights))
    for _ in range(SWEEPS):
        largest = 0.0
        for place in range(len(weights)):
            wished = step[place] - slope[place] / curve[place, place]
            change = max(leaning.floor[place] - weights[place], wished) - step[place]
            if change:
                step[place] += change
                slope += curve[:, place] * change
                largest = max(largest, abs(change))
        if largest < _STILL:
            break
    return step
