"""A text as the guard reads it: one spelling for every digit and sign, each with its old place."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import regex  # type: ignore[import-untyped]

# What stands inside a number without being seen: joiners, direction marks, soft hyphens, control
# characters, and the frames and strokes that are put around or through a digit.
_UNSEEN = regex.compile(
    r"[[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\u0300-\u036f\u20d0-\u20ff]--[\t\n\r]]",
    regex.VERSION1,
)
# One sign may stand for several, (10) for example; those that stand for a whole phrase hold no
# number, and would only let a short text grow eighteenfold.
_LONGEST_SIGN = 5
# How many different signs are remembered: more than a text may have.
_KNOWN_SIGNS = 8192


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` is what is read; `places[i]` is where its character i stood in the original."""

    text: str
    places: tuple[int, ...]
    original: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a stretch of the plain text, not empty, begins and ends in the original.

        Unseen marks behind its last character belong to it: a keycap digit goes as a whole.
        """
        last = self.places[end - 1] + 1
        while last < len(self.original) and _plain_sign(self.original[last]) == "":
            last += 1
        return self.places[start], last


def plain(text: str) -> Plain:
    """The text in NFKC, digits of any script as 0 to 9, without unseen marks.

    Sign by sign, so that each keeps its place; what NFKC does across signs (joining a letter and
    its accent) makes no difference to a number.
    """
    signs: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        written = _plain_sign(sign)
        signs.append(written)
        places.extend([place] * len(written))
    return Plain("".join(signs), tuple(places), text)


@lru_cache(maxsize=_KNOWN_SIGNS)
def _plain_sign(sign: str) -> str:
    if sign.isascii() and sign.isprintable():
        return sign
    if _UNSEEN.match(sign):
        return ""
    written = unicodedata.normalize("NFKC", sign)
    if len(written) > _LONGEST_SIGN:
        return sign
    return "".join(
        str(unicodedata.decimal(part)) if part.isdecimal() else part
        for part in written
        if not _UNSEEN.match(part)
    )
