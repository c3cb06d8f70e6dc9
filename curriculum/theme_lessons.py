"""Which lessons touch a theme: each of its questions votes for what answers it."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from curriculum.lesson_match import Match

LESSONS = 3
# A question votes for another lesson too where that answers it nearly as well as the best one.
NEARLY = 0.9
# A second or third lesson is named where it has this share of what the first one has.
WORTH_NAMING = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """What each question of a month votes for, and what all of them together do, by lesson id."""

    by_question: Mapping[int, Mapping[int, float]]
    everywhere: Mapping[int, float]


def votes(matches: Mapping[int, Match]) -> Votes:
    """The votes of a month's questions; what no lesson covers votes for none."""
    by_question = {number: _of(match) for number, match in matches.items() if match.is_covered}
    everywhere: Counter[int] = Counter()
    for number in sorted(by_question):
        everywhere.update(by_question[number])
    return Votes(by_question, everywhere)


def chosen(cast: Votes, members: Collection[int]) -> list[int]:
    """Ids of the lessons that touch a theme with these questions, the best first, three at most.

    A lesson counts by its votes here and, under the root, by how much of all its votes lies here:
    one about talking to people is near to everything and would stand under every theme.
    """
    here: Counter[int] = Counter()
    for number in sorted(members):
        here.update(cast.by_question.get(number, {}))
    weight = {
        lesson: sum_ * (sum_ / cast.everywhere[lesson]) ** 0.5 for lesson, sum_ in here.items()
    }
    order = sorted(weight, key=lambda lesson: (-weight[lesson], lesson))[:LESSONS]
    return [one for one in order if weight[one] >= WORTH_NAMING * weight[order[0]]]


def _of(match: Match) -> dict[int, float]:
    best = match.answers[0].score
    return {one.lesson_id: one.score for one in match.answers if one.score >= NEARLY * best}
