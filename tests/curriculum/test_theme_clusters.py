"""How many themes there are, and which."""

import numpy as np
import pytest

from curriculum import theme_clusters
from curriculum.likeness import Floats, unit
from tests.benchmarks.question_measures import adjusted_rand


def blobs(number: int, each: int, *, seed: int = 0, width: int = 40) -> Floats:
    """So many heaps of rows of unit length."""
    chance = np.random.default_rng(seed)
    middles = unit(chance.normal(size=(number, width)).astype(np.float32))
    rows = np.repeat(middles, each, axis=0)
    return unit(rows + chance.normal(size=rows.shape, scale=0.08).astype(np.float32))


@pytest.mark.parametrize("number", [4, 9])
def test_as_many_themes_as_there_are_heaps(number: int) -> None:
    """Heaps that lie apart are found, with their number."""
    found = theme_clusters.found(blobs(number, 25))
    assert int(found.labels.max()) + 1 == number
    assert adjusted_rand(np.repeat(np.arange(number), 25), found.labels) == pytest.approx(1)


def test_two_provinces_do_not_hide_what_is_asked_in_them() -> None:
    """One long direction, along which any pool falls in two, does not decide the number."""
    chance = np.random.default_rng(1)
    rows = blobs(8, 25)
    side = np.repeat(np.tile([-1.0, 1.0], 4), 25)
    far = rows + np.outer(side, unit(chance.normal(size=(1, 40)).astype(np.float32)))
    found = theme_clusters.found(unit(far.astype(np.float32)))
    assert 7 <= int(found.labels.max()) + 1 <= 9


def test_without_a_tenth_of_the_questions_the_themes_stay() -> None:
    """Taking a tenth away changes neither the number of clear themes nor who is in them."""
    rows = blobs(6, 30)
    whole = theme_clusters.found(rows).labels
    kept = np.sort(np.random.default_rng(4).permutation(len(rows))[18:])
    again = theme_clusters.found(rows[kept]).labels
    assert adjusted_rand(whole[kept], again) > 0.95


def test_a_new_row_goes_to_the_nearest_theme() -> None:
    """A row of a heap is placed with its heap, by whatever name that has."""
    rows = blobs(5, 20)
    found = theme_clusters.found(rows).named(np.array([40, 30, 20, 10, 50]))
    names = np.array([40, 30, 20, 10, 50])[found.labels]
    assert (found.nearest(rows, []) == names).mean() > 0.98


def test_numbers_to_try_grow_with_the_pool() -> None:
    """From two themes to one for ten questions, sixty at most."""
    assert theme_clusters.numbers(30) == [2, 3]
    assert theme_clusters.numbers(5_000)[-1] == theme_clusters.MOST_THEMES
