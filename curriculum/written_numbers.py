"""Numbers of a list as people write them: 2 5 7, 2、5、7, 2-4, 三, 第三个, full-width ones too."""

import re
import unicodedata

from curriculum.errors import NumbersNotUnderstood

DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2} | {
    character: number for number, character in enumerate("三四五六七八九", 3)
}
ANY = "[零〇一二两三四五六七八九]"
IN_CHARACTERS = re.compile(f"{ANY}?十{ANY}?|{ANY}{{1,3}}")
APART = re.compile(r"[\s,，、;；和]+")
ONE = r"第?(\d{1,3})[号个.]?"
SPAN = re.compile(rf"{ONE}(?:\s*[-~到至]\s*{ONE})?")


def read(written: str, *, last: int) -> list[int]:
    """The numbers from 1 to `last` that a text names, in order; raises NumbersNotUnderstood."""
    text = unicodedata.normalize("NFKC", written).strip()
    text = IN_CHARACTERS.sub(lambda found: str(value(found[0])), text)
    found: set[int] = set()
    for part in APART.split(text):
        match = SPAN.fullmatch(part)
        if match is None:
            raise NumbersNotUnderstood(last=last)
        first, until = int(match[1]), int(match[2] or match[1])
        found |= set(range(first, until + 1))
    if not found or min(found) < 1 or max(found) > last:
        raise NumbersNotUnderstood(last=last)
    return sorted(found)


def value(characters: str) -> int:
    """A number in characters, from 0 to 99; digits beside each other are read as such (二〇)."""
    tens, ten, ones = characters.rpartition("十")
    if ten:
        return (DIGITS.get(tens, 1)) * 10 + DIGITS.get(ones, 0)
    return int("".join(str(DIGITS[one]) for one in characters))


def in_digits(count: str) -> str:
    """A count that is written in characters, 两 or 十五, in digits; any other as it stands."""
    return str(value(count)) if IN_CHARACTERS.fullmatch(count) else count
