"""Lessons made ready to be matched with questions: kept rows are used, missing ones are made.

Reading sixty lessons takes the second model half a minute, so each text is read once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from curriculum import lesson_match
from curriculum.lesson_match import LessonIndex, Passage
from curriculum.likeness import SECOND_WIDTH, Floats, one_thread, passages, second_model
from storage.topic_pool import Taught


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """Lessons as they are matched, and the rows that were made for it, to be kept by text id."""

    index: LessonIndex
    made: Mapping[int, bytes]


@lru_cache(maxsize=2)
def ready(lessons: tuple[Taught, ...]) -> Ready | None:
    """An index of the lessons, None where there are none; the same ones are made ready once."""
    if not lessons:
        return None
    spoken = [Passage(one.lesson_id, one.title, f"{one.key_point}\n{one.body}") for one in lessons]
    with one_thread():
        made = _made(lessons, spoken)
        return Ready(lesson_match.index(spoken, stored=_rows(lessons, made)), made)


def _made(lessons: tuple[Taught, ...], spoken: list[Passage]) -> dict[int, bytes]:
    """Rows of the texts that have none, as they are kept."""
    if second_model() is None:
        return {}
    missing = [n for n, one in enumerate(lessons) if _kept(one) is None]
    if not missing:
        return {}
    rows = passages([lesson_match.readable(spoken[n]) for n in missing])
    return {
        lessons[n].text_id: row.astype(np.float16).tobytes()
        for n, row in zip(missing, rows, strict=True)
    }


def _rows(lessons: tuple[Taught, ...], made: Mapping[int, bytes]) -> Floats | None:
    """One row a lesson, those made now in the same half precision; None without the model."""
    if second_model() is None:
        return None
    kept = [_kept(one) or made[one.text_id] for one in lessons]
    return np.stack([np.frombuffer(row, np.float16) for row in kept]).astype(np.float32)


def _kept(lesson: Taught) -> bytes | None:
    """A lesson's row, unless it has another model's width."""
    wide = SECOND_WIDTH * np.dtype(np.float16).itemsize
    return lesson.vector if lesson.vector is not None and len(lesson.vector) == wide else None
