"""How much a group or a theme weighs: who asked, who joined in, from how many units, how lately."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

# A vote says less than a question somebody wrote down.
VOTE = 0.5
# A theme asked about in twice as many units weighs a quarter more.
SPREAD = 0.25
# A month later a question weighs half, and never less than a quarter: it was not answered.
HALF_LIFE_DAYS, OLDEST = 30, 0.25
# So many questions stand for a theme at most.
REPRESENTATIVES = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it takes part: `asker` and `unit` are any numbers that tell them apart.

    `context` is the sentence the asker added; `votes` are those who said "me too".
    """

    id: int
    text: str
    asker: int
    unit: int
    on: date
    votes: int = 0
    context: str = ""

    @property
    def whole(self) -> str:
        """What is read: the question and what was said about it."""
        return f"{self.text} {self.context}".strip()


def weight(questions: Iterable[Asked], *, today: date) -> float:
    """In askers of today: each person counts once, by her latest question; units spread it."""
    askers: dict[int, float] = {}
    votes = 0.0
    units = set()
    for question in questions:
        fresh = freshness(question.on, today=today)
        askers[question.asker] = max(fresh, askers.get(question.asker, 0))
        votes += VOTE * question.votes * fresh
        units.add(question.unit)
    # Exact sums, so that the order of the questions cannot change the order of the themes.
    total = math.fsum((*askers.values(), votes))
    return round(total * (1 + SPREAD * math.log2(max(len(units), 1))), 6)


def freshness(on: date, *, today: date) -> float:
    """1 for today's question, half of it a month later, at least a quarter."""
    days = max((today - on).days, 0)
    return max(OLDEST, math.pow(0.5, days / HALF_LIFE_DAYS))
