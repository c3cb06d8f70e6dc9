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
# A remark that says she was not there; 没来得及 says nothing of the kind.
AWAY = re.compile(
    r"请假|缺席|[来去到]不[了成]|参加不了|不(?:能|会)?(?:来|去|参加)"
    r"|(?:没有?|未能?)(?:来|到|参加)(?!得及|晚|迟)"
    r"|\b(?:absent|apolog\w*|on leave|sick|can['’]?t|cannot|not coming)\b",
    re.IGNORECASE,
)
NEAR, MOST_CANDIDATES = 0.5, 3


@dataclass(frozen=True, slots=True)
class Unsure:
    """A name as it was written that may be one of several people, or nobody on the roster."""

    written: str
    candidates: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Whom a list names for sure, whom perhaps, and which names nobody bears.

    `away` are the names beside which it says that she does not come: they were not there;
    `absent` whom of the roster they name for sure.
    """

    sure: tuple[int, ...]
    unsure: tuple[Unsure, ...]
    unknown: tuple[str, ...]
    away: tuple[str, ...] = ()
    absent: tuple[int, ...] = ()


def entries(text: str, roster: Sequence[Expected] = ()) -> list[str]:
    """The entries of a list: its numbered lines, or all of them where none is numbered.

    Of a numbered list a line without a number counts where it begins with a name of the roster:
    people forget the number. Raises NoNumbers for a text without any entry.
    """
    lines = [line.strip() for line in unicodedata.normalize("NFKC", clean(text)).splitlines()]
    numbers = [NUMBERED.fullmatch(line) for line in lines]
    if any(numbers):
        found_lines = [
            found["rest"].strip() if found else line
            for line, found in zip(lines, numbers, strict=True)
            if found or _bearing(line, roster)
        ]
    else:
        found_lines = [line for line in lines if line and not line.startswith("#")]
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
    away: list[str] = []
    absent: dict[int, None] = {}
    for entry in entries(text, roster):
        written = ENDS.split(entry, maxsplit=1)[0]
        people = _meant(entry, roster)
        if AWAY.search(entry):
            away.append(written)
            if len(people) == 1:
                absent[people[0].person_id] = None
            continue
        if len(people) == 1:
            sure[people[0].person_id] = None
            continue
        near = people or _near(written, roster)
        if near:
            shown = near[:MOST_CANDIDATES]
            unsure.append(Unsure(written, tuple((one.person_id, _called(one)) for one in shown)))
        else:
            unknown.append(written)
    # Who stands there twice, once without the remark, was there.
    not_there = tuple(one for one in absent if one not in sure)
    return Matched(tuple(sure), tuple(unsure), tuple(unknown), tuple(away), not_there)


def _called(one: Expected) -> str:
    return f"{one.name} {one.unit_name}".strip()


def _meant(entry: str, roster: Sequence[Expected]) -> list[Expected]:
    """Whoever's name an entry begins with, of several those whose station it names too."""
    people = _bearing(entry, roster)
    if len(people) > 1:
        people = [one for one in people if one.unit_name and one.unit_name in entry] or people
    return people


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
