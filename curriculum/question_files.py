"""Check questions from a GIFT or Aiken file, with every problem named by its line."""

import re
import unicodedata

from curriculum import aiken, gift
from curriculum.clean_text import clean
from curriculum.drafted_questions import Drafted, FileQuestion, Reading
from curriculum.text_entities import utf16_length

# Telegram's limits for a quiz (Bot API, sendPoll), in UTF-16 units.
MOST_TEXT, MOST_OPTION, MOST_EXPLANATION, MOST_LINE_FEEDS = 300, 100, 200, 2
FEWEST_OPTIONS, MOST_OPTIONS = 2, 10
MAX_FILE = 1024 * 1024  # bytes; a question has about 500

# A lesson's code, alone or before what the title says besides.
_CODE = re.compile(r"\s*([0-9A-Za-z_-]{1,16})(?=$|[\s.:：、，,)）])")


def read_questions(data: bytes, name: str) -> Reading:
    """Every question of a GIFT or Aiken file, told apart by what is in it.

    Usable questions and every problem are both given, in the order of lines; nothing is dropped
    without a problem or a note. Questions of other kinds than one right answer among two to ten
    are named as not usable.
    """
    reading = Reading(name)
    text = _decoded(data, reading)
    if text is None:
        return reading
    read = aiken.read if aiken.looks_like(text) else gift.read
    drafts = read(text, reading)
    for draft in drafts:
        _take(draft, reading)
    if not drafts and not reading.problems:
        reading.refuse(0, "no_questions")
    reading.problems.sort(key=lambda problem: problem.line)
    reading.notes.sort(key=lambda note: note.line)
    return reading


def _decoded(data: bytes, reading: Reading) -> str | None:
    if len(data) > MAX_FILE:
        reading.refuse(0, "file_too_large", limit=MAX_FILE // 1024)
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return clean(data.decode("utf-16"))
        except UnicodeDecodeError:
            reading.refuse(0, "encoding_unknown")
            return None
    try:
        return clean(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        reading.refuse(data[: error.start].count(b"\n") + 1, "encoding_unknown")
        return None


def lesson_code(title: str | None) -> str | None:
    """The code a title begins with: 012, or the 012 of "012 门口"; None when there is none."""
    match = _CODE.match(title or "")
    # A title in words is not a code: "Visiting" could be one, "Visiting a home" hardly.
    return match[1] if match and any(sign.isdecimal() for sign in match[1]) else None


def _take(draft: Drafted, reading: Reading) -> None:
    """Keep a drafted question if it is within every limit, else name each one it breaks."""
    before = len(reading.problems)
    _check_text(draft, reading)
    _check_options(draft, reading)
    if draft.explanation is not None:
        length = utf16_length(draft.explanation)
        if length > MOST_EXPLANATION:
            reading.refuse(
                draft.line, "explanation_too_long", limit=MOST_EXPLANATION, length=length
            )
        if draft.explanation.count("\n") > MOST_LINE_FEEDS:
            reading.refuse(draft.line, "explanation_too_many_lines", most=MOST_LINE_FEEDS)
    if len(reading.problems) > before:
        return
    options = tuple(option for option, _ in draft.options)
    reading.questions.append(
        FileQuestion(
            draft.line,
            lesson_code(draft.title),
            draft.text,
            options,
            draft.answer,
            draft.explanation,
        )
    )


def _check_text(draft: Drafted, reading: Reading) -> None:
    length = utf16_length(draft.text)
    if not draft.text:
        reading.refuse(draft.line, "text_empty")
    elif length > MOST_TEXT:
        reading.refuse(draft.line, "text_too_long", limit=MOST_TEXT, length=length)


def _check_options(draft: Drafted, reading: Reading) -> None:
    if len(draft.options) < FEWEST_OPTIONS:
        reading.refuse(draft.line, "options_too_few", least=FEWEST_OPTIONS)
    if len(draft.options) > MOST_OPTIONS:
        facts = {"most": MOST_OPTIONS, "count": len(draft.options)}
        reading.refuse(draft.line, "options_too_many", **facts)
        return
    seen: dict[str, int] = {}
    for number, (option, line) in enumerate(draft.options, 1):
        length = utf16_length(option)
        plain = "".join(unicodedata.normalize("NFKC", option).casefold().split())
        if not option:
            reading.refuse(line, "option_empty", number=number)
        elif length > MOST_OPTION:
            reading.refuse(line, "option_too_long", number=number, limit=MOST_OPTION, length=length)
        elif plain in seen:
            reading.refuse(line, "options_alike", first=seen[plain], second=number)
        seen.setdefault(plain, number)
