"""Which unit a roster's row means: one that is there, or a new one under one that is there."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from curriculum.roster_problems import RosterProblem, quoted
from curriculum.roster_rows import LEVELS, ReadRow
from storage.rosters import UnitSeen

SIGN = "/"
SOME = 3  # paths given as examples in a sentence


@dataclass(frozen=True, slots=True)
class Place:
    """A unit: the id of one that is there, and the names of new ones below it, often none."""

    unit_id: int
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit that the roster asks for; its parent stands before it in the list."""

    place: Place
    name: str
    level: str
    label: str


@dataclass(slots=True)
class Places:
    """The tree of units as one importer may use it.

    `reach` are the paths of the units she is responsible for, with everything under them.
    """

    units: Sequence[UnitSeen]
    reach: Sequence[str]
    _by_id: dict[int, UnitSeen] = field(init=False)
    _by_name: dict[str, list[UnitSeen]] = field(init=False)
    _levels_under: dict[int, set[str]] = field(init=False)

    def __post_init__(self) -> None:
        self._by_id = {unit.unit_id: unit for unit in self.units}
        self._by_name, self._levels_under = defaultdict(list), defaultdict(set)
        for unit in self.units:
            if (above := unit.path.strip("/").split("/")[:-1]) and above[-1]:
                self._levels_under[int(above[-1])].add(unit.level)
            if self.is_within(unit.path):
                self._by_name[unit.name].append(unit)

    def is_within(self, path: str) -> bool:
        """Whether a unit's path lies within the importer's reach."""
        return any(path.startswith(own) for own in self.reach)

    def path(self, place: Place) -> str:
        """The path of the unit, or of the one that a new unit will be under."""
        return self._by_id[place.unit_id].path

    def label(self, place: Place) -> str:
        """The names from the top down, as they can be written in a roster."""
        return SIGN.join((*self._chain(self._by_id[place.unit_id]), *place.below))

    def labels(self) -> list[str]:
        """Every unit within reach, as it can be written in a roster, in the order of the tree."""
        return sorted(
            SIGN.join(self._chain(unit)) for each in self._by_name.values() for unit in each
        )

    def _chain(self, unit: UnitSeen) -> list[str]:
        ids = (int(part) for part in unit.path.strip("/").split("/") if part)
        return [self._by_id[each].name for each in ids if each in self._by_id]

    def settle(
        self, rows: Sequence[ReadRow]
    ) -> tuple[dict[int, Place], list[NewUnit], list[RosterProblem]]:
        """Each row's place by its line, the units to be made (parents first), the problems."""
        # Whoever writes a level says that she means a new unit.
        meant = {row.unit for row in rows if row.level}
        found = {row.line: self._find(row.unit, meant) for row in rows}
        declared = {place for place in found.values() if isinstance(place, Place)}
        new_by_name: dict[str, set[Place]] = defaultdict(set)
        for place in declared:
            if place.below:
                new_by_name[place.below[-1]].add(place)
        places: dict[int, Place] = {}
        problems: list[RosterProblem] = []
        for row in rows:
            answer = found[row.line]
            known = new_by_name.get(row.unit[0], set())
            if isinstance(answer, RosterProblem) and len(row.unit) == 1 and len(known) == 1:
                answer = next(iter(known))  # another row of this file says where it belongs
            if isinstance(answer, Place):
                missing = self._undeclared(answer, declared)
                if missing is None:
                    places[row.line] = answer
                    continue
                facts = {"written": quoted(SIGN.join(row.unit)), "parent": quoted(missing)}
                answer = RosterProblem(0, "unit", "unit_parent_unknown", facts)
            problems.append(RosterProblem(row.line, "unit", answer.code, answer.facts))
        new, wrong = self._new_units(rows, places)
        return places, new, [*problems, *wrong]

    def _find(
        self, parts: tuple[str, ...], meant: Collection[tuple[str, ...]]
    ) -> Place | RosterProblem:
        exact, loose = self._existing(parts)
        if len(exact) == 1:
            return Place(exact[0].unit_id)
        facts = {"written": quoted(SIGN.join(parts))}
        if exact or (loose and parts not in meant):
            code = "unit_ambiguous" if exact else "unit_path_unclear"
            paths = (SIGN.join(self._chain(unit)) for unit in (exact or loose)[:SOME])
            return RosterProblem(0, "unit", code, facts | {"paths": " · ".join(paths)})
        if len(parts) == 1:
            return RosterProblem(0, "unit", "unit_unknown", facts)
        parent = self._find(parts[:-1], meant)
        if isinstance(parent, Place):
            return Place(parent.unit_id, (*parent.below, parts[-1]))
        if parent.code in ("unit_ambiguous", "unit_path_unclear"):
            return parent
        return RosterProblem(0, "unit", "unit_parent_unknown", facts | {"parent": quoted(parts[0])})

    def _existing(self, parts: tuple[str, ...]) -> tuple[list[UnitSeen], list[UnitSeen]]:
        """Units within reach whose path ends like this, and those with a level left out of it."""
        chains = [(unit, self._chain(unit)) for unit in self._by_name.get(parts[-1], ())]
        loose = [(unit, chain) for unit, chain in chains if _in_order(parts, chain)]
        exact = [unit for unit, chain in loose if tuple(chain[-len(parts) :]) == parts]
        return exact, [unit for unit, _ in loose]

    def _undeclared(self, place: Place, declared: set[Place]) -> str | None:
        """A unit on the way to this new one that neither exists nor has a row of its own."""
        for depth in range(1, len(place.below)):
            if Place(place.unit_id, place.below[:depth]) not in declared:
                return place.below[depth - 1]
        return None

    def _new_units(
        self, rows: Sequence[ReadRow], places: dict[int, Place]
    ) -> tuple[list[NewUnit], list[RosterProblem]]:
        first: dict[Place, ReadRow] = {}
        asked: dict[Place, str] = {}
        problems: list[RosterProblem] = []
        for row in rows:
            place = places.get(row.line)
            if place is None:
                continue
            first.setdefault(place, row)
            if row.level:
                before = asked.setdefault(place, row.level)
                stands = before if place.below else self._by_id[place.unit_id].level
                if stands != row.level:
                    facts = {"unit": quoted(self.label(place)), "level": stands}
                    problems.append(RosterProblem(row.line, "level", "level_differs", facts))
        new: list[NewUnit] = []
        levels: dict[Place, str] = {}
        for place in sorted(_new_only(first), key=lambda each: len(each.below)):
            above = Place(place.unit_id, place.below[:-1])
            parent = levels.get(above) or self._by_id[place.unit_id].level
            level = asked.get(place) or self._usual_level(above, parent)
            if level is None or LEVELS.index(level) <= _depth(parent):
                facts = {"parent": quoted(self.label(above)), "level": parent}
                line = first[place].line
                problems.append(RosterProblem(line, "level", "level_too_high", facts))
                continue
            levels[place] = level
            new.append(NewUnit(place, place.below[-1], level, self.label(place)))
        return new, problems

    def _usual_level(self, above: Place, parent: str) -> str | None:
        """What a unit under this parent is: what all others there are, else one level down."""
        beside = self._levels_under.get(above.unit_id, set())
        return next(iter(beside)) if len(beside) == 1 and not above.below else _below(parent)


def _in_order(parts: tuple[str, ...], chain: list[str]) -> bool:
    """Whether the parts stand in the chain in this order, the last of both being the same."""
    rest = iter(chain)
    return chain[-1] == parts[-1] and all(part in rest for part in parts)


def _new_only(places: Iterable[Place]) -> list[Place]:
    return [place for place in places if place.below]


def _depth(level: str) -> int:
    return LEVELS.index(level) if level in LEVELS else 0


def _below(level: str) -> str | None:
    """The next level down, None under the last."""
    depth = _depth(level) + 1
    return LEVELS[depth] if depth < len(LEVELS) else None
