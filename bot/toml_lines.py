"""On which line of a TOML text a table or key stands."""

import tomllib
from collections.abc import Mapping, Sequence


def statement_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line on which each table and key of a valid TOML text begins, counted from 1.

    tomllib gives no lines, so it is asked about one statement at a time: no statement that is
    cut in the middle of a many-line value parses, hence the shortest run of lines that does is
    one whole statement, and tomllib itself says which (dotted, quoted, inline) keys it sets.
    """
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    run, start = "", 1
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        run += line + "\n"
        try:
            found = tomllib.loads(run)
        except tomllib.TOMLDecodeError:
            continue
        paths = list(_paths(found))
        if run.lstrip().startswith("["):
            table = paths[-1]
            paths = [path for path in paths if path not in lines or path == table]
            lines.update((path, start) for path in paths)
        else:
            for path in paths:
                lines.setdefault(table + path, start)
        run, start = "", number + 1
    return lines


def _paths(value: object, above: tuple[str, ...] = ()) -> Sequence[tuple[str, ...]]:
    if isinstance(value, list) and above:
        return [path for item in value for path in _paths(item, above)]
    if not isinstance(value, dict):
        return []
    here = [(*above, key) for key in value]
    return [path for key in here for path in (key, *_paths(value[key[-1]], key))]


def line_of(lines: Mapping[tuple[str, ...], int], path: tuple[str, ...]) -> int | None:
    """The line of `path`, or of the nearest table above it that the text has; None without one."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)
