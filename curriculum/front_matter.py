"""The facts at the head of a lesson file: YAML read without its dangers, line by line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from curriculum.lesson_problems import Problem

MAX_FRONT_MATTER = 16 * 1024  # bytes; a full one has about 2 KB
_MAX_DEPTH = 6
_FULLWIDTH_COLON = re.compile(r"[ ]*([a-z_]+)：")
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class FrontMatter:
    """Values as text, numbers, None, lists and dicts; the line of each; the body and its line."""

    values: dict[str, Any]
    lines: dict[Place, int]
    body: str
    body_line: int


@dataclass
class _Reading:
    path: str
    first_line: int
    lines: dict[Place, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def split_front_matter(path: str, text: str, problems: list[Problem]) -> FrontMatter | None:
    """Read the head between two `---` lines. Problems are added; None when nothing can be used."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        problems.append(Problem(path, 1, "front_matter_missing"))
        return None
    ends = (n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---")
    end = next(ends, None)
    if end is None:
        problems.append(Problem(path, 1, "front_matter_open"))
        return None
    head = "\n".join(lines[1:end])
    if len(head.encode()) > MAX_FRONT_MATTER:
        problems.append(
            Problem(path, 1, "front_matter_too_large", {"limit": MAX_FRONT_MATTER // 1024})
        )
        return None
    reading = _Reading(path, first_line=2)
    values = _read(head, reading)
    problems += reading.problems
    if values is None:
        return None
    return FrontMatter(values, reading.lines, "\n".join(lines[end + 1 :]), end + 2)


def _read(head: str, reading: _Reading) -> dict[str, Any] | None:
    for number, text in enumerate(head.split("\n"), reading.first_line):
        match = _FULLWIDTH_COLON.match(text)
        if match:
            facts = {"key": match[1]}
            reading.problems.append(Problem(reading.path, number, "fullwidth_colon", facts))
    if reading.problems:
        return None
    try:
        if not _is_tame(head, reading):
            return None
        node = YAML(typ="safe", pure=True).compose(head)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line if mark else 0
        column = mark.column + 1 if mark else 1
        reading.problems.append(
            Problem(reading.path, reading.first_line + line, "yaml_broken", {"column": column})
        )
        return None
    except (YAMLError, ValueError):
        reading.problems.append(Problem(reading.path, 1, "yaml_broken", {"column": 1}))
        return None
    if not isinstance(node, MappingNode):
        reading.problems.append(Problem(reading.path, reading.first_line, "front_matter_not_keys"))
        return None
    values: dict[str, Any] = _value(node, (), reading)
    return None if reading.problems else values


def _is_tame(head: str, reading: _Reading) -> bool:
    """Refuse what plain facts never need: aliases (bombs), tags (types), directives, depth."""
    depth = 0
    for event in YAML(typ="safe", pure=True).parse(head):
        line = reading.first_line + event.start_mark.line
        named = isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor)
        if named or getattr(event, "tag", None):
            reading.problems.append(Problem(reading.path, line, "yaml_alias_or_tag"))
            return False
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _MAX_DEPTH:
            reading.problems.append(
                Problem(reading.path, line, "yaml_too_deep", {"limit": _MAX_DEPTH})
            )
            return False
    if head.startswith("%"):
        reading.problems.append(Problem(reading.path, reading.first_line, "yaml_alias_or_tag"))
        return False
    return True


def _value(node: Node, place: Place, reading: _Reading) -> Any:
    """Plain values; `003` stays text, because a code with leading zeros is no number."""
    reading.lines.setdefault(place, reading.first_line + node.start_mark.line)
    if isinstance(node, MappingNode):
        return dict(_pairs(node, place, reading))
    if isinstance(node, SequenceNode):
        return [_value(item, (*place, n), reading) for n, item in enumerate(node.value)]
    if not isinstance(node, ScalarNode):
        raise TypeError(f"no such YAML node: {node!r}")
    if str(node.tag).endswith(":null"):
        return None
    text: str = node.value
    if node.style is None and re.fullmatch(r"0|-?[1-9]\d{0,8}", text):
        return int(text)
    return text


def _pairs(node: MappingNode, place: Place, reading: _Reading) -> Iterator[tuple[str, Any]]:
    seen = set()
    for key, value in node.value:
        line = reading.first_line + key.start_mark.line
        name = str(key.value) if isinstance(key, ScalarNode) else "?"
        if name in seen:
            reading.problems.append(Problem(reading.path, line, "key_twice", {"key": name}))
            continue
        seen.add(name)
        reading.lines[*place, name] = line
        yield name, _value(value, (*place, name), reading)
