"""An event as one sheet holds it: read whole, with every fault named by its row and column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from curriculum.errors import Refusal

T = TypeVar("T")
# Fields by name, each with the line it stands in; rows of cells by column, each with its line.
Fields = Mapping[str, tuple[int, str]]
Rows = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong where: `line` from 1, 0 for the whole; `column` a field or column, or ""."""

    line: int
    column: str
    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


class Reading:
    """Collects what is wrong while everything is read, so that all of it is said at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self._faults = list(faults)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, by line."""
        return tuple(sorted(self._faults, key=lambda one: one.line))

    def blame(self, line: int, column: str, code: str, /, **facts: Any) -> None:
        """Note a fault."""
        self._faults.append(Fault(line, column, code, facts))

    def take(self, line: int, column: str, read: Callable[[], T]) -> T | None:
        """What `read` gives; a refusal becomes a fault."""
        try:
            return read()
        except Refusal as refusal:
            self.blame(line, column, refusal.code, **refusal.facts)
            return None

    def need(self, fields: Fields, names: Sequence[str]) -> None:
        """Every one of these fields has to be filled in."""
        for name in names:
            if name not in fields:
                self.blame(0, name, "field_missing")

    def unit(
        self, fields: Fields, units: Sequence[tuple[int, str]], *, unknown: str
    ) -> tuple[int, str]:
        """Whose event it is: of the one unit she looks after, or which of several.

        `unknown` is the fault of a name that none of them bears.
        """
        line, name = fields.get("unit", (0, ""))
        found = [one for one in units if not name or one[1] == name]
        if len(found) == 1:
            return found[0]
        if name:
            self.blame(line, "unit", unknown, name=name)
        else:
            self.blame(0, "unit", "field_missing")
        return units[0]
