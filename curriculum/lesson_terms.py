"""Text to terms: what a lesson is found by, and what a query looks for; pure, in any script.

Chinese has no spaces, so a lesson is found by pairs of neighbouring characters; Tibetan by
syllables and pairs of them; everything else by words and numbers.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import regex  # type: ignore[import-untyped]

from curriculum.clean_text import clean

# A term in the title outweighs one in the key point, and both outweigh the body. Where it stands
# is part of the term, so that a search reads an index and no rows: a plain term stands anywhere,
# a marked one in the title or in the key point as well.
IN_TITLE, IN_KEY_POINT, CODE_MARK = "^", "=", "#"
ANYWHERE_WEIGHT, CODE_WEIGHT = 1, 40
FIELD_WEIGHTS = {IN_TITLE: 7, IN_KEY_POINT: 3}
# A term that every indexed text has: counting it counts the texts.
EVERY_TEXT = ""
QUERY_CHARACTERS = 60
# From this many characters on a word may hold a typing slip.
SLIP_FROM = 3
# Characters that stand in every lesson and say nothing alone; their pairs still count.
COMMON = frozenset(
    "的了是在不我您他她它们这那有和就都也说要去到一个上下里来吗呢吧啊么什怎样第课把被给让"
)
HAN, TIBETAN, WORD, NUMBER = "han", "tibetan", "word", "number"
TSHEG = "\u0f0b"

# Python's \w breaks Tibetan at every vowel sign, so its letters and marks are listed.
_SYLLABLE = r"[\u0f00\u0f20-\u0f33\u0f35\u0f37\u0f39\u0f40-\u0f84\u0f86-\u0fbc]+"
_WORDS = regex.compile(
    rf"(?P<han>[\p{{Han}}々〇]+)|(?P<tibetan>{_SYLLABLE}(?:\u0f0b+{_SYLLABLE})*)"
    r"|(?P<number>\p{Nd}+)|(?P<word>[[\p{L}\p{M}\p{N}]--[\p{Han}\p{Nd}\u0f00-\u0fff]]+)",
    regex.VERSION1,
)
_NUMBERED = regex.compile(r"第\s*([零〇一二三四五六七八九十百两]+)\s*课")
# What people put around the word they mean; looked for only when nothing else is left.
_FILLERS = regex.compile(
    "请问|想知道|想了解|有没有|关于|什么是|是什么|为什么|怎么(?:办|样|做|说|写|问|用)?|怎样|如何|哪些|什么|吗|呢"
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a query: a run of one script, normalised.

    `terms` say that a lesson has it; `hints` only bring lessons that might, were it not for a
    typing slip: single characters and pairs of letters.
    """

    text: str
    kind: str
    terms: tuple[str, ...]
    hints: tuple[str, ...]


def normal(text: str) -> str:
    """One spelling of a text: full-width as half-width, small letters, Tibetan vowels in parts.

    NFKC turns U+0F73 into U+0F71 U+0F72 and the unbreakable tsheg U+0F0C into U+0F0B.
    """
    return unicodedata.normalize("NFKC", clean(text)).casefold()


def text_terms(
    *, code: str, titles: tuple[str, ...], key_point: str, body: str
) -> Mapping[str, int]:
    """What one language of a lesson is found by: each term and how much it weighs there.

    The hints of a word are kept for title and key point only: slips are looked for there.
    """
    weights = {EVERY_TEXT: 1, code_term(code): CODE_WEIGHT}
    for mark, written in ((IN_TITLE, " ".join(titles)), (IN_KEY_POINT, key_point)):
        for word in words_of(written):
            for term in (*word.terms, *word.hints):
                weights[mark + term] = FIELD_WEIGHTS[mark]
    for word in words_of("\n".join((*titles, key_point, body))):
        # A single character is looked for too, but never a pair of letters.
        anywhere = (*word.terms, *word.hints) if word.kind == HAN else word.terms
        weights.update(dict.fromkeys(anywhere, ANYWHERE_WEIGHT))
    return weights


def code_term(code: str) -> str:
    """What a lesson's own number is kept under: 012 and 12 are the same."""
    return CODE_MARK + _plain_number(normal(code))


def query_words(written: str) -> tuple[Word, ...]:
    """The different words of a query; none for one that says nothing."""
    text = normal(written)[:QUERY_CHARACTERS]
    text = _NUMBERED.sub(lambda found: f" {_value(found[1])} ", text)
    return _telling(_FILLERS.sub(" ", text)) or _telling(text)


def _telling(text: str) -> tuple[Word, ...]:
    return tuple(dict.fromkeys(word for word in words_of(text) if word.terms))


def words_of(text: str) -> list[Word]:
    """The words of a text, in order."""
    return [_word(found[0], str(found.lastgroup)) for found in _WORDS.finditer(normal(text))]


def _word(text: str, kind: str) -> Word:
    if kind == HAN:
        single = tuple(dict.fromkeys(sign for sign in text if sign not in COMMON))
        if len(text) == 1:
            return Word(text, kind, single, ())
        return Word(text, kind, _pairs(text), single)
    if kind == TIBETAN:
        syllables = [part for part in text.split(TSHEG) if part]
        pairs = tuple(TSHEG.join(pair) for pair in pairwise(syllables))
        hints = tuple(hint for part in syllables for hint in _letters(part))
        return Word(TSHEG.join(syllables), kind, _unique(*syllables, *pairs), _unique(*hints))
    if kind == NUMBER:
        return Word(_plain_number(text), kind, (_plain_number(text),), ())
    return Word(text, kind, (text,), _unique(*_letters(text)))


def _pairs(text: str) -> tuple[str, ...]:
    return _unique(*(first + second for first, second in pairwise(text)))


def _letters(word: str) -> tuple[str, ...]:
    """Pairs of letters, for words with a slip; marked, so that they are never taken for words."""
    return tuple(f"~{pair}" for pair in _pairs(word)) if len(word) >= SLIP_FROM else ()


def _unique(*terms: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(terms))


def _plain_number(text: str) -> str:
    """A number without leading zeros; digits of any script as 0 to 9."""
    if text.isdecimal():
        return "".join(str(unicodedata.decimal(sign)) for sign in text).lstrip("0") or "0"
    return text


def _value(written: str) -> int:
    """A Chinese number under a thousand: 十二 is 12, 二十 is 20, 一百零五 is 105."""
    total, digit = 0, 0
    for sign in written:
        if sign in "十百":
            total += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
        else:
            digit = _DIGITS[sign]
    return total + digit
