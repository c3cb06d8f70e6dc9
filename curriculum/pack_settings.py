"""pack.toml: what a pack is called, its modules and its order."""

import re
import tomllib
from dataclasses import dataclass

from curriculum.lesson_problems import Problem
from curriculum.pack_files import SETTINGS
from curriculum.pack_schema import PackFacts, Place, checked

_HEADER = re.compile(r"\s*\[")
_MODULE = re.compile(r"\s*\[\[\s*modules\s*\]\]")
_AT_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True)
class PackSettings:
    """The checked facts, with the source to find a line in."""

    facts: PackFacts
    source: str

    def line_of(self, place: Place) -> int:
        """The line where a key of pack.toml stands, or that of the table around it."""
        return _line_of(self.source, place)


def read_settings(source: str | None, problems: list[Problem]) -> PackSettings | None:
    """The settings, or None after adding Problems."""
    if source is None:
        problems.append(Problem(SETTINGS, 0, "settings_missing"))
        return None
    try:
        values = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else source.rstrip().count("\n") + 1
        problems.append(Problem(SETTINGS, line, "toml_broken"))
        return None

    def line_of(place: Place) -> int:
        return _line_of(source, place)

    facts = checked(PackFacts, values, path=SETTINGS, line_of=line_of, problems=problems)
    if facts is None:
        return None
    seen = set()
    for number, module in enumerate(facts.modules):
        if module.code in seen:
            line = line_of(("modules", number, "code"))
            problems.append(Problem(SETTINGS, line, "module_twice", {"module": module.code}))
        seen.add(module.code)
    return PackSettings(facts, source)


def _line_of(source: str, place: Place) -> int:
    """tomllib keeps no positions, so the line is searched for by header and key."""
    lines = source.split("\n")
    start = 0
    if len(place) > 1 and place[0] == "modules":
        headers = [number for number, line in enumerate(lines) if _MODULE.match(line)]
        if int(place[1]) >= len(headers):
            return _line_of(source, ("modules",))
        start = headers[int(place[1])] + 1
        key = str(place[2]) if len(place) > 2 else ""
    else:
        key = str(place[0]) if place else ""
    for number, line in enumerate(lines[start:], start):
        if key and re.match(rf"\s*\"?{re.escape(key)}\"?\s*=", line):
            return number + 1
        if _HEADER.match(line) and not _is_inside_value(lines[start:number]):
            break
    return max(start, 1)


def _is_inside_value(lines: list[str]) -> bool:
    """Whether a `[` at the next line's start goes on with an array and opens no table."""
    text = "\n".join(lines)
    return text.count("[") > text.count("]")
