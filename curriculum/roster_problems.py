"""What is wrong with a roster, as facts that each language words for itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

SHOWN = 40  # characters of a cell that a sentence quotes


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """One thing to mend before the roster can be taken.

    `line` counts the file's rows from 1, and 0 means the file as a whole; `column` is the name
    of one of roster_rows.COLUMNS, "" where no single cell is meant. `code` is worded in
    bot/locales/<lang>/roster_problems.toml, where `facts` fill the sentence.
    """

    line: int
    column: str
    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)


class RosterRefused(Exception):
    """The roster was not taken; `problems` holds all of them, in the order of rows."""

    def __init__(self, problems: Iterable[RosterProblem]) -> None:
        self.problems = in_order(problems)
        super().__init__(f"{len(self.problems)} problems")


def in_order(problems: Iterable[RosterProblem]) -> tuple[RosterProblem, ...]:
    """By row; those of one row stay in the order in which they were found."""
    return tuple(sorted(problems, key=lambda each: each.line))


def quoted(written: str) -> str:
    """A cell as a sentence quotes it: one line, not too long."""
    line = " ".join(written.split())
    return line if len(line) <= SHOWN else line[: SHOWN - 1] + "…"
