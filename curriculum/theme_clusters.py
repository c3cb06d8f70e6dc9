"""Into how many themes questions fall, and which: their number by silhouette above chance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from curriculum import theme_consensus
from curriculum.k_means import Labels, best_of, sums_of
from curriculum.likeness import Floats, unit
from curriculum.theme_matcher import Matcher

# The directions along which a pool differs most carry its topics; the rest is how things are put.
DIRECTIONS = 24
# The number of themes is read from fewer: what a few questions share begins to count beyond them.
NUMBERED_BY = 16
# So many questions a theme at least, on average: fewer are groups, not themes.
QUESTIONS_A_THEME = 10
MOST_THEMES = 60
# As many rows tell the number of themes as well as all of them do, and sooner.
SAMPLE = 1500
# The fewest themes that are nearly as well apart as the best number: fewer are easier to read.
NEARLY = 0.95
STARTS, CHANCE_STARTS = 8, 2
_SEED = 20


@dataclass(frozen=True, slots=True, eq=False)
class Themes:
    """The themes of a pool: `labels` of its rows, and where a new row would go.

    `names` are what the labels 0, 1, ... are called elsewhere; a negative one is nobody's.
    `matcher` says how near rows are, where they are compared by more than themselves.
    """

    labels: Labels
    names: Labels
    axes: Floats
    centre: Floats
    middles: Floats
    matcher: Matcher | None = None

    def nearest(self, rows: Floats, texts: Sequence[str]) -> Labels:
        """The name of the theme whose middle is nearest to each row, which was made of a text."""
        rows = rows if self.matcher is None else self.matcher.rows(rows, texts)
        near = unit(_along(rows - self.centre, self.axes)) @ self.middles.T
        near[:, self.names < 0] = -np.inf
        return np.asarray(self.names[near.argmax(axis=1)], np.int64)

    def named(self, names: Labels) -> "Themes":
        """With other names for the first labels; themes beyond them are nobody's."""
        filled = np.full(len(self.middles), -1)
        filled[: len(names)] = names
        return replace(self, names=filled)


def found(rows: Floats, texts: Sequence[str] = (), matcher: Matcher | None = None) -> Themes:
    """Themes of a pool of rows of unit length, at least two; the same rows give the same themes.

    `matcher` says how near rows of such texts are; how many themes there are is read from the rows
    alone: what is learnt says where borders run, and with it the number would change each week.
    """
    plain, axes, centre = _reduced(rows)
    number = how_many(plain[:, :NUMBERED_BY])
    if matcher is not None:
        plain, axes, centre = _reduced(matcher.rows(rows, texts))
    labels, middles = theme_consensus.agreed(unit(plain.copy()), number)
    return Themes(labels, np.arange(len(middles)), axes, centre, middles, matcher)


def how_many(bare: Floats) -> int:
    """The number of themes: the smallest that is nearly as far above chance as the best one tried.

    `bare` are rows before they are brought to length 1. Chance is the silhouette of the same rows
    with every direction shuffled by itself: a pool with one long direction falls apart into two
    even then, and says nothing by it (the thought of the gap statistic, Tibshirani 2001).
    """
    random = np.random.default_rng(_SEED)
    if len(bare) > SAMPLE:
        bare = bare[np.sort(random.permutation(len(bare))[:SAMPLE])]
    chance = unit(np.stack([random.permutation(column) for column in bare.T], axis=1))
    chosen = unit(bare.copy())
    tried = numbers(len(bare))
    above = np.array(
        [
            silhouette(chosen, best_of(chosen, number, STARTS)[0])
            - silhouette(chance, best_of(chance, number, CHANCE_STARTS)[0])
            for number in tried
        ]
    )
    # Neighbouring numbers differ by luck, so each is read with the two beside it.
    smooth = np.convolve(np.pad(above, 1, mode="edge"), np.full(3, 1 / 3), mode="valid")
    enough = smooth.max() - (1 - NEARLY) * abs(smooth.max())
    return tried[int(np.argmax(smooth >= enough))]


def numbers(questions: int) -> list[int]:
    """The numbers of themes worth trying for so many questions, each about an eighth more."""
    most = max(2, min(MOST_THEMES, questions // QUESTIONS_A_THEME))
    tried = [2]
    while tried[-1] < most:
        tried.append(min(most, max(tried[-1] + 1, round(tried[-1] * 1.12))))
    return tried


def silhouette(rows: Floats, labels: Labels) -> float:
    """Mean silhouette by cosine distance, -1 to 1; a question alone counts 0."""
    number = int(labels.max()) + 1
    sums = sums_of(rows, labels, number)
    size = np.bincount(labels, minlength=number)
    distance = size - rows @ sums.T
    own = np.arange(len(rows)), labels
    inside = distance[own] / np.maximum(size[labels] - 1, 1)
    other = distance / np.maximum(size, 1)
    other[own] = np.inf
    other[:, size == 0] = np.inf
    nearest = other.min(axis=1)
    if not np.isfinite(nearest).all():
        return 0.0
    value = (nearest - inside) / np.maximum(np.maximum(nearest, inside), 1e-9)
    return float(np.where(size[labels] > 1, value, 0).mean())


def _reduced(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """Rows along their leading directions, the directions, and the mean that was taken off."""
    centre = np.asarray(rows.mean(axis=0), np.float32)
    axes = _axes(rows - centre)
    return _along(rows - centre, axes), axes, centre


def _along(moved: Floats, axes: Floats) -> Floats:
    return np.asarray(moved @ axes, np.float32)


def _axes(moved: Floats) -> Floats:
    """(width, up to 24): the directions along which the rows differ most."""
    spread = moved.T.astype(np.float64) @ moved
    _, vectors = np.linalg.eigh(spread)
    wanted = min(DIRECTIONS, max(1, len(moved) - 1))
    return np.asarray(vectors[:, ::-1][:, :wanted], np.float32)
