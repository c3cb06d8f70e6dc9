"""Numbers that tell who somebody is by their own form: identity numbers, cards, telephones.

A number is read as a chain of groups, because people write it with spaces and hyphens, partly in
Chinese numerals, or digit by digit as it is spoken.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from stdnum import luhn
from stdnum.cn import ric

from curriculum.private_details import Detail, Kind

SPOKEN = "零〇○一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖"
_VALUES = str.maketrans(SPOKEN, "000123456789" + "12" + "123456789")
DIGIT = f"[0-9{SPOKEN}]"
# Tsheg and middle dot among them; no line end, or a column of figures would be one number. A comma
# only between numerals, where it is a speaker's breath and not part of an amount.
_BETWEEN = rf"(?:[^\S\r\n]|[-‐-―−_.·•་()]|(?<=[{SPOKEN}])[,、](?=[{SPOKEN}])){{0,3}}"
LAST_SIGN = "[xX×хХΧχ]"
_CHAIN = re.compile(rf"{DIGIT}(?:{_BETWEEN}{DIGIT}){{8,}}+(?:{_BETWEEN}{LAST_SIGN}(?![A-Za-z]))?")
_ONE = re.compile(rf"{DIGIT}|{LAST_SIGN}")

# The provinces' first two digits, with those of Taiwan, Hong Kong and Macau (GB/T 2260), and the
# residence permits' 81 to 83.
_PLACE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_NEW_IDENTITY = re.compile(rf"(?=(\d{{6}}(?:19|20)\d\d{_MONTH_DAY}\d{{3}}[\dX]))")
_OLD_IDENTITY = re.compile(rf"(?=({_PLACE}\d{{4}}\d\d{_MONTH_DAY}\d{{3}}))")
_KNOWN_PLACE = re.compile(_PLACE)
# The beginnings banks use: UnionPay; Visa; Mastercard; JCB; American Express; Diners; and the
# banks' own from the years before UnionPay, still found on passbooks and old cards.
_CARD = re.compile(
    r"(?=((?:62\d{14}|4\d{12}|(?:5[1-5]|22[3-9]|2[3-6]\d|27[01])\d{13}|35\d{14}|3[47]\d{13}"
    r"|3[068]\d{12}|60[13]\d{13}|(?:685800|690755)\d{10}|9[4-689]\d{14})\d{0,6}))"
)
_CARD_LENGTHS = range(13, 20)
_MOBILE = re.compile(r"(?=((?:(?:00)?86)?)(1[3-9]\d{9}))")
_MOBILE_SHAPES = frozenset(
    {(11,), (3, 4, 4), (3, 8), (7, 4), (4, 4, 3), (4, 7), (3, 3, 5), (3, 5, 3), (5, 6), (6, 5)}
    | {(1, 10), (1, 3, 3, 4), (3, 4, 2, 2), (3, 2, 2, 4), (3, 2, 2, 2, 2)}
)
_AREA = r"0(?:10|2\d|[3-9]\d\d)"
_FIXED = re.compile(rf"(?=({_AREA})([2-8]\d{{6,7}}))")
_OLD_SHAPES = frozenset({(15,), (6, 6, 3), (6, 9), (5, 5, 5), (3, 3, 3, 3, 3), (3, 4, 4, 4)})
# A disabled person's certificate carries the identity number, then kind and degree, then how
# often it was renewed.
_CERTIFICATE_END = re.compile(r"[1-7][1-4](?:[Bb]\d)?(?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class _Chain:
    """Digits with their places in the text, and the sizes of the groups they are written in."""

    digits: str
    places: tuple[int, ...]
    group: tuple[int, ...]
    sizes: tuple[int, ...]

    def shape(self, start: int, end: int) -> tuple[int, ...] | None:
        """The sizes of the groups from start to end; None where one of them is cut."""
        if start and self.group[start - 1] == self.group[start]:
            return None
        if end < len(self.digits) and self.group[end - 1] == self.group[end]:
            return None
        return self.sizes[self.group[start] : self.group[end - 1] + 1]

    def one_number(self, start: int, end: int) -> bool:
        """Written as people write one long number: together, in groups, or digit by digit."""
        shape = self.shape(start, end)
        if shape is None:
            return False
        singly = len(shape) == end - start and self.alone(start, end)
        return singly or all(size >= 3 for size in shape[:-1])

    def pasted(self, start: int, end: int) -> bool:
        """Within one group longer than any single number: several were pasted together."""
        group = self.group[start]
        return group == self.group[end - 1] and self.sizes[group] > _CARD_LENGTHS[-1]

    def alone(self, start: int, end: int) -> bool:
        """No further single digit before or behind: not a piece of a list of marks given."""
        before = start == 0 or self.sizes[self.group[start - 1]] > 1
        return before and (end == len(self.digits) or self.sizes[self.group[end]] > 1)


def numbers(text: str) -> Iterator[Detail]:
    """The private numbers in a plain text, in order, none overlapping."""
    for written in _CHAIN.finditer(text):
        chain = _chain(text, written.start(), written.end())
        for kind, first, last in _apart(sorted(_in_chain(chain), key=_weight), len(chain.digits)):
            start, end = chain.places[first], chain.places[last - 1] + 1
            if kind is Kind.IDENTITY and (more := _CERTIFICATE_END.match(text, end)):
                end = more.end()
            yield Detail(kind, _with_opening(text, start, end), end)


def _chain(text: str, start: int, end: int) -> _Chain:
    signs: list[str] = []
    places: list[int] = []
    group: list[int] = []
    sizes = [0]
    for one in _ONE.finditer(text, start, end):
        sign = one[0]
        spoken = sign in SPOKEN
        if places and (places[-1] + 1 != one.start() or spoken != (text[places[-1]] in SPOKEN)):
            sizes.append(0)
        sizes[-1] += 1
        signs.append(sign if sign in "0123456789" else sign.translate(_VALUES))
        places.append(one.start())
        group.append(len(sizes) - 1)
    digits = "".join(sign if sign.isdecimal() else "X" for sign in signs)
    return _Chain(digits, tuple(places), tuple(group), tuple(sizes))


def _in_chain(chain: _Chain) -> Iterator[tuple[Kind, int, int]]:
    yield from _identities(chain)
    if len(chain.digits) >= _CARD_LENGTHS.start:
        yield from _cards(chain)
    yield from _telephones(chain)


def _weight(found: tuple[Kind, int, int]) -> tuple[int, int]:
    """Identity numbers before cards, cards before telephones: each may contain the next."""
    kind, start, _ = found
    return (Kind.IDENTITY, Kind.CARD, Kind.PHONE).index(kind), start


def _apart(found: list[tuple[Kind, int, int]], length: int) -> Iterator[tuple[Kind, int, int]]:
    taken = bytearray(length)
    kept = []
    for kind, start, end in found:
        if not any(taken[start:end]):
            taken[start:end] = b"\x01" * (end - start)
            kept.append((kind, start, end))
    yield from sorted(kept, key=lambda one: one[1])


def _identities(chain: _Chain) -> Iterator[tuple[Kind, int, int]]:
    for seen in _NEW_IDENTITY.finditer(chain.digits):
        start, end = seen.start(), seen.start() + 18
        signs = _signs_of_identity(seen[1])
        whole = chain.shape(start, end) is not None or chain.pasted(start, end)
        if (signs == 2 and whole) or (signs and chain.one_number(start, end)):
            yield Kind.IDENTITY, start, end
    for seen in _OLD_IDENTITY.finditer(chain.digits):
        start, end = seen.start(), seen.start() + 15
        shape = chain.shape(start, end)
        if shape is None or not _is_day(f"19{seen[1][6:12]}"):
            continue
        if shape in _OLD_SHAPES or (len(shape) == 15 and chain.alone(start, end)):
            yield Kind.IDENTITY, start, end


def _signs_of_identity(number: str) -> int:
    """How much besides the day of birth speaks for it: the check digit, the province; 0 to 2.

    A slip of the finger makes a number wrong but no less private, so one will do. The library's
    own check also asks for the county; one it does not know would let a real number pass.
    """
    if not _is_day(number[6:14]):
        return 0
    right = ric.calc_check_digit(number) == number[-1]
    return right + (_KNOWN_PLACE.match(number) is not None)


def _is_day(written: str) -> bool:
    try:
        day = date(int(written[:4]), int(written[4:6]), int(written[6:8]))
    except ValueError:
        return False
    return 1900 <= day.year < 2050


def _cards(chain: _Chain) -> Iterator[tuple[Kind, int, int]]:
    for seen in _CARD.finditer(chain.digits):
        start = seen.start()
        for length in range(min(len(seen[1]), _CARD_LENGTHS[-1]), _CARD_LENGTHS[0] - 1, -1):
            end = start + length
            if chain.one_number(start, end) and luhn.is_valid(seen[1][:length]):
                yield Kind.CARD, start, end
                break


def _telephones(chain: _Chain) -> Iterator[tuple[Kind, int, int]]:
    for seen in _MOBILE.finditer(chain.digits):
        start, own, end = seen.start(), seen.start(2), seen.end(2)
        shape = chain.shape(start, end)
        if shape is None:
            continue
        if own > start:
            shape = _without(shape, own - start)
        if shape in _MOBILE_SHAPES or (len(shape) == 11 and chain.alone(start, end)):
            yield Kind.PHONE, start, end
    for seen in _FIXED.finditer(chain.digits):
        start, area = seen.start(), len(seen[1])
        for end in (seen.end(2), seen.end(2) - 1):
            shape = chain.shape(start, end) if end - start - area >= 7 else None
            if shape and (len(shape) == 1 or (shape[0] == area and min(shape) >= 3)):
                yield Kind.PHONE, start, end
                break


def _without(shape: tuple[int, ...], prefix: int) -> tuple[int, ...]:
    """A shape without the digits of the country's code, written apart or not."""
    rest = list(shape)
    while prefix and rest:
        taken = min(prefix, rest[0])
        prefix -= taken
        rest[0] -= taken
        if not rest[0]:
            rest.pop(0)
    return tuple(rest)


def _with_opening(text: str, start: int, end: int) -> int:
    """The bracket and the plus sign before a number belong to it: (+86), (0894)."""
    if start and text[start - 1] == "+":
        start -= 1
    inside = text[start:end]
    if start and text[start - 1] == "(" and inside.count(")") > inside.count("("):
        start -= 1
    return start
