"""Finding lessons by words, best first, in spite of a typing slip.

Two indexed queries: how often each term stands, then the lessons that have most of the rare ones.
What is left to decide is pure and runs over a few dozen candidates, so that both databases give
the same order.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from sqlmodel import Session

from curriculum.lesson_terms import (
    ANYWHERE_WEIGHT,
    CODE_MARK,
    CODE_WEIGHT,
    EVERY_TEXT,
    FIELD_WEIGHTS,
    NUMBER,
    SLIP_FROM,
    TSHEG,
    WORD,
    Word,
    code_term,
    normal,
    query_words,
    words_of,
)
from storage import lesson_terms
from storage.lesson_terms import Asked, Candidate

CANDIDATES = 60
# How many index entries one search reads at most, so that common words cannot make it slow.
ENTRIES, HINT_ENTRIES = 6_000, 2_000
# A term that brings lessons only in case of a slip counts this much less.
HINT_SHARE = 8
# From this share of the query on a lesson is found; below it is only near.
FOUND_FROM = 0.5
# What it adds to the average weight of the terms (title 8, key point 4, body 1).
TITLE_IS_QUERY, TITLE_HOLDS_QUERY, KEY_POINT_HOLDS_QUERY, LIKE_TITLE = 8.0, 6.0, 3.0, 2.0
SLIP_IN_TITLE, SLIP_IN_KEY_POINT = 7.0, 3.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate with its points; `share` of the query, 0 to 1, is what it answers to."""

    candidate: Candidate
    points: float
    share: float


def search(
    session: Session, written: str, *, pack_ids: Collection[int], on: date
) -> tuple[list[Candidate], bool]:
    """The readable lessons of these packs for what somebody wrote, each once, best first.

    Returns (lessons, whether they were found): False means that they are only near, or none.
    """
    words = query_words(written)
    asked, total = _asked(session, words)
    if not asked or not pack_ids:
        return [], False
    candidates = lesson_terms.candidates(session, asked, pack_ids=pack_ids, on=on, limit=CANDIDATES)
    return best(candidates, words, total=total)


def best(
    candidates: Sequence[Candidate], words: Sequence[Word], *, total: int
) -> tuple[list[Candidate], bool]:
    """Candidates in order, each lesson once in its best language; and whether they were found."""
    ranked = sorted(
        (_ranked(candidate, words, total) for candidate in candidates),
        key=lambda one: (-one.points, one.candidate.position, one.candidate.lesson_id),
    )
    found = [one for one in ranked if one.share >= FOUND_FROM]
    lessons: dict[int, Candidate] = {}
    # What shares no word with the query is not even near.
    for one in found or (one for one in ranked if one.share > 0):
        lessons.setdefault(one.candidate.lesson_id, one.candidate)
    return list(lessons.values()), bool(found)


