"""GIFT, Moodle's text format for questions: the part a lesson's one question can use.

We read it ourselves: pygiftparser, the parser on the package index, is from 2017, and an author
needs each mistake named by its line. One right answer among several is usable, also as a gap in a
sentence; every other kind is named as not usable. The rules are those of Moodle's "GIFT format".
"""

import re
from bisect import bisect_left
from dataclasses import dataclass

from lxml import etree, html

from curriculum.drafted_questions import Drafted, Reading

# An escaped sign waits as a noncharacter, which no cleaned text holds, until the rest is read.
_SIGNS = "\\:#={}~n"
_HIDDEN = {sign: chr(0xFDD0 + place) for place, sign in enumerate(_SIGNS)}
_SHOWN = {ord(hidden): "\n" if sign == "n" else sign for sign, hidden in _HIDDEN.items()}
_ESCAPED = re.compile(r"\\([\\:#={}~n])")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:\.\d+)?)%")
_TRUE_FALSE = re.compile(r"\s*(?:T|TRUE|F|FALSE)\s*(?:#.*)?", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?(?:p|br|b|i|u|em|strong|span|div|ul|ol|li|img|a)\b[^<>]*>", re.IGNORECASE)
_LINE_ENDERS = {"p", "div", "br", "li", "tr", "h1", "h2", "h3", "h4", "h5", "h6"}
_NOT_WORDS = {"img", "audio", "video", "iframe", "object", "svg"}
GAP = "____"


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines up to a blank one, escaped signs hidden; `line` is the first one's number."""

    line: int
    text: str
    ends: tuple[int, ...]

    def line_at(self, place: int) -> int:
        return self.line + bisect_left(self.ends, place)


@dataclass(frozen=True, slots=True)
class _Choice:
    is_right: bool
    weight: float | None
    text: str
    feedback: str
    line: int


class _NotUsable(Exception):
    """A block that gives no question; the reason is in the reading."""


def read(text: str, reading: Reading) -> list[Drafted]:
    """Every single-choice question; whatever else there is is named in `reading`."""
    drafts = []
    for block in _blocks(text):
        try:
            drafts.append(_question(block, reading))
        except _NotUsable:
            continue
    return drafts


def _blocks(text: str) -> list[_Block]:
    """Comments and categories leave an empty line, which does not part a question."""
    blocks: list[_Block] = []
    lines: list[str] = []
    first = 0
    for number, written in enumerate([*text.split("\n"), ""], 1):
        line = written.strip()
        if not line:
            if any(lines):
                blocks.append(_block(first, "\n".join(lines)))
            lines = []
            continue
        if not lines:
            first = number
        is_aside = line.startswith(("//", "$CATEGORY:"))
        lines.append("" if is_aside else _ESCAPED.sub(lambda found: _HIDDEN[found[1]], line))
    return blocks


def _block(line: int, text: str) -> _Block:
    return _Block(line, text, tuple(found.start() for found in re.finditer("\n", text)))


def _question(block: _Block, reading: Reading) -> Drafted:
    title, start = _title(block, reading)
    opening, closing = _braces(block, start, reading)
    form = _FORMAT.match(block.text, start)
    is_html = form is not None and form[1].lower() == "html"
    first = start + len(block.text[start:]) - len(block.text[start:].lstrip())
    line = block.line_at(first)
    start = form.end() if form else start
    before, after = block.text[start:opening], block.text[closing + 1 :]
    stem = f"{before}{GAP}{after}" if after.strip() else before
    inside = block.text[opening + 1 : closing]
    inside, sign, general = inside.partition("####")
    _refuse_other_kinds(inside, line, reading)
    choices = _choices(block, opening + 1, inside, reading)
    answer = _right_one(choices, line, reading)
    words = _Words(reading, is_html=is_html)
    explanation = words.text(general, line) if sign else ""
    own = words.text(choices[answer].feedback, choices[answer].line)
    left_out = sum(bool(choice.feedback.strip()) for choice in choices) - bool(
        own and not explanation
    )
    if left_out:
        reading.note(line, "feedback_left_out", count=left_out)
    return Drafted(
        line=line,
        title=title,
        text=words.text(stem, line),
        options=tuple((words.option(c.text, c.line), c.line) for c in choices),
        answer=answer,
        explanation=explanation or own or None,
    )


def _title(block: _Block, reading: Reading) -> tuple[str | None, int]:
    """The title between :: and ::, if there is one, and where the text begins."""
    start = len(block.text) - len(block.text.lstrip())
    if not block.text.startswith("::", start):
        return None, start
    end = block.text.find("::", start + 2)
    if end < 0:
        reading.refuse(block.line_at(start), "title_open")
        raise _NotUsable
    return _revealed(" ".join(block.text[start + 2 : end].split())), end + 2


def _braces(block: _Block, start: int, reading: Reading) -> tuple[int, int]:
    """Where the answers begin and end; exactly one pair of braces makes a question."""
    opening, closing = block.text.find("{", start), block.text.find("}", start)
    second = block.text.find("{", opening + 1) if opening >= 0 else -1
    stray = block.text.find("}", closing + 1) if closing >= 0 else -1
    if opening < 0 and closing < 0:
        reading.refuse(block.line_at(start), "kind_description")
    elif closing >= 0 and (opening < 0 or closing < opening):
        reading.refuse(block.line_at(closing), "brace_stray")
    elif second >= 0 and (closing < 0 or second < closing):
        reading.refuse(block.line_at(second), "brace_inside")
    elif closing < 0:
        reading.refuse(block.line_at(opening), "brace_open")
    elif second >= 0:
        reading.refuse(block.line_at(second), "questions_together")
    elif stray >= 0:
        reading.refuse(block.line_at(stray), "brace_stray")
    else:
        return opening, closing
    raise _NotUsable


def _refuse_other_kinds(inside: str, line: int, reading: Reading) -> None:
    kind = None
    if not inside.strip():
        kind = "kind_essay"
    elif inside.lstrip().startswith("#"):
        kind = "kind_numerical"
    elif _TRUE_FALSE.fullmatch(inside):
        kind = "kind_true_false"
    elif "~" not in inside and "=" in inside:
        kind = "kind_matching" if "->" in inside else "kind_short_answer"
    if kind is not None:
        reading.refuse(line, kind)
        raise _NotUsable


def _choices(block: _Block, start: int, inside: str, reading: Reading) -> list[_Choice]:
    """The answers, each after its = or ~, with its weight and feedback taken off."""
    marks = [match.start() for match in re.finditer("[=~]", inside)]
    if not marks or inside[: marks[0]].strip():
        first = len(inside) - len(inside.lstrip())
        reading.refuse(block.line_at(start + first), "answer_without_sign")
        raise _NotUsable
    found = []
    for mark, end in zip(marks, [*marks[1:], len(inside)], strict=True):
        written, _, feedback = inside[mark + 1 : end].partition("#")
        weight = _WEIGHT.match(written)
        found.append(
            _Choice(
                is_right=inside[mark] == "=",
                weight=float(weight[1]) if weight else None,
                text=written[weight.end() :] if weight else written,
                feedback=feedback,
                line=block.line_at(start + mark),
            )
        )
    return found


def _right_one(choices: list[_Choice], line: int, reading: Reading) -> int:
    """The place of the one right answer, counted from 0."""
    for choice in choices:
        if choice.weight is None:
            continue
        if (choice.weight != 100) if choice.is_right else (choice.weight > 0):
            reading.refuse(choice.line, "kind_weighted")
            raise _NotUsable
    if any(choice.weight is not None and choice.weight < 0 for choice in choices):
        reading.note(line, "penalty_left_out")
    right = [place for place, choice in enumerate(choices) if choice.is_right]
    if len(right) == 1:
        return right[0]
    if right:
        reading.refuse(line, "right_twice", count=len(right))
    else:
        reading.refuse(line, "right_missing")
    raise _NotUsable


@dataclass(frozen=True, slots=True)
class _Words:
    """Makes words of what stands in the file: format marks off, HTML read, escapes shown."""

    reading: Reading
    is_html: bool

    def text(self, written: str, line: int) -> str:
        """Several lines, none of them empty."""
        form = _FORMAT.match(written)
        is_html = form[1].lower() == "html" if form else self.is_html
        written = written[form.end() :] if form else written
        lines = (part.strip() for part in written.split("\n"))
        words = "\n".join(part for part in lines if part)
        if is_html:
            words = self._from_html(words, line)
        elif _TAG.search(words):
            self.reading.note(line, "tags_kept")
        return _revealed(words).strip()

    def option(self, written: str, line: int) -> str:
        """One line."""
        return " ".join(self.text(written, line).split())

    def _from_html(self, written: str, line: int) -> str:
        if not written:
            return ""
        root = html.fragment_fromstring(written, create_parent="div")
        for element in root.iter(etree.Element):
            if element.tag in _NOT_WORDS:
                self.reading.refuse(line, "picture_in_question")
                raise _NotUsable
            if element.tag in _LINE_ENDERS:
                element.tail = f"\n{element.tail or ''}"
        lines = (" ".join(part.split()) for part in root.text_content().split("\n"))
        return "\n".join(part for part in lines if part)


def _revealed(text: str) -> str:
    return text.translate(_SHOWN)
