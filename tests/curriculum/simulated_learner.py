"""A year of one simulated learner, whose memory follows other numbers than the scheduler's."""

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from fsrs import Card, Rating, Scheduler
from fsrs.scheduler import DEFAULT_PARAMETERS, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

from curriculum.memory import Candidate, Memory, reviewed, weakest

CARDS, DAYS = 120, 365
BEGIN = datetime(2026, 1, 1, 4, tzinfo=UTC)
# How far each of her parameters lies from the defaults, and how much one answer's effect on a
# memory scatters (both as the deviation of a logarithm).
SPREAD, NOISE = 0.15, 0.4
# What somebody gets right who has read a lesson once and was never asked.
FIRST_RIGHT = 0.6

Choice = Callable[[Sequence[Candidate], datetime], Candidate | None]


class Year(NamedTuple):
    """Of all cards: the share she remembers at the year's end, and how many were ever asked."""

    kept: float
    asked: int


def ours(candidates: Sequence[Candidate], now: datetime) -> Candidate | None:
    """What the product asks."""
    return weakest(candidates, now=now)


def due_first(candidates: Sequence[Candidate], now: datetime) -> Candidate | None:
    """What flash-card programs ask: the oldest due, and new material when nothing is due."""
    due = [(c.memory.due_at, c.lesson_id, c) for c in candidates if c.memory]
    waiting = [entry for entry in due if entry[0] <= now]
    if waiting:
        return min(waiting)[2]
    return next((c for c in candidates if c.memory is None), None)


class Learner:
    """Her true memory, which only she has, beside what the product thinks of it."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  a simulation that can be repeated
        bounds = zip(
            DEFAULT_PARAMETERS, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS, strict=True
        )
        self._truth = Scheduler(
            [min(max(p * self.random.lognormvariate(0, SPREAD), lo), hi) for p, lo, hi in bounds],
            learning_steps=(),
            relearning_steps=(),
            enable_fuzzing=False,
        )
        self._true: dict[int, Card] = {}
        self.thought: dict[int, Memory] = {}

    def answers(self, lesson_id: int, now: datetime) -> None:
        """She is asked, is right or wrong by her true memory, and both memories move."""
        card = self._true.get(lesson_id) or Card(card_id=lesson_id, due=now)
        chance = self._truth.get_card_retrievability(card, now) if card.stability else FIRST_RIGHT
        is_right = self.random.random() < chance
        rating = Rating.Good if is_right else Rating.Again
        card, _ = self._truth.review_card(card, rating, now)
        card.stability = max(0.05, (card.stability or 0) * self.random.lognormvariate(0, NOISE))
        self._true[lesson_id] = card
        self.thought[lesson_id] = reviewed(self.thought.get(lesson_id), correct=is_right, at=now)

    def kept(self, now: datetime) -> float:
        """The share of all cards she would remember; one never asked counts as forgotten."""
        known = self._true.values()
        return sum(self._truth.get_card_retrievability(card, now) for card in known) / CARDS


def year(choose: Choice, *, seed: int, answered: float | None = None) -> Year:
    """One question a day for a year; returns what is left of 120 cards at its end.

    With `answered` None all lessons are there from the first day and only these questions are
    asked. Otherwise a lesson comes every second day and she answers that share of them at once,
    as with the daily quiz; the others she has only read.
    """
    learner = Learner(seed)
    for day in range(DAYS):
        now = BEGIN + timedelta(days=day)
        received = CARDS if answered is None else min(CARDS, day // 2 + 1)
        comes = received - 1 if answered is not None and day % 2 == 0 and day // 2 < CARDS else None
        if comes is not None and learner.random.random() < (answered or 0):
            learner.answers(comes, now)
        candidates = [
            Candidate(number, number, BEGIN + timedelta(days=number), learner.thought.get(number))
            for number in range(received)
            if number != comes
        ]
        chosen = choose(candidates, now)
        if chosen is not None:
            learner.answers(chosen.lesson_id, now)
    return Year(learner.kept(BEGIN + timedelta(days=DAYS)), len(learner.thought))
