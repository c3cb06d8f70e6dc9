"""Themes on which many groupings agree."""

import numpy as np
import pytest

from curriculum import theme_consensus
from tests.benchmarks.question_measures import adjusted_rand
from tests.curriculum.test_theme_clusters import blobs


def test_the_same_rows_give_the_same_themes() -> None:
    """Nothing depends on chance or on what ran before."""
    rows = blobs(5, 20)
    first, second = (theme_consensus.agreed(rows, 5) for _ in range(2))
    assert (first[0] == second[0]).all()
    assert (first[1] == second[1]).all()


def test_borders_that_one_grouping_draws_by_luck_stay_when_a_tenth_goes() -> None:
    """Where heaps overlap, a tenth less moves few questions into another theme."""
    chance = np.random.default_rng(5)
    rows = blobs(8, 30, width=16)
    rows = rows + chance.normal(size=rows.shape, scale=0.12).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    whole, _ = theme_consensus.agreed(rows, 8)
    kept = np.sort(chance.permutation(len(rows))[24:])
    again, _ = theme_consensus.agreed(rows[kept], 8)
    assert adjusted_rand(whole[kept], again) > 0.8


def test_a_large_pool_is_learnt_from_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond a size fewer runs see a part each, and every question has a theme all the same."""
    monkeypatch.setattr(theme_consensus, "LARGE", 100)
    monkeypatch.setattr(theme_consensus, "MOST_SEEN", 60)
    labels, middles = theme_consensus.agreed(blobs(4, 40), 4)
    assert adjusted_rand(np.repeat(np.arange(4), 40), labels) > 0.99
    assert middles.shape[0] == 4
