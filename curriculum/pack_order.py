"""Whether modules and lessons of a pack can be taken in the order it gives."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from curriculum.lesson_problems import Problem


@dataclass(frozen=True, slots=True)
class Step:
    """A lesson or module with what must come before it, and where that is written."""

    needs: Sequence[str]
    path: str
    line: int


def module_problems(modules: Mapping[str, Step]) -> list[Problem]:
    """Modules that come after unknown ones, or after each other."""
    problems = [
        Problem(step.path, step.line, "after_unknown", {"module": code, "after": other})
        for code, step in modules.items()
        for other in step.needs
        if other not in modules
    ]
    for circle in _circles(modules):
        step = modules[circle[0]]
        facts = {"circle": " → ".join(circle)}
        problems.append(Problem(step.path, step.line, "after_circle", facts))
    return problems


def lesson_problems(
    lessons: Mapping[str, Step], order: Sequence[str], named: Collection[str]
) -> list[Problem]:
    """Prerequisites that do not exist, stand later in the order, or go round.

    `named` holds the codes of all files, also of those with problems of their own.
    """
    problems = []
    places = {code: place for place, code in enumerate(order)}
    circles = _circles(lessons)
    circular = {pair for circle in circles for pair in pairwise(circle)}
    for circle in circles:
        step = lessons[circle[0]]
        facts = {"circle": " → ".join(circle)}
        problems.append(Problem(step.path, step.line, "prerequisite_circle", facts))
    for code, step in lessons.items():
        for other in step.needs:
            facts = {"lesson": code, "prerequisite": other}
            later = places.get(other, -1) > places.get(code, len(order))
            if other not in named:
                problems.append(Problem(step.path, step.line, "prerequisite_unknown", facts))
            elif later and (code, other) not in circular:
                problems.append(Problem(step.path, step.line, "prerequisite_later", facts))
    return problems


def _circles(steps: Mapping[str, Step]) -> list[list[str]]:
    """Each circle once, as [a, needs b, needs a], found by cutting one after the other."""
    graph = {code: {need for need in step.needs if need in steps} for code, step in steps.items()}
    circles = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle = list(reversed(error.args[1]))
            # a fixed start, so that the same pack always gives the same words
            first = circle.index(min(circle[:-1]))
            circle = [*circle[first:-1], *circle[:first], circle[first]]
            circles.append(circle)
            graph[circle[0]].discard(circle[1])
        else:
            return circles