def _asked(session: Session, words: Sequence[Word]) -> tuple[list[Asked], int]:
    """The terms to look for, and what a lesson that has them all is covered with."""
    terms = {term for word in words for term in _alternatives(word)}
    hints = {mark + hint for word in words for hint in word.hints for mark in FIELD_WEIGHTS}
    if not terms:
        return [], 0
    counts = lesson_terms.counts(session, {EVERY_TEXT, *terms, *hints})
    texts = counts.pop(EVERY_TEXT, 0)
    asked = []
    for term in _affordable(terms, counts, ENTRIES):
        rare = rarity(texts, counts[term])
        weight = CODE_WEIGHT if term.startswith(CODE_MARK) else ANYWHERE_WEIGHT
        asked.append(Asked(term, weight * rare, rare, counts[term]))
        asked += [Asked(mark + term, rare * more, 0, 0) for mark, more in FIELD_WEIGHTS.items()]
    known = {one.term for one in asked}
    for hint in _affordable(hints - known, counts, HINT_ENTRIES):
        points = FIELD_WEIGHTS[hint[0]] * rarity(texts, counts[hint])
        asked.append(Asked(hint, max(1, points // HINT_SHARE), 0, counts[hint]))
    chosen = {one.term for one in asked}
    total = sum(_said(needed, chosen, counts, texts) for word in words for needed in _needed(word))
    return (asked, total) if counts else ([], total)


def _said(
    needed: Sequence[str], chosen: Collection[str], counts: Mapping[str, int], texts: int
) -> int:
    """How much one of these terms says; what was left out as too common is not held against one."""
    known = [term for term in needed if term in counts]
    if not known:
        return rarity(texts, 0)
    return max((rarity(texts, counts[term]) for term in known if term in chosen), default=0)


def rarity(texts: int, count: int) -> int:
    """How much a term says that stands in `count` of `texts` texts; whole, so sums are exact.

    The inverse document frequency of BM25, in hundredths, at least 10. One that stands nowhere
    says as much as the rarest.
    """
    count = max(count, 1)
    return max(10, round(100 * math.log(1 + (texts - count + 0.5) / (count + 0.5))))


def _alternatives(word: Word) -> tuple[str, ...]:
    """A number is looked for as a lesson's own number too."""
    return (*word.terms, code_term(word.text)) if word.kind in (NUMBER, WORD) else word.terms


def _needed(word: Word) -> list[tuple[str, ...]]:
    if word.kind in (NUMBER, WORD):
        return [_alternatives(word)]
    return [(term,) for term in word.terms]


def _affordable(terms: Collection[str], counts: Mapping[str, int], entries: int) -> list[str]:
    """The rarest of the terms that stand anywhere, at least one, within so many entries."""
    chosen: list[str] = []
    for term in sorted(counts.keys() & terms, key=lambda term: (counts[term], term)):
        entries -= counts[term]
        if entries < 0 and chosen:
            break
        chosen.append(term)
    return chosen


def _ranked(candidate: Candidate, words: Sequence[Word], total: int) -> Ranked:
    titles = [normal(candidate.title)]
    if candidate.title_en:
        titles.append(normal(candidate.title_en))
    key_point = normal(candidate.key_point)
    whole = " ".join(word.text for word in words)
    letters = sum(len(word.text) for word in words)
    points, share = candidate.score / total, min(1.0, candidate.covered / total)
    points += max(_likeness(whole, title) for title in titles)
    if whole in key_point:
        points += KEY_POINT_HOLDS_QUERY
    for word in words:
        part = len(word.text) / letters
        if any(_has_slip_of(word, title) for title in titles):
            points, share = points + SLIP_IN_TITLE * part, share + part
        elif _has_slip_of(word, key_point):
            points, share = points + SLIP_IN_KEY_POINT * part, share + part
    return Ranked(candidate, points, min(1.0, share))


def _likeness(whole: str, title: str) -> float:
    points = LIKE_TITLE * fuzz.ratio(whole, title) / 100
    if whole == title:
        points += TITLE_IS_QUERY
    if whole in title:
        points += TITLE_HOLDS_QUERY
    return points


def _has_slip_of(word: Word, field: str) -> bool:
    """Whether a field holds the word but for one wrong, missing, extra or swapped character.

    The shorter of the two is looked for in the longer, so a title is found in a sentence as well.
    """
    text = word.text
    if len(text) < SLIP_FROM or word.kind == NUMBER or text in field:
        return False
    if word.kind == WORD:
        return any(
            OSA.distance(text, other.text, score_cutoff=1) <= 1
            for other in words_of(field)
            if other.kind == WORD and len(other.text) >= SLIP_FROM
        )
    field = field.strip(f"{TSHEG}\u0f0d ")
    short, long = sorted((text, field), key=len)
    if len(short) < SLIP_FROM:
        return False
    return any(
        OSA.distance(short, long[start : start + size], score_cutoff=1) <= 1
        for size in (len(short) - 1, len(short), len(short) + 1)
        for start in range(max(1, len(long) - size + 1))
    )
