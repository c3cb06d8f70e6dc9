"""What is wrong with a lesson pack, as facts that each language words for itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend before the pack can be taken.

    `path` is the file inside the pack, or the pack's own name; `line` counts from 1, and 0 means
    the file as a whole. `code` is worded in bot/locales/<lang>/lesson_problems.toml, where
    `facts` fill the sentence.
    """

    path: str
    line: int
    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


class PackRefused(Exception):
    """The pack was not taken; `problems` holds all of them, in the order of files and lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda each: (each.path, each.line)))
        super().__init__(f"{len(self.problems)} problems")
