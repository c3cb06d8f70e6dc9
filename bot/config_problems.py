"""What is wrong in the configuration, where it stands, and the sentence about it."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic_core import ErrorDetails

from bot.config_tables import Config
from bot.config_values import nearest
from bot.toml_lines import line_of

# A mistake before it is known where it stands: path of keys, code, facts.
Mistake = tuple[tuple[str, ...], str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where it stands, its code, and what the sentence about it needs.

    `path` is the file, or None when an environment variable (facts["variable"]) is at fault.
    `line` counts from 1 and is the first line of the statement, None when it is not in the file.
    """

    path: str | None
    line: int | None
    code: str
    facts: Mapping[str, str]

    @property
    def place(self) -> str:
        """As a terminal or editor can follow it: config.toml:12, or the variable's name."""
        parts = [self.path or self.facts.get("variable", "?"), self.line, self.facts.get("column")]
        return ":".join(str(part) for part in parts if part is not None)


@cache
def _sentences(language: str) -> Mapping[str, Mapping[str, str]]:
    found = files("bot") / "locales" / language / "config_problems.toml"
    return tomllib.loads(found.read_text("utf-8"))


def word_problem(problem: Problem, language: str) -> str:
    """The problem as one line in `language` ("zh" or "en"), its place first."""
    words = _sentences(language)
    line = words["line"]["line"].format(
        place=problem.place, sentence=words["problems"][problem.code].format_map(problem.facts)
    )
    hint = "nearest" if "nearest" in problem.facts else ""
    return line + (words["hints"][hint].format_map(problem.facts) if hint else "")


def syntax_problem(path: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """Where and why `text`, the file at `path`, is no TOML."""
    at = re.search(r"at line (\d+), column (\d+)", str(error))
    rows = text.split("\n")
    line, column = (int(at[1]), int(at[2])) if at else (len(rows), len(rows[-1]) + 1)
    # The commonest slip on a Chinese keyboard: full-width signs where TOML wants plain ones.
    code = rows[line - 1].partition("#")[0] if line <= len(rows) else ""
    wide = re.search(r"[“”‘’＝＂＇［］，：．＃]", code)
    if wide:
        return Problem(
            str(path), line, "full_width", {"column": str(wide.start() + 1), "sign": wide[0]}
        )
    return Problem(str(path), line, "toml_syntax", {"column": str(column)})


def from_error(error: ErrorDetails) -> Mistake:
    """One of pydantic's errors about Config, under the code it is worded by."""
    loc = tuple(part for part in error["loc"] if isinstance(part, str))
    facts = {name: str(value) for name, value in error.get("ctx", {}).items()}
    if "key" in facts:  # a check across one table names the key it is about
        loc = (loc[0], facts.pop("key"))
    table = Config.model_fields.get(loc[0])
    kind = error["type"]
    if kind == "extra_forbidden":
        names = list(table.annotation.model_fields) if table and table.annotation else []
        names = [name for name in names if (loc[0], name) not in Config.ENVIRONMENT_ONLY]
        names = names or list(Config.model_fields)
        code = "unknown_key" if len(loc) > 1 else "unknown_table"
        return loc, code, {"allowed": ", ".join(names), **nearest(loc[-1], names)}
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", facts["expected"])
        given = error["input"] if isinstance(error["input"], str) else ""
        return loc, "not_one_of", {"allowed": ", ".join(allowed), **nearest(given, allowed)}
    wrong_type = {"model": "table_needed", "bool": "yes_or_no", "tuple": "list_needed"}
    return loc, wrong_type.get(kind.split("_")[0], kind), facts


def variable(*path: str) -> str:
    """The environment variable that sets the key at `path`."""
    return "WUXUE_" + "__".join(path).upper()


def placed(
    mistake: Mistake,
    path: Path | None,
    *,
    lines: Mapping[tuple[str, ...], int],
    environment: Mapping[str, Any],
) -> Problem:
    """The mistake with its place: the variable when `environment` gave the value, else the line."""
    keys, code, facts = mistake
    # A key may hold anything, and a terminal would obey some of it.
    shown = ["".join(sign if sign.isprintable() else "?" for sign in key) for key in keys]
    facts = {"table": shown[0], "key": ".".join(shown[1:]) or shown[0], **facts}
    values = environment.get(keys[0])
    in_environment = values is not None and (len(keys) == 1 or keys[1] in values)
    if path is None or (in_environment and not code.startswith("environment_only")):
        return Problem(None, None, code, {**facts, "variable": variable(*keys[:2])})
    return Problem(str(path), line_of(lines, keys), code, facts)
