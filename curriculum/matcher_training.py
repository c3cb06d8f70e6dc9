"""What coordinators' merges and splits teach about themes, and whether it is worth following.

Pure. A topic that was edited and then approved shows, for every two of its questions, whether
somebody wanted them in one theme; the pairs she moved are among them. Those alone would mislead:
she moves what we got wrong, so among them alone likeness would seem to speak against a theme.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

import numpy as np
from numpy.typing import NDArray

from curriculum.likeness import (
    FIRST_WIDTH,
    SENTENCES,
    ZH,
    Floats,
    SentenceSpace,
    language_of,
    one_thread,
    unit,
)
from curriculum.matchers import LABELS_FROM, Edited, Material, Trained
from curriculum.theme_clusters import DIRECTIONS
from curriculum.theme_matcher import TERMS, UNTAUGHT, WHOLE, Matcher, said, untaught_by
from curriculum.weight_fitting import Leaning, Reals, fitted
from storage.theme_matchers import Said

# The fewest topics of which chance alone could not reach CHANCE, and months to hold out.
TOPICS_FROM, MONTHS_FROM = 7, 3
FOLDS = 5
# Pairs beyond these teach hardly more; they are shared evenly among topics.
MOST_PAIRS = 6_000
# How far a weight is from what nobody taught, as logits squared: a common term some four, a model's
# cosine some five.
_OF_TERMS, _OF_MODELS = 16.0, 30.0
# What is never spoken of in the field's terms still has to lie somewhere.
_MODELS_AT_LEAST = 0.1
_FLIPS = 9_999
_SEED = 31

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Arranged:
    """One topic as it was approved: `themes` of its questions, in order of id.

    `raw` are rows of `likeness.vectors`, (questions, 896); `labels` is how many of its questions
    somebody had moved; `moved` are places of pairs that a merge or a split named.
    """

    topic_id: int
    month: date
    themes: Whole
    texts: tuple[str, ...]
    raw: Floats
    labels: int
    moved: Whole


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A topic in one common space, and the pairs it teaches by."""

    topic: Arranged
    rows: Floats
    said: Floats
    pairs: Whole
    is_so: Reals


def learnt(found: Material) -> Trained | None:
    """What material teaches; None where it is too little."""
    return trained([one for topic in found.topics if (one := _arranged(topic, found.said))])


def _arranged(topic: Edited, words: Mapping[int, Said]) -> Arranged | None:
    """A topic's Chinese questions that both models have read; None where they are too few."""
    wide = WHOLE * np.dtype(np.float16).itemsize
    kept = [
        question
        for question in topic.themes
        if (one := words.get(question)) and len(one.vector) == wide and language_of(one.text) == ZH
    ]
    if len(kept) < 2:
        return None
    place = {question: number for number, question in enumerate(kept)}
    moved = {
        (min(pair), max(pair))
        for one, other in topic.moved
        for pair in product(_known(one, place), _known(other, place))
        if pair[0] != pair[1]
    }
    return Arranged(
        topic.topic_id,
        topic.month,
        np.array([topic.themes[question] for question in kept], np.int64),
        tuple(f"{words[one].text} {words[one].context or ''}".strip() for one in kept),
        np.stack([np.frombuffer(words[one].vector, np.float16) for one in kept]),
        len([question for question in topic.taken if question in place]),
        np.array(sorted(moved), np.int64).reshape(-1, 2),
    )


def _known(side: Sequence[int], place: Mapping[int, int]) -> list[int]:
    return [place[question] for question in side if question in place]


def is_enough(topics: Sequence[Arranged]) -> bool:
    """Whether there is enough to learn from and to test by."""
    months = {topic.month for topic in topics}
    labels = sum(topic.labels for topic in topics)
    return labels >= LABELS_FROM and len(topics) >= TOPICS_FROM and len(months) >= MONTHS_FROM


