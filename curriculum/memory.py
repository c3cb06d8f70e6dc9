"""How well a point is remembered, by FSRS, and which one to ask next: pure functions of a time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from fsrs import Card, Rating, Scheduler, State

# The package's default. It only says when a card would be due, and nothing is chosen by that:
# at one or two questions a day what is due never ends, so "due first" leaves whatever was read
# without an answer unasked for the whole year (tests/curriculum/test_recall_simulation.py).
DESIRED_RETENTION = 0.9
# Empty steps: a question comes at most once a day, so nothing is drilled within the hour. No fuzz:
# the same answers give the same memory.
SCHEDULER = Scheduler(
    desired_retention=DESIRED_RETENTION,
    learning_steps=(),
    relearning_steps=(),
    enable_fuzzing=False,
)


@dataclass(frozen=True, slots=True)
class Memory:
    """One point in one person's memory, as FSRS describes it.

    `state`: 1 learning, 2 review, 3 relearning. `stability` in days (after so many, nine in ten
    are still remembered), `difficulty` from 1 to 10.
    """

    state: int
    stability: float | None
    difficulty: float | None
    due_at: datetime
    last_review_at: datetime | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lesson that may be asked: its present version, since when she has it, what she remembers.

    `memory` is None for new material: received, but its question never answered.
    """

    lesson_id: int
    version_id: int
    received_at: datetime
    memory: Memory | None


def reviewed(before: Memory | None, *, correct: bool, at: datetime) -> Memory:
    """The memory after an answer; None before the first one. Time only goes forward."""
    moment = at.astimezone(UTC)
    if before is not None and before.last_review_at is not None:
        moment = max(moment, before.last_review_at.astimezone(UTC))
    rating = Rating.Good if correct else Rating.Again
    card, _ = SCHEDULER.review_card(_card(before, due=moment), rating, review_datetime=moment)
    return Memory(int(card.state), card.stability, card.difficulty, card.due, card.last_review)


def retrievability(memory: Memory, *, at: datetime) -> float:
    """How likely it is, 0 to 1, that the point would be remembered at a moment."""
    return float(SCHEDULER.get_card_retrievability(_card(memory, due=at), at))


def _card(memory: Memory | None, *, due: datetime) -> Card:
    # The id means nothing here; a Card without one sleeps a millisecond to find its own.
    if memory is None:
        return Card(card_id=0, due=due)
    return Card(
        card_id=0,
        state=State(memory.state),
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due_at,
        last_review=memory.last_review_at,
    )


def weakest(candidates: Iterable[Candidate], *, now: datetime) -> Candidate | None:
    """What to ask: new material first, the oldest of it; else what is least likely remembered.

    A choice, not a queue: after a long absence it is still one question, and no pile of due ones
    waits behind it.
    """

    def rank(candidate: Candidate) -> tuple[float, datetime, int]:
        memory = candidate.memory
        if memory is None or memory.last_review_at is None:
            return (-1.0, candidate.received_at, candidate.lesson_id)
        return (retrievability(memory, at=now), memory.last_review_at, candidate.lesson_id)

    return min(candidates, key=rank, default=None)
