"""A pasted 接龙: numbered names with remarks, matched to a roster; who is unsure is asked about."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from curriculum.clean_text import clean
from curriculum.errors import NoNumbers
from storage.gathering_people import Expected

NUMBERED = re.compile(r"\s*\d{1,3}\s*[.、．。:：)）]?\s*(?P<rest>\S.*)")
ENDS = re.compile(r"[\s,，;；(（:：—+/-]")
NEAR, MOST_CANDIDATES = 0.5, 3


@dataclass(frozen=True, slots=True)
class Unsure:
    """A name as it was written that may be one of several people, or nobody on the roster."""

    written: str
    candidates: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Whom a list names for sure, whom perhaps, and which names nobody bears."""

    sure: tuple[int, ...]
    unsure: tuple[Unsure, ...]
    unknown: tuple[str, ...]


def entries(text: str) -> list[str]:
    """The entries of a list: its numbered lines, or all of them where none is numbered.

    Raises NoNumbers for a text without any.
    """
    lines = [line.strip() for line in unicodedata.normalize("NFKC", clean(text)).splitlines()]
    numbered = [found["rest"].strip() for line in lines if (found := NUMBERED.fullmatch(line))]
    found_lines = numbered or [line for line in lines if line and not line.startswith("#")]
    if not any(re.search(r"[^\W\d_]", line) for line in found_lines):
        raise NoNumbers
    return found_lines


def match(text: str, roster: Sequence[Expected]) -> Matched:
    """Match a pasted list to a roster; each person counts once. Raises NoNumbers.

    A name that two people bear is settled by their station where the remark names it.
    """
    sure: dict[int, None] = {}
    unsure: list[Unsure] = []
    unknown: list[str] = []
    for entry in entries(text):
        people = _bearing(entry, roster)
        if len(people) > 1:
            people = [one for one in people if one.unit_name and one.unit_name in entry] or people
        if len(people) == 1:
            sure[people[0].person_id] = None
            continue
        written = ENDS.split(entry, maxsplit=1)[0]
        near = people or _near(written, roster)
        if near:
            shown = near[:MOST_CANDIDATES]
            unsure.append(Unsure(written, tuple((one.person_id, _called(one)) for one in shown)))
        else:
            unknown.append(written)
    return Matched(tuple(sure), tuple(unsure), tuple(unknown))


def _called(one: Expected) -> str:
    return f"{one.name} {one.unit_name}".strip()


def _bearing(entry: str, roster: Sequence[Expected]) -> list[Expected]:
    """Whoever's whole name the entry begins with; of two such names the longer one."""
    found = []
    for one in roster:
        rest = entry.removeprefix(unicodedata.normalize("NFKC", one.name))
        if rest != entry and (not rest or ENDS.match(rest)):
            found.append(one)
    longest = max((len(one.name) for one in found), default=0)
    return [one for one in found if len(one.name) == longest]


def _near(written: str, roster: Sequence[Expected]) -> list[Expected]:
    """Whoever's name is nearly what was written."""
    names = {one.name for one in roster}
    close = get_close_matches(written, sorted(names), n=MOST_CANDIDATES, cutoff=NEAR)
    return [one for name in close for one in roster if one.name == name]
