"""Earlier questions like a new one, found in memory and kept up from the table.

One process has one `Likely`. It reads what came since it last looked, so several processes need
not tell one another. The models load at the first question that has another to be compared with.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curriculum import question_shelf
from curriculum.danger import danger
from curriculum.danger_meaning import means_danger
from curriculum.likeness import (
    BO,
    FIRST_WIDTH,
    SECOND_WIDTH,
    ZH,
    Floats,
    ModelMissing,
    laid_out,
    language_of,
    one_thread,
    second_model,
    vectors,
)
from curriculum.question_shelf import ALONE, Shelf, Similar
from storage.question_vectors import Row

# Rows that are missing are made so many at a time: each takes some tens of milliseconds.
MADE_AT_ONCE = 100
# Until a pool is this large its own mean changes much, so it is laid out anew when it has doubled.
SETTLED = 2_000
# Letters know only what their pool held, so a small one is learnt anew with each question.
LEARNT_ANEW = 500
# Putting one on a large shelf copies it, so new ones lie beside it until there are so many.
BESIDE = 256
# Of these some are other people's, declined or her own; what she may read is chosen afterwards.
CANDIDATES = 20


@dataclass(frozen=True, slots=True)
class Found:
    """Questions like the new one, the nearest first, and rows to be kept, by id.

    `means_danger`: no sign of danger stands in it, but it reads like texts about danger.
    """

    similar: tuple[Similar, ...]
    made: Mapping[int, bytes]
    means_danger: bool


class Likely:
    """The questions of one bot in memory, by language; safe to be asked from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        self._shelves: dict[str, Shelf] = {}
        self._built: dict[str, int] = {}
        # One question alone is like nothing: it waits here for the next, and no model is loaded.
        self._waiting: dict[str, list[Row]] = {ZH: [], BO: []}
        self._beside: dict[str, list[tuple[int, Floats]]] = {ZH: [], BO: []}
        self._letters: dict[str, list[Row]] = {ZH: [], BO: []}
        self._last = 0

    @property
    def last(self) -> int:
        """The newest id taken in; 0 where everything is to be read (again)."""
        is_outgrown = any(
            len(kept.ids) + len(self._beside[language]) >= 2 * self._built[language]
            and self._built[language] < SETTLED
            for language, kept in self._shelves.items()
        )
        return 0 if is_outgrown else self._last

    def find(self, rows: Sequence[Row], question_id: int, *, after: int) -> Found:
        """Take in what came after an id, and find what is like one of these questions.

        `rows` are all that `rows_since(after)` gives. Takes the time of the models, so it belongs
        into a thread; the sums take milliseconds.
        """
        made: dict[int, bytes] = {}
        similar: tuple[Similar, ...] = ()
        with self._lock, one_thread():
            if after == 0:
                self._forget()
            # Another one, asked at the same time, may have brought it along.
            fresh = [row for row in rows if row[0] > self._last or row[0] == question_id]
            for language in (ZH, BO):
                spoken = [row for row in fresh if language_of(row[1]) == language]
                similar += self._take_in(language, spoken, question_id, made)
            self._last = max((row[0] for row in fresh), default=self._last)
        others = tuple(one for one in similar if one.question_id != question_id)
        return Found(others, made, _means_danger(rows, question_id, made))

    def _take_in(
        self, language: str, spoken: list[Row], question_id: int, made: dict[int, bytes]
    ) -> tuple[Similar, ...]:
        """Put these on the language's shelf; what the question asked about is like."""
        spoken = self._waiting[language] + spoken
        others = [row for row in spoken if row[0] != question_id]
        if language not in self._shelves and not others:
            self._waiting[language] = spoken
            return ()
        self._waiting[language] = []
        raw = self._raw(spoken, made) if language == ZH and spoken else None
        if raw is not None:
            spoken = [row for row in spoken if row[0] in raw]
            others = [row for row in others if row[0] in raw]
        if raw is None and len(self._letters[language]) < LEARNT_ANEW:
            known = {row[0]: row for row in (*self._letters[language], *spoken)}
            self._letters[language] = list(known.values())
            self._lay_out(language, self._letters[language], None)
            spoken = [known[question_id]] if question_id in known else []
        elif language not in self._shelves:
            if not others:
                return ()
            self._lay_out(language, others, raw)
            spoken = [row for row in spoken if row[0] == question_id]
        similar: tuple[Similar, ...] = ()
        for row in spoken:
            like = self._add(language, row, raw)
            similar = like if row[0] == question_id else similar
        return similar

    def _raw(self, spoken: Sequence[Row], made: dict[int, bytes]) -> dict[int, Floats] | None:
        """Rows of `likeness.vectors` by id, kept or made now; None where no model loads.

        Of many that are missing the newest are made; the others are passed over for now.
        """
        # What was kept where the second model was missing lacks its part.
        wide = FIRST_WIDTH + SECOND_WIDTH if second_model() is not None else FIRST_WIDTH
        found = {row[0]: _floats(row[2])[:wide] for row in spoken if row[2] is not None}
        found = {question_id: row for question_id, row in found.items() if len(row) == wide}
        missing = [row for row in spoken if row[0] not in found][-MADE_AT_ONCE:]
        try:
            fresh = vectors([row[1] for row in missing]) if missing else ()
        except ModelMissing:
            return None
        for row, now_made in zip(missing, fresh, strict=True):
            made[row[0]] = now_made.astype(np.float16).tobytes()
            found[row[0]] = now_made
        return found

    def _lay_out(
        self, language: str, rows: Sequence[Row], raw: Mapping[int, Floats] | None
    ) -> None:
        stored = np.vstack([raw[row[0]] for row in rows]) if raw is not None else None
        space, laid = laid_out([row[1] for row in rows], stored, language=language)
        count = len(rows)
        self._shelves[language] = question_shelf.shelf(
            language,
            space,
            np.array([row[0] for row in rows], np.int64),
            laid,
            # Only nearness is asked here; groups and themes are the month's work.
            crowd=np.zeros(count, np.float32),
            group=np.arange(count),
            theme=np.full(count, ALONE),
            themes=None,
            groups=count,
        )
        self._built[language] = count

    def _add(
        self, language: str, row: Row, raw: Mapping[int, Floats] | None
    ) -> tuple[Similar, ...]:
        """Put one more beside its shelf, once; what it is like of all, the nearest first."""
        kept, beside = self._shelves[language], self._beside[language]
        stored = raw[row[0]][None] if raw is not None else None
        placed = question_shelf.place(row[1], kept, stored=stored, limit=CANDIDATES)
        near = [*placed.similar]
        near += [
            Similar(other, round(cosine, 3))
            for other, laid in beside
            if (cosine := float(laid @ placed.row[0])) >= kept.space.measures.similar
        ]
        if row[0] not in kept.ids and all(row[0] != other for other, _ in beside):
            beside.append((row[0], placed.row[0]))
            if len(beside) >= BESIDE:
                self._shelves[language] = _with(kept, beside)
                beside.clear()
        return tuple(sorted(near, key=lambda one: (-one.nearness, one.question_id)))


def _means_danger(rows: Sequence[Row], question_id: int, made: Mapping[int, bytes]) -> bool:
    """Where a sign stands in the text, the numbers were shown when it was asked."""
    asked = next((row for row in rows if row[0] == question_id), None)
    if asked is None or danger(asked[1]):
        return False
    return means_danger(_floats(made.get(question_id, asked[2])))


def _with(kept: Shelf, beside: Sequence[tuple[int, Floats]]) -> Shelf:
    """A shelf with these on it as well, copied once for all of them."""
    rows = np.vstack([row for _, row in beside])
    count = len(beside)
    return replace(
        kept,
        ids=np.append(kept.ids, [question_id for question_id, _ in beside]),
        rows=np.vstack([kept.rows, rows.astype(np.float16)]),
        crowd=np.append(kept.crowd, np.zeros(count, np.float32)),
        group=np.append(kept.group, kept.next_group + np.arange(count)),
        theme=np.append(kept.theme, np.full(count, ALONE)),
        coarse=np.vstack([kept.coarse, rows @ kept.axes]),
        next_group=kept.next_group + count,
    )


def _floats(kept: bytes | None) -> Floats:
    found: NDArray[np.float16] = np.frombuffer(kept or b"", np.float16)
    return found.astype(np.float32)
