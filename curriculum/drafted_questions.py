"""A question on its way from a file into a lesson, and what is said about the file meanwhile."""

from dataclasses import dataclass, field

from curriculum.lesson_problems import Problem


@dataclass(frozen=True, slots=True)
class Drafted:
    """A question as it was read, before its limits are checked; `line` counts from 1.

    `options` hold (text, line). `explanation` is None where the file brings none.
    """

    line: int
    title: str | None
    text: str
    options: tuple[tuple[str, int], ...]
    answer: int
    explanation: str | None


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A usable question of a file; `answer` counts from 0, `line` from 1.

    `code` is the lesson's code its title begins with, or None. `explanation` is None where the
    file brings none: the lesson then keeps its own.
    """

    line: int
    code: str | None
    text: str
    options: tuple[str, ...]
    answer: int
    explanation: str | None


@dataclass
class Reading:
    """What reading a file gives: problems stop an import, notes say what was left out."""

    path: str
    questions: list[FileQuestion] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, code: str, /, **facts: str | int) -> None:
        """Name what must be mended; words are in bot/locales/<lang>/question_problems.toml."""
        self.problems.append(Problem(self.path, line, code, facts))

    def note(self, line: int, code: str, /, **facts: str | int) -> None:
        """Name what is left out or kept, without stopping."""
        self.notes.append(Problem(self.path, line, code, facts))
