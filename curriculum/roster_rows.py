"""A roster's rows as they were written, and what can be said of them without knowing anybody."""

import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from curriculum.clean_text import clean
from curriculum.errors import NameNotUsable
from curriculum.people import ADMINISTRATOR, LEARNER, NAME_LIMIT, ROLES, usable_name
from curriculum.roster_problems import RosterProblem, quoted

# The tree of units, from the top; a level may be skipped.
LEVELS = ("region", "prefecture", "county_centre", "township_station", "point")
COLUMNS = ("unit", "name", "role", "cohort", "phone", "number", "level")
NEEDED = ("unit", "name", "role")
MAX_ROWS = 20_000
# What stands in the number column instead of a number: somebody new in spite of the same name,
# or the one person of this name who is already there. No number can begin with *.
NEWCOMER, SAME = "*new", "*same"
# Numbers that the system issued; nobody else's may look like them.
OURS = "W-"
UNIT_NAME_LIMIT = 60

_NUMBER = re.compile(r"[A-Z0-9](?:[A-Z0-9._-]{0,18}[A-Z0-9])?")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0\d{9,11}")
# 1.38E+10: a spreadsheet program shortened the number and its last digits are lost.
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+?\d+", re.IGNORECASE)
_PATH_SIGNS = re.compile(r"[/／\\>＞›»]")


class _Refuse(Protocol):
    def __call__(self, column: str, code: str, **facts: str | int) -> None: ...


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One row as text, "" where a cell was empty.

    `roles` and `level` are codes where the word was known, otherwise as written; `number` may be
    NEWCOMER or SAME.
    """

    line: int
    unit: str
    name: str
    roles: tuple[str, ...]
    cohort: str = ""
    phone: str = ""
    number: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One row that has no problem of its own; `mark` is NEWCOMER, SAME or ""."""

    line: int
    unit: tuple[str, ...]
    name: str
    roles: tuple[str, ...]
    cohort: str
    phone: str
    number: str
    mark: str
    level: str


def digest(rows: Iterable[RosterRow]) -> str:
    """The same for the same rows in the same order, wherever they stood in a file."""
    plain = [
        (row.unit, row.name, row.roles, row.cohort, row.phone, row.number, row.level)
        for row in rows
    ]
    written = json.dumps(plain, ensure_ascii=False)
    return hashlib.sha256(written.encode()).hexdigest()


def read_rows(rows: Sequence[RosterRow]) -> tuple[list[ReadRow], list[RosterProblem]]:
    """Every row that can be read, and every problem that rows have alone or among themselves."""
    if not rows:
        return [], [RosterProblem(0, "", "no_rows")]
    if len(rows) > MAX_ROWS:
        return [], [RosterProblem(0, "", "too_many_rows", {"limit": MAX_ROWS})]
    read, problems = [], []
    for row in rows:
        found, own = read_row(row)
        problems += own
        if found is not None:
            read.append(found)
    problems += _twice(read, "phone") + _twice(read, "number")
    return read, problems


def read_row(row: RosterRow) -> tuple[ReadRow | None, list[RosterProblem]]:
    """One row's cells in the form we keep, or None beside what is wrong with them."""
    problems: list[RosterProblem] = []

    def refuse(column: str, code: str, **facts: str | int) -> None:
        problems.append(RosterProblem(row.line, column, code, facts))

    unit = unit_parts(row.unit)
    if not unit:
        refuse("unit", "unit_missing")
    elif max(map(len, unit)) > UNIT_NAME_LIMIT:
        refuse("unit", "unit_too_long", limit=UNIT_NAME_LIMIT)
    name = _name(row, refuse)
    has_sound_roles = _has_sound_roles(row, refuse)
    if row.cohort and has_sound_roles and LEARNER not in row.roles:
        refuse("cohort", "cohort_not_learner", written=quoted(row.cohort))
    phone = _phone(row, refuse)
    number = "" if row.number in (NEWCOMER, SAME) else normal_number(row.number)
    if number and not _NUMBER.fullmatch(number):
        refuse("number", "number_malformed", written=quoted(row.number))
    if row.level and row.level not in LEVELS:
        refuse("level", "level_unknown", written=quoted(row.level))
    if problems:
        return None, problems
    mark = row.number if row.number in (NEWCOMER, SAME) else ""
    cohort = " ".join(row.cohort.split())
    read = ReadRow(row.line, unit, name, row.roles, cohort, phone, number, mark, row.level)
    return read, []


def unit_parts(written: str) -> tuple[str, ...]:
    """The names of a unit path from the top down; empty for a cell without any."""
    parts = (" ".join(clean(part).split()) for part in _PATH_SIGNS.split(written))
    return tuple(part for part in parts if part)


def normal_number(written: str) -> str:
    """A person number in one spelling: half-width capitals without spaces."""
    return "".join(unicodedata.normalize("NFKC", written).upper().split())


def normal_phone(written: str) -> str | None:
    """A phone number's digits as we keep them, or None for what is no Chinese phone number."""
    text = unicodedata.normalize("NFKC", written).strip()
    text = re.sub(r"[\s\-()·—–]", "", text)
    text = re.sub(r"^(?:\+|00)86", "", text)
    text = re.sub(r"\.0+$", "", text)
    return text if _MOBILE.fullmatch(text) or _LANDLINE.fullmatch(text) else None


def _name(row: RosterRow, refuse: _Refuse) -> str:
    if not row.name.strip():
        refuse("name", "name_missing")
        return ""
    try:
        return usable_name(row.name)
    except NameNotUsable:
        refuse("name", "name_not_usable", written=quoted(row.name), limit=NAME_LIMIT)
        return ""


def _has_sound_roles(row: RosterRow, refuse: _Refuse) -> bool:
    if not row.roles:
        refuse("role", "role_missing")
    for role in row.roles:
        if role == ADMINISTRATOR:
            refuse("role", "role_administrator")
        elif role not in ROLES:
            refuse("role", "role_unknown", written=quoted(role))
    return bool(row.roles) and all(role in ROLES and role != ADMINISTRATOR for role in row.roles)


def _phone(row: RosterRow, refuse: _Refuse) -> str:
    if not row.phone:
        return ""
    if _SHORTENED.fullmatch("".join(row.phone.split())):
        refuse("phone", "phone_shortened", written=quoted(row.phone))
        return ""
    phone = normal_phone(row.phone)
    if phone is None:
        refuse("phone", "phone_malformed", written=quoted(row.phone))
    return phone or ""


def _twice(rows: Sequence[ReadRow], column: str) -> list[RosterProblem]:
    """A phone or a number that stands in several rows is named in each but the first."""
    lines: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if value := getattr(row, column):
            lines[value].append(row.line)
    return [
        RosterProblem(line, column, f"{column}_twice", {"written": value, "other": found[0]})
        for value, found in lines.items()
        for line in found[1:]
    ]
