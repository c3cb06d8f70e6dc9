"""Aiken, the plainest text format for questions: a text, lettered options, one line ANSWER."""

import re
from dataclasses import dataclass, field

from curriculum.drafted_questions import Drafted, Reading

# Letters and signs as the format has them, and as they are typed on a Chinese keyboard.
_OPTION = re.compile(r"([A-Z])[.)．）、][ \t]*(.*)")
_ANSWER = re.compile(r"(?:ANSWER|答案)[ \t]*[:：][ \t]*(.*)", re.IGNORECASE)
_ANSWER_LINE = re.compile(rf"^[ \t]*{_ANSWER.pattern}", re.MULTILINE | re.IGNORECASE)
_FIRST_OPTION = re.compile(r"^[ \t]*A[.)．）、]", re.MULTILINE)
_TITLE = re.compile(r"::(.*?)::[ \t]*(.*)")
_CODE_ALONE = re.compile(r"(?=[\w-]*\d)[0-9A-Za-z_-]{1,16}")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass
class _Open:
    """The question being read."""

    line: int
    text: list[str] = field(default_factory=list)
    options: list[tuple[str, int]] = field(default_factory=list)
    is_sound: bool = True
    after_blank: bool = False


def looks_like(text: str) -> bool:
    """Whether a file is Aiken and not GIFT: options under A, and ANSWER or no braces."""
    has_options = _FIRST_OPTION.search(text) is not None
    has_answers = _ANSWER_LINE.search(text) is not None
    return "{" not in text if has_options != has_answers else has_options


def read(text: str, reading: Reading) -> list[Drafted]:
    """Every question that has its parts; what is missing is named in `reading`.

    A title stands as ::012:: before the text, or a code alone on the first line.
    """
    drafts: list[Drafted] = []
    question: _Open | None = None
    for number, written in enumerate(text.split("\n"), 1):
        line = written.strip()
        if not line:
            if question is not None:
                question.after_blank = True
            continue
        if question is None or (question.options and question.after_blank and _is_text(line)):
            if question is not None:
                reading.refuse(question.line, "answer_missing")
            question = _Open(number)
        if answer := _ANSWER.fullmatch(line):
            draft = _closed(question, answer[1].strip(), number, reading)
            drafts += [draft] if draft is not None else []
            question = None
        else:
            question.after_blank = False
            _add(question, line, number, reading)
    if question is not None:
        reading.refuse(question.line, "answer_missing")
    return drafts


def _is_text(line: str) -> bool:
    return not _OPTION.fullmatch(line) and not _ANSWER.fullmatch(line)


def _add(question: _Open, line: str, number: int, reading: Reading) -> None:
    """A line of the text, or an option; the letters must follow one another."""
    option = _OPTION.fullmatch(line)
    if option is None:
        if not question.options:
            question.text.append(line)
        elif question.is_sound:
            reading.refuse(number, "line_after_option")
            question.is_sound = False
        return
    expected = LETTERS[min(len(question.options), len(LETTERS) - 1)]
    if not question.text and question.is_sound:
        reading.refuse(number, "option_before_text")
        question.is_sound = False
    elif option[1] != expected and question.is_sound:
        reading.refuse(number, "letter_unexpected", found=option[1], expected=expected)
        question.is_sound = False
    question.options.append((option[2].strip(), number))


def _closed(question: _Open, answer: str, number: int, reading: Reading) -> Drafted | None:
    letters = re.findall("[A-Z]", answer.upper())
    if not question.is_sound:
        return None
    if not question.text:
        reading.refuse(number, "answer_alone")
    elif not question.options:
        reading.refuse(question.line, "options_missing")
    elif len(letters) > 1 and re.fullmatch(r"[A-Z\s,，、;；和及&]+", answer.upper()):
        reading.refuse(number, "right_twice", count=len(letters))
    elif not re.fullmatch(r"[A-Za-z][.)．）。]?", answer):
        reading.refuse(number, "answer_unclear", found=answer[:40])
    elif LETTERS.index(letters[0]) >= len(question.options):
        reading.refuse(number, "answer_not_option", letter=letters[0])
    else:
        title, text = _titled(question.text)
        chosen = LETTERS.index(letters[0])
        return Drafted(question.line, title, text, tuple(question.options), chosen, None)
    return None


def _titled(lines: list[str]) -> tuple[str | None, str]:
    """The title, if there is one, and the text without it."""
    if match := _TITLE.fullmatch(lines[0]):
        rest = [match[2]] if match[2] else []
        return match[1].strip(), "\n".join(rest + lines[1:])
    if len(lines) > 1 and _CODE_ALONE.fullmatch(lines[0]):
        return lines[0], "\n".join(lines[1:])
    return None, "\n".join(lines)
