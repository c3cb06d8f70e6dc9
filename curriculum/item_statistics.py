"""How hard each check question is and which options draw people, without showing any one of them.

Two rules keep single answers out of sight (EXPERIENCE section 9). People are counted in whole
groups of five, so two tables never differ by one person. And every count is rounded down to whole
fives, below five to nothing, so no small number can be worked out from the others. How well a
question tells the sure from the unsure (its discrimination) is left out: it needs each person's
other answers, and with fewer than some hundred people it says more about chance than the question.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlmodel import Session

from curriculum import records
from curriculum.people import Speaker
from curriculum.records import Scope
from storage import item_statistics as counted
from storage import lessons
from storage.item_statistics import OptionCount

GROUP = 5
# From how many people on a remark is more than chance.
MANY, VERY_MANY = 20, 50
WRONG_AHEAD, MOSTLY_WRONG, HARDLY_CHOSEN, NEARLY_ALL_RIGHT = (
    "wrong_ahead",
    "mostly_wrong",
    "hardly_chosen",
    "nearly_all_right",
)


@dataclass(frozen=True, slots=True)
class OptionFigure:
    """An option; `at_least` people chose it first, None when that may be fewer than five."""

    text: str
    is_right: bool
    at_least: int | None


@dataclass(frozen=True, slots=True)
class ItemFigure:
    """A version of a question.

    `answered` is how many people are counted, None below five; then there are no other figures.
    The share of those who were right at the first try lies between `right_from` and `right_to`
    (0 to 1). `remark` is a code worth a second look at the question, or None.
    """

    pack: str
    lesson: str
    title: str
    version: int
    is_current: bool
    text: str
    answered: int | None
    right_from: float | None
    right_to: float | None
    options: tuple[OptionFigure, ...]
    remark: str | None


def figures(
    session: Session, *, pack_code: str | None = None, unit_path: str | None = None
) -> Iterator[ItemFigure]:
    """Stream every question version that somebody answered, in teaching order, in one query."""
    rows = counted.first_choices(session, group=GROUP, pack_code=pack_code, unit_path=unit_path)
    for _, choices in groupby(rows, lambda row: row.version_id):
        yield _figure(list(choices))


def scope_of(session: Session, speaker: Speaker) -> Scope:
    """The unit whose answers a coordinator sees counted: her own with everything under it.

    Never a smaller one: a station compared with its county would show what few people answered.
    Raises NotThere for whoever may read no records.
    """
    return records.scope_for(session, speaker, None)


def has_pack(session: Session, code: str) -> bool:
    """Whether a lesson pack of this code was imported."""
    return lessons.pack_by_code(session, code) is not None


def _figure(rows: Sequence[OptionCount]) -> ItemFigure:
    first = rows[0]
    counts = {row.chosen: row.count for row in rows}
    answered = sum(counts.values())
    options = of_counts(first.question, counts if answered else {})
    right = next((option.at_least or 0 for option in options if option.is_right), 0)
    return ItemFigure(
        pack=first.pack,
        lesson=first.lesson,
        title=first.title,
        version=first.version,
        is_current=first.is_current,
        text=first.question["text"],
        answered=answered or None,
        right_from=right / answered if answered else None,
        right_to=min(right + GROUP - 1, answered) / answered if answered else None,
        options=options,
        remark=remark(options, answered),
    )


def of_counts(question: dict[str, Any], counts: dict[int, int]) -> tuple[OptionFigure, ...]:
    """Each option with its count rounded down to whole fives."""
    return tuple(
        OptionFigure(
            text=text,
            is_right=place == question["answer"],
            at_least=counts.get(place, 0) // GROUP * GROUP or None,
        )
        for place, text in enumerate(question["options"])
    )


def remark(options: Sequence[OptionFigure], answered: int) -> str | None:
    """What an author should look at, when it is sure and not only likely."""
    right = next((option.at_least or 0 for option in options if option.is_right), 0)
    wrong = [option.at_least or 0 for option in options if not option.is_right]
    if any(count > right for count in wrong):
        return WRONG_AHEAD
    if answered >= MANY and (right + GROUP - 1) * 2 < answered:
        return MOSTLY_WRONG
    if answered >= VERY_MANY and 0 in wrong:
        return HARDLY_CHOSEN
    if answered >= MANY and right * 10 >= answered * 9:
        return NEARLY_ALL_RIGHT
    return None