def trained(topics: Sequence[Arranged]) -> Trained | None:
    """What these topics teach, None where they are too few; the same ones teach the same.

    Takes about a second for 3,000 labels; each month is judged by what the others taught.
    """
    if not is_enough(topics):
        return None
    ordered = sorted(topics, key=lambda topic: topic.topic_id)
    months = sorted({topic.month for topic in ordered})
    with one_thread():
        seen = _seen(ordered)
        before, after = np.zeros(len(seen)), np.zeros(len(seen))
        for fold in range(min(FOLDS, len(months))):
            held = set(months[fold::FOLDS])
            taught = _learnt([one for one in seen if one.topic.month not in held])
            for place, one in enumerate(seen):
                if one.topic.month in held:
                    before[place] = order_score(
                        one.topic.themes, untaught_by(one.said).laid(one.rows, one.said)
                    )
                    after[place] = order_score(one.topic.themes, taught.laid(one.rows, one.said))
        return Trained(
            matcher=_learnt(seen),
            labels=sum(one.labels for one in ordered),
            topics=len(ordered),
            months=len(months),
            untaught_score=round(float(before.mean()), 4),
            score=round(float(after.mean()), 4),
            chance=round(chance_of(after - before), 4),
        )


def order_score(themes: Whole, rows: Floats) -> float:
    """How often one of a question's theme is nearer to it than one of another; 0.5 is chance.

    Nearness is read along the directions that the clustering of these rows would see.
    """
    near = _as_clustered(rows)
    np.fill_diagonal(near, -np.inf)
    is_own = themes[:, None] == themes
    np.fill_diagonal(is_own, val=False)
    own = is_own.sum(axis=1)
    others = len(themes) - 1 - own
    # The sum of ranks of its own tells it (Mann and Whitney 1947); of equals each is once first.
    ranks = (_ranks(near) + _ranks(near[:, ::-1])[:, ::-1]) / 2
    wins = (ranks * is_own).sum(axis=1) - own * (own + 1) / 2
    counts = (own > 0) & (others > 0)
    return float((wins[counts] / (own * others)[counts]).mean()) if counts.any() else 0.5


def _ranks(near: Floats) -> Reals:
    """Ranks within each row, the lowest 0: a question's own place."""
    order = np.argsort(near, axis=1, kind="stable")
    ranks = np.empty(near.shape)
    np.put_along_axis(ranks, order, np.arange(near.shape[1], dtype=float)[None], axis=1)
    return ranks


def chance_of(gains: Reals) -> float:
    """How often gains whose signs are luck have a mean as high: a one-sided paired test."""
    if not gains.any():
        return 1.0
    signs = np.random.default_rng(_SEED).choice((-1.0, 1.0), size=(_FLIPS, len(gains)))
    as_high = (signs @ gains >= gains.sum() - 1e-12).sum()
    return float((1 + as_high) / (1 + _FLIPS))


def in_one_space(topics: Sequence[Arranged]) -> list[Floats]:
    """The rows of each topic, less the mean of all of them."""
    raw = np.vstack([topic.raw for topic in topics]).astype(np.float32)
    space = SentenceSpace(np.asarray(raw.mean(axis=0, dtype=np.float64), np.float32), SENTENCES)
    return [space.centred(topic.raw) for topic in topics]


