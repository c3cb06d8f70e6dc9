"""A list searched by words and cut into pages: the same for whatever lies in it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from curriculum.directory import PAGE, folded, page_of, searched, wanted

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sought(Generic[T]):
    """One page of what fits, counted from 0, of `count` in all; `words` "" for everything."""

    lines: tuple[T, ...]
    page: int
    pages: int
    count: int
    words: str


def sought(
    rows: Sequence[T],
    words: str,
    texts: Callable[[T], Iterable[str]],
    *,
    page: int = 0,
    size: int = PAGE,
) -> Sought[T]:
    """The page of those rows whose `texts` hold every word; raises SearchTooLong.

    A page that is not there is the last.
    """
    words = searched(words)
    looked_for = wanted(words)
    found = [row for row in rows if _holds(texts(row), looked_for)] if looked_for else list(rows)
    page, pages = page_of(len(found), page, size=size)
    return Sought(tuple(found[page * size : (page + 1) * size]), page, pages, len(found), words)


def _holds(texts: Iterable[str], words: Sequence[str]) -> bool:
    """Whether each word stands in one of the texts."""
    compared = [folded(text) for text in texts]
    return all(any(word in text for text in compared) for word in words)


def day_texts(day: date) -> tuple[str, ...]:
    """A date as people type it where they look for it: 11月5日, 11-5, 2026-11-05."""
    return (f"{day.month}月{day.day}日", f"{day.month}-{day.day}", day.isoformat())
