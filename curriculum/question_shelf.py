"""Questions asked before, kept so that a new one finds its like in milliseconds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from curriculum.likeness import Floats, Space
from curriculum.near_duplicates import NEIGHBOURS, crowd_of, margins
from curriculum.theme_clusters import Themes

# A few directions find the candidates; their whole rows then decide.
COARSE = 96
CANDIDATES = 400
# So many rows teach the few directions as well as all of them do.
_TAUGHT_BY = 5_000
SHOWN = 5
ALONE = -1

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Similar:
    """An earlier question and how near it is, as a cosine: 1 is the same wording."""

    question_id: int
    nearness: float


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """Where a new question belongs: the group it repeats, its theme, and what it is like.

    `group` and `theme` count as in the regroup the shelf is from; None where it repeats nobody's
    question, or there are no themes yet. `row` and `crowd` are what the shelf keeps of it.
    """

    group: int | None
    theme: int | None
    similar: tuple[Similar, ...]
    row: Floats
    crowd: float


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Questions of one language: (questions, width) in float16, and what the last regroup said.

    `theme` holds ALONE where there are none. `next_group` is the number of the next new group.
    """

    language: str
    space: Space
    ids: Whole
    rows: NDArray[np.float16]
    crowd: Floats
    group: Whole
    theme: Whole
    themes: Themes | None
    axes: Floats
    coarse: Floats
    next_group: int


def shelf(
    language: str,
    space: Space,
    ids: Whole,
    rows: Floats,
    *,
    crowd: Floats,
    group: Whole,
    theme: Whole,
    themes: Themes | None,
    groups: int,
) -> Shelf:
    """A shelf of so many questions; `rows` are of this space, of unit length.

    `groups` is how many groups there are in all languages.
    """
    step = max(1, len(rows) // _TAUGHT_BY)
    taught = rows[::step].astype(np.float64)
    _, vectors = np.linalg.eigh(taught.T @ taught)
    axes = np.asarray(vectors[:, ::-1][:, :COARSE], np.float32)
    kept = rows.astype(np.float16)
    coarse = np.asarray(rows @ axes, np.float32)
    return Shelf(language, space, ids, kept, crowd, group, theme, themes, axes, coarse, groups)


def place(text: str, kept: Shelf, *, stored: Floats | None = None, limit: int = SHOWN) -> Placed:
    """Where a new question goes, and the most similar earlier ones, the nearest first.

    `stored` is its row of `likeness.vectors`, (1, width), where it was made before.
    """
    row = kept.space.rows([text], stored)
    measures = kept.space.measures
    candidates, near = _nearest(row, kept)
    others = near[near < measures.wording][None, :NEIGHBOURS]
    crowd = crowd_of(others) if others.size else np.zeros(1, np.float32)
    group = _group(row, crowd, candidates, near, kept)
    return Placed(
        group=group,
        theme=_theme(text, row, group, kept),
        similar=tuple(
            Similar(int(kept.ids[place]), round(float(cosine), 3))
            for place, cosine in zip(candidates[:limit], near[:limit], strict=True)
            if cosine >= measures.similar
        ),
        row=row,
        crowd=float(crowd[0]),
    )


def added(kept: Shelf, question_id: int, placed: Placed) -> Shelf:
    """The shelf with one more question, so that the next one is compared with it too.

    One that repeats nobody's begins a group: a number beyond those of the regroup is a group begun
    since on this shelf.
    """
    group = kept.next_group if placed.group is None else placed.group
    return replace(
        kept,
        ids=np.append(kept.ids, question_id),
        rows=np.vstack([kept.rows, placed.row.astype(np.float16)]),
        crowd=np.append(kept.crowd, np.float32(placed.crowd)),
        group=np.append(kept.group, group),
        next_group=kept.next_group + (placed.group is None),
        theme=np.append(kept.theme, ALONE if placed.theme is None else placed.theme),
        coarse=np.vstack([kept.coarse, placed.row @ kept.axes]),
    )


def _nearest(row: Floats, kept: Shelf) -> tuple[Whole, Floats]:
    """Places of the nearest rows and their cosines, the nearest first, of equals the earlier."""
    rough = kept.coarse @ (row @ kept.axes)[0]
    count = min(CANDIDATES, len(rough))
    chosen = np.sort(np.argpartition(rough, len(rough) - count)[len(rough) - count :])
    near = kept.rows[chosen].astype(np.float32) @ row[0]
    order = np.argsort(-near, kind="stable")
    return chosen[order], near[order]


def _group(row: Floats, crowd: Floats, candidates: Whole, near: Floats, kept: Shelf) -> int | None:
    """The group to which the question is near enough on average, the nearest of them."""
    measures = kept.space.measures
    above = margins(near[None], crowd, kept.crowd[candidates], measures)[0] >= 0
    best: tuple[float, int] | None = None
    for label in _in_order(kept.group[candidates[above]]):
        members = np.flatnonzero(kept.group == label)
        alike = kept.rows[members].astype(np.float32) @ row[0]
        margin = float(margins(alike[None], crowd, kept.crowd[members], measures).mean())
        if margin >= 0 and (best is None or margin > best[0]):
            best = margin, label
    return best[1] if best else None


def _theme(text: str, row: Floats, group: int | None, kept: Shelf) -> int | None:
    """Its group's theme, or the nearest one."""
    if kept.themes is None or not row.any():
        return None
    if group is not None:
        return int(kept.theme[np.argmax(kept.group == group)])
    return int(kept.themes.nearest(row, [text])[0])


def _in_order(labels: Sequence[int] | Whole) -> list[int]:
    return list(dict.fromkeys(int(label) for label in labels))
