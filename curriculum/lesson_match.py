"""Which lesson answers a question, and when none does.

Two judges are summed: the share of what the question says that a lesson says too (BM25 over
single and paired characters), and how near the second sentence model finds them. Word
segmentation is not used: askers' words differ from the lessons'.
"""

import logging
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from curriculum.gram_space import syllables
from curriculum.lesson_terms import HAN, TIBETAN, words_of
from curriculum.likeness import (
    BO,
    FIRST_WIDTH,
    Floats,
    language_of,
    passages,
    plain_centre,
    second_model,
    unit,
    vectors,
)

if TYPE_CHECKING:
    from bm25s import BM25

# Robertson's usual values: how soon a repeated word stops counting, how much length does.
K1, B = 1.2, 0.75
# Below the floor no lesson covers the question; without the model only the words are summed.
FLOOR, WORDS_FLOOR = 0.2, 0.05
# Lessons are short; of a longer text the model reads the beginning, as far as one window reaches.
READ = 700


@dataclass(frozen=True, slots=True)
class Passage:
    """A lesson as it is searched, one for each of its languages."""

    lesson_id: int
    title: str
    text: str

    @property
    def whole(self) -> str:
        """Title and text."""
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A lesson and how well it answers: `words` 0 to 1, `meaning` -1 to 1, `score` their sum."""

    lesson_id: int
    score: float
    words: float
    meaning: float


@dataclass(frozen=True, slots=True)
class Match:
    """The best lessons, the best first; `is_covered` is False where none reaches the floor."""

    answers: tuple[Answer, ...]
    is_covered: bool


@dataclass(frozen=True, slots=True, eq=False)
class LessonIndex:
    """Passages made ready: their grams counted, and their rows by the second model, if it loads."""

    passages: tuple[Passage, ...]
    bm25: "BM25"
    rarity: dict[str, float]
    rarest: float
    rows: Floats | None
    centre: Floats | None


def index(
    lessons: Sequence[Passage], *, stored: Floats | None = None, centre: Floats | None = None
) -> LessonIndex:
    """An index of at least one passage.

    `stored` are rows of `likeness.passages(readable(one))`, made before; `centre` is the mean of
    the pool's `likeness.vectors`, that of plain sentences where it is left out.
    """
    from bm25s import BM25

    # It sets its own level on import, below ours.
    logging.getLogger("bm25s").setLevel(logging.WARNING)
    counted = [grams(lesson.whole) for lesson in lessons]
    bm25 = BM25(k1=K1, b=B)
    bm25.index(counted, show_progress=False)
    seen = Counter(gram for one in counted for gram in set(one))
    rarity = {gram: _rarity(len(lessons), count) for gram, count in seen.items()}
    rows = stored
    if rows is None and second_model() is not None:
        rows = passages([readable(lesson) for lesson in lessons])
    if rows is not None:
        rows = unit(rows - rows.mean(axis=0)) if len(rows) > 1 else rows
        centre = plain_centre() if centre is None else centre
    rarest = _rarity(len(lessons), 0)
    return LessonIndex(tuple(lessons), bm25, rarity, rarest, rows, centre)


def readable(lesson: Passage) -> str:
    """What the model reads of a lesson."""
    return lesson.whole[:READ]


def match(text: str, known: LessonIndex, *, stored: Floats | None = None, limit: int = 3) -> Match:
    """The lessons that answer a question best; `stored` is its row of `likeness.vectors`."""
    words = _words(text, known)
    meaning = _meaning(text, known, stored)
    total = words if meaning is None else words + meaning
    best: dict[int, Answer] = {}
    for place in np.argsort(-total, kind="stable"):
        lesson = known.passages[place].lesson_id
        near = 0.0 if meaning is None else float(meaning[place])
        best.setdefault(lesson, Answer(lesson, float(total[place]), float(words[place]), near))
        if len(best) == limit:
            break
    answers = tuple(best.values())
    floor = WORDS_FLOOR if meaning is None else FLOOR
    return Match(answers, bool(answers) and answers[0].score >= floor)


def grams(text: str) -> list[str]:
    """Characters alone and in pairs, Tibetan syllables likewise, other words whole."""
    found: list[str] = []
    for word in words_of(text):
        if word.kind == TIBETAN:
            found += syllables(word.text)
        elif word.kind == HAN:
            found += [*word.text, *(first + second for first, second in pairwise(word.text))]
        else:
            found.append(word.text)
    return found


def _words(text: str, known: LessonIndex) -> Floats:
    """The share of the question that each passage says, by how much each gram tells."""
    said = grams(text)
    most = sum(known.rarity.get(gram, known.rarest) for gram in said)
    heard = [gram for gram in said if gram in known.rarity]
    if not heard:
        return np.zeros(len(known.passages), np.float32)
    scores: Any = known.bm25.get_scores(heard)
    return np.asarray(scores / most, np.float32)


def _meaning(text: str, known: LessonIndex, stored: Floats | None) -> Floats | None:
    """Cosines by the second model; None where it is missing or does not know the language."""
    if known.rows is None or known.centre is None or language_of(text) == BO:
        return None
    raw = vectors([text]) if stored is None else stored.reshape(1, -1)
    width = FIRST_WIDTH + known.rows.shape[1]
    if raw.shape[1] != width or len(known.centre) != width:
        return None
    row = unit((raw - known.centre)[:, FIRST_WIDTH:].astype(np.float32))
    return np.asarray(known.rows @ row[0], np.float32)


def _rarity(passages_known: int, count: int) -> float:
    """What a gram tells that stands in so many passages, as BM25 (Lucene's) has it."""
    return math.log(1 + (passages_known - count + 0.5) / (count + 0.5))
