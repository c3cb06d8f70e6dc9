"""What a simulated learner truly remembers: a forgetting curve of her own, which nobody else sees.

The shape is FSRS's, the numbers are not the scheduler's: each learner's lie around them, and every
answer moves her memory a little more or less than it should. So predictions can be wrong.
"""

import random
from datetime import datetime

from fsrs import Card, Rating, Scheduler
from fsrs.scheduler import DEFAULT_PARAMETERS, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS

# How far each of her parameters lies from the usual ones, and how much one answer's effect
# scatters (both as the deviation of a logarithm).
SPREAD, NOISE = 0.15, 0.4
# What somebody gets right who has just read a lesson.
FIRST_RIGHT = 0.75


class SimulatedMemory:
    """One learner's memory of lessons, by any key."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        bounds = zip(
            DEFAULT_PARAMETERS, LOWER_BOUNDS_PARAMETERS, UPPER_BOUNDS_PARAMETERS, strict=True
        )
        self._curve = Scheduler(
            [min(max(p * chance.lognormvariate(0, SPREAD), low), high) for p, low, high in bounds],
            learning_steps=(),
            relearning_steps=(),
            enable_fuzzing=False,
        )
        self._cards: dict[str, Card] = {}

    def knows(self, lesson: str) -> bool:
        """Whether she was ever asked about a lesson."""
        return lesson in self._cards

    def probability(self, lesson: str, now: datetime) -> float:
        """How likely she is to be right, 0 to 1."""
        card = self._cards.get(lesson)
        return self._curve.get_card_retrievability(card, now) if card else FIRST_RIGHT

    def answers(self, lesson: str, now: datetime) -> bool:
        """She is asked: right or not, and her memory moves."""
        is_right = self._chance.random() < self.probability(lesson, now)
        card = self._cards.get(lesson) or Card(card_id=len(self._cards) + 1, due=now)
        card, _ = self._curve.review_card(card, Rating.Good if is_right else Rating.Again, now)
        card.stability = max(0.05, (card.stability or 0) * self._chance.lognormvariate(0, NOISE))
        self._cards[lesson] = card
        return is_right

    def kept(self, now: datetime) -> tuple[float, int]:
        """How many of the lessons she was ever asked about she would know now, and how many
        those are."""
        known = self._cards.values()
        return sum(self._curve.get_card_retrievability(card, now) for card in known), len(known)
