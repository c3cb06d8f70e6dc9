"""Fits the weights of curriculum.danger_meaning, and says what they find of texts kept apart.

Prints one JSON line a measure. With --write the weights go where the product reads them. The
texts of tests/curriculum/unspoken_dangers that are named UNSEEN take no part in the fitting. The
peer is the signs alone.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np
from numpy.typing import NDArray

from curriculum import danger_meaning, likeness
from curriculum.danger import danger
from curriculum.likeness import BO, Floats
from tests.benchmarks.ground import ROOT, report
from tests.curriculum.dangerous_texts import DANGER, NO_DANGER
from tests.curriculum.indirect_dangers import INDIRECT, LOOKS_ALIKE
from tests.curriculum.unspoken_dangers import EVERYDAY, UNSEEN, UNSEEN_EVERYDAY, UNSPOKEN

MONTH = ROOT / "tests" / "data" / "sample_month" / "questions.jsonl"
LESSONS = ROOT / "curriculum" / "packs" / "starter_zh"
# How much the weights are held back: each of 896 directions has about one text to be learnt from.
RIDGE = 1.0
# So many of a hundred everyday questions may be shown the numbers for nothing.
FALSE_SHARE = 0.01
FOLDS = 10
# A young woman is given presents: the month calls it no present danger, on purpose.
UNCLEAR = 432


def spoken(texts: Sequence[str]) -> list[str]:
    """Those that the models can read."""
    return [text for text in texts if likeness.language_of(text) != BO]


def month() -> list[dict[str, Any]]:
    """The sample month's questions that the models can read."""
    lines = MONTH.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return [row for row in rows if likeness.language_of(row["text"]) != BO]


def fitted(rows: Floats, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Logistic regression by Newton's steps; danger and no danger weigh the same in all."""
    along = np.hstack([rows, np.ones((len(rows), 1))]).astype(np.float64)
    held = np.full(along.shape[1], RIDGE)
    held[-1] = 1e-6
    share = truth.mean()
    weight = np.where(truth, 0.5 / share, 0.5 / (1 - share))
    found = np.zeros(along.shape[1])
    for _ in range(25):
        chance = 1 / (1 + np.exp(-along @ found))
        slope = along.T @ (weight * (chance - truth)) + held * found
        bend = (along * (weight * chance * (1 - chance))[:, None]).T @ along + np.diag(held)
        found -= np.linalg.solve(bend, slope)
    return found


def scores(rows: Floats, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Above 0 is danger, before the threshold is moved."""
    return np.asarray(rows @ weights[:-1] + weights[-1])


def unseen_scores(rows: Floats, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each text's score by weights that were fitted without it."""
    fold = np.random.default_rng(4).permutation(len(rows)) % FOLDS
    found = np.empty(len(rows))
    for number in range(FOLDS):
        apart = fold == number
        found[apart] = scores(rows[apart], fitted(rows[~apart], truth[~apart]))
    return found


def main() -> None:
    """Fit, report, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with likeness.one_thread():
        measure(write=given.write)


def measure(*, write: bool) -> None:
    """What is found by signs, and by signs and meaning together."""
    asked = month()
    # Past or suspected harm is no present danger there; it is not everyday work either.
    calm = [
        row["text"]
        for row in asked
        if not row["danger"] and not danger(row["text"]) and row["id"] != UNCLEAR
    ]
    dangers = spoken([*DANGER, *INDIRECT, *UNSPOKEN])
    texts = [*dangers, *spoken([*NO_DANGER, *LOOKS_ALIKE, *EVERYDAY]), *calm]
    truth = np.arange(len(texts)) < len(dangers)
    rows = made(texts)
    apart = unseen_scores(rows, truth)
    line = float(np.quantile(apart[-len(calm) :], 1 - FALSE_SHARE))
    weights = fitted(rows, truth)
    weights[-1] -= line
    lines(asked, dict(zip(texts, apart > line, strict=True)), weights)
    if write:
        np.save(danger_meaning.WEIGHTS, weights.astype(np.float16))


def made(texts: Sequence[str]) -> Floats:
    """Rows as they are weighed."""
    return danger_meaning.directions(likeness.vectors(texts))


def lines(
    asked: Sequence[dict[str, Any]], known: dict[str, bool], weights: NDArray[np.float64]
) -> None:
    """Shares found and shares wrongly found; what was fitted to is judged without its own part."""

    def both(text: str) -> bool:
        if danger(text):
            return True
        if text in known:
            return bool(known[text])
        return bool(scores(made([text]), weights)[0] > 0)

    sets: dict[str, Sequence[str]] = {
        "unseen": UNSEEN,
        "unseen_everyday": UNSEEN_EVERYDAY,
        "month_danger": [row["text"] for row in asked if row["danger"]],
        "month_everyday": [row["text"] for row in asked if not row["danger"]],
        "lesson_lines": lesson_lines(),
    }
    for name, some in sets.items():
        report(f"danger_{name}", share(both, some), share(danger, some), "share", texts=len(some))


def share(judge: Callable[[str], bool], texts: Sequence[str]) -> float:
    """How many of these are said to be in danger."""
    return round(sum(map(judge, texts)) / max(len(texts), 1), 3)


def lesson_lines() -> list[str]:
    """Titles and key points of the starter lessons: they speak of danger, and nobody is in any."""
    found = []
    for path in sorted(LESSONS.glob("*.zh.md")):
        for line in path.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name in {"title", "key_point"}:
                found.append(value.strip().strip('"'))
    return found


if __name__ == "__main__":
    main()