def _seen(topics: Sequence[Arranged]) -> list[_Seen]:
    quota = max(2, MOST_PAIRS // len(topics))
    made = []
    for topic, rows in zip(topics, in_one_space(topics), strict=True):
        pairs = _pairs(topic, quota)
        is_so = (topic.themes[pairs[:, 0]] == topic.themes[pairs[:, 1]]).astype(np.float64)
        made.append(_Seen(topic, rows, said(topic.texts), pairs, is_so))
    return made


def _pairs(topic: Arranged, quota: int) -> Whole:
    """At most so many pairs of places: of those that were moved up to half, then of the others,
    of either kind as many as of the other while there are.
    """
    random = np.random.default_rng((_SEED, topic.topic_id))
    moved = topic.moved[random.permutation(len(topic.moved))[: quota // 2]]
    every = np.stack(np.triu_indices(len(topic.themes), k=1), axis=1)
    every = every[random.permutation(len(every))]
    is_together = topic.themes[every[:, 0]] == topic.themes[every[:, 1]]
    rest = (quota - len(moved)) // 2
    chosen = (moved, every[is_together][:rest], every[~is_together][:rest])
    return np.asarray(np.unique(np.vstack(chosen), axis=0), np.int64)


def _learnt(seen: Sequence[_Seen]) -> Matcher:
    """The weights these topics teach, brought to one for the models together."""
    features = np.vstack([_features(one) for one in seen])
    is_so = np.hstack([one.is_so for one in seen])
    labels = max(1, sum(one.topic.labels for one in seen))
    # As much is said for together as for apart, and all of it counts as many labels.
    counts = np.where(is_so == 1, 0.5 / max(is_so.sum(), 1), 0.5 / max((1 - is_so).sum(), 1))
    steepness = _steepness(features, is_so, counts)
    models = steepness * np.array([UNTAUGHT.first, UNTAUGHT.second])
    towards = np.concatenate([models, [steepness * UNTAUGHT.shared], np.zeros(len(TERMS)), [0.0]])
    spread = np.full(len(towards), _OF_TERMS)
    spread[:2] = _OF_MODELS
    floor = np.zeros(len(towards))
    floor[:2] = _MODELS_AT_LEAST * models
    floor[-1], spread[-1] = -np.inf, np.inf
    found = fitted(features, is_so, counts, Leaning(towards, 1 / (spread * labels), floor))
    found = found / (found[0] + found[1])
    own = dict(zip(TERMS, found[3:-1], strict=True))
    return Matcher(
        first=round(float(found[0]), 4),
        second=round(float(found[1]), 4),
        shared=round(float(found[2]), 4),
        terms={term: round(float(more), 4) for term, more in own.items() if more >= 1e-4},
    )


def _steepness(features: Reals, is_so: Reals, counts: Reals) -> float:
    """How fast the untaught likeness turns from apart to together, in logits a whole cosine."""
    untaught = features[:, :3] @ (UNTAUGHT.first, UNTAUGHT.second, UNTAUGHT.shared)
    plain = np.stack([untaught, np.ones(len(untaught))], axis=1)
    loose = Leaning(np.array([8.0, 0.0]), np.array([1e-4, 0.0]), np.array([1.0, -np.inf]))
    return float(fitted(plain, is_so, counts, loose)[0])


def _features(seen: _Seen) -> Reals:
    """(pairs, 2 + 1 + terms + 1): cosines, common terms together and one by one, always 1."""
    one, other = seen.pairs.T
    products = seen.rows[one] * seen.rows[other]
    first = 2 * products[:, :FIRST_WIDTH].sum(axis=1)
    second = 2 * products[:, FIRST_WIDTH:].sum(axis=1)
    terms = seen.said[one] * seen.said[other]
    always = np.ones(len(one))
    columns = (first[:, None], second[:, None], terms.sum(axis=1)[:, None], terms, always[:, None])
    return np.hstack(columns).astype(np.float64)


def _as_clustered(rows: Floats) -> Floats:
    """(questions, questions): cosines along the leading directions of the rows less their mean."""
    moved = rows - rows.mean(axis=0)
    values, vectors = np.linalg.eigh((moved @ moved.T).astype(np.float64))
    kept = slice(-1, -1 - min(DIRECTIONS, len(rows) - 1), -1)
    along = vectors[:, kept] * np.sqrt(np.maximum(values[kept], 0))
    laid = unit(np.asarray(along, np.float32))
    return np.asarray(np.round(laid @ laid.T, 5), np.float32)
