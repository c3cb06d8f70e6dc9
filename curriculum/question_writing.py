"""A lesson file with another check question: everything else stays as its author wrote it."""

import re
import unicodedata
from collections.abc import Sequence

import regex  # type: ignore[import-untyped]
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.compat import StringIO
from ruamel.yaml.nodes import MappingNode
from ruamel.yaml.scalarstring import (
    DoubleQuotedScalarString,
    FoldedScalarString,
    LiteralScalarString,
)

WIDE = 1 << 20  # characters; a line is never broken, or the pack's reader could misread its rest
# What stands for a sign in double quotes, as far as a letter that marks behind it could join.
_ESCAPED = regex.compile(r"(\\(?:[a-zA-Z]|x[0-9A-F]{2}|u[0-9A-F]{4}|U[0-9A-F]{8}))(\p{M}+)")
_BESIDE_ITS_KEY = re.compile(r"^( *)options:[^\n]*\n(?: *(?:#[^\n]*)?\n)*\1- ", re.MULTILINE)


def with_question(
    text: str, *, asks: str, options: Sequence[str], answer: int, explanation: str | None
) -> str:
    """The file `text` with this question; `answer` counts from 0, None keeps the explanation.

    The question's own lines are written anew with their comments, every other line stays byte
    for byte. ValueError when the file has no head between two lines of ---, TypeError when the
    head has no keys.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.replace("\r\n", "\n").split("\n")
    end = _end_of_head(lines)
    head = lines[1:end]
    written = "\n".join([*head, ""])
    yaml = _yaml(is_flat=_BESIDE_ITS_KEY.search(written) is not None)
    facts = yaml.load(written)
    if not isinstance(facts, CommentedMap):
        raise TypeError("no keys in the head")
    _put(facts, asks=asks, options=options, answer=answer, explanation=explanation)
    dumped = StringIO()
    yaml.dump(facts, dumped)
    made = _ESCAPED.sub(_apart, dumped.getvalue()).rstrip("\n").split("\n")
    first, last = _lines_of_question(made)
    old_first, old_last = _lines_of_question(head)
    # What stands below the question's last line is kept where it is.
    block = made[first:last]
    return newline.join([lines[0], *head[:old_first], *block, *head[old_last:], *lines[end:]])


def _apart(found: "regex.Match[str]") -> str:
    """Marks at the start of a line, written as numbers where they would join the n of its \\n.

    Whoever reads the file joins letters and marks first, and \\ń is no sign at all. What stands
    behind a backslash of the text's own has been joined before, so nothing of it changes.
    """
    whole: str = found[0]
    escaped, marks = str(found[1]), str(found[2])
    if unicodedata.normalize("NFC", whole) == whole:
        return whole
    return escaped + "".join(f"\\U{ord(mark):08X}" for mark in marks)


def _end_of_head(lines: Sequence[str]) -> int:
    if lines[0].lstrip("\ufeff").rstrip() != "---":
        raise ValueError("no head")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise ValueError("the head does not end")
    return end


def _yaml(*, is_flat: bool) -> YAML:
    """Reads and writes with comments; `is_flat`: the options' dashes stand under their key."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = WIDE
    if is_flat:
        yaml.indent(mapping=2, sequence=2, offset=0)
    else:
        yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _put(
    facts: CommentedMap, *, asks: str, options: Sequence[str], answer: int, explanation: str | None
) -> None:
    question = facts.get("question")
    if not isinstance(question, CommentedMap):
        question = facts["question"] = CommentedMap()
    _set(question, "text", asks)
    old = question.get("options")
    if isinstance(old, CommentedSeq):
        _replace(question, old, options)
    else:
        question["options"] = CommentedSeq(_scalar(option) for option in options)
    question["answer"] = answer + 1
    if explanation is not None:
        _set(question, "explanation", explanation)


def _set(question: CommentedMap, key: str, text: str) -> None:
    """A text in the place of another; one in a block of its own lines becomes a line."""
    old = question.get(key)
    is_block = isinstance(old, LiteralScalarString | FoldedScalarString)
    question[key] = DoubleQuotedScalarString(text) if is_block else _scalar(text)
    if is_block:
        # What is remarked below a block hangs on its last line, which is no more.
        tokens = [*(question.ca.items.pop(key, None) or ()), getattr(old, "comment", None)]
        remarks = [token.value for token in tokens if hasattr(token, "value")]
        _remark_after(question, key, _lines_of_remarks(remarks))


def _scalar(text: str) -> str:
    """Several lines become one with \\n in it: a line by itself could be misread as a key."""
    return DoubleQuotedScalarString(text) if "\n" in text else text


def _replace(question: CommentedMap, old: CommentedSeq, options: Sequence[str]) -> None:
    """Options in the place of others; what was remarked beside an option stays in its place."""
    below = ""
    if len(options) != len(old):
        below = _take_remarks(old, range(min(len(options), len(old) - 1), len(old)))
    for place, option in enumerate(options):
        if place < len(old):
            old[place] = _scalar(option)
        else:
            old.append(_scalar(option))
    del old[len(options) :]
    _remark_after(question, "options", below)


def _remark_after(question: CommentedMap, key: str, below: str) -> None:
    """Put remarks before the key that follows; behind the last key they stay in the file."""
    following = list(question)[list(question).index(key) + 1 :]
    if below and following:
        question.yaml_set_comment_before_after_key(following[0], before=below, indent=2)


def _take_remarks(old: CommentedSeq, places: range) -> str:
    """The remarks on and below these options, as lines without their # signs."""
    remarks = []
    for place in places:
        tokens = old.ca.items.pop(place, None) or []
        remarks += [token.value for token in tokens if token is not None]
    return _lines_of_remarks(remarks)


def _lines_of_remarks(remarks: Sequence[str]) -> str:
    lines = (line.strip() for remark in remarks for line in remark.split("\n"))
    return "\n".join(line.lstrip("#").strip() for line in lines if line)


def _lines_of_question(head: Sequence[str]) -> tuple[int, int]:
    """From the line of `question:` to behind its last line; both the end when there is none.

    Remarks and blank lines below it are left out: they stay as they are.
    """
    node = YAML(typ="safe", pure=True).compose("\n".join([*head, ""]))
    pairs = node.value if isinstance(node, MappingNode) else []
    for place, (key, value) in enumerate(pairs):
        if key.value != "question":
            continue
        last = pairs[place + 1][0].start_mark.line if place + 1 < len(pairs) else len(head)
        is_block = isinstance(value, MappingNode) and value.value and not value.flow_style
        indent = value.value[0][0].start_mark.column if is_block else 0
        # Deeper ones are not remarks: they are lines of a text.
        while re.fullmatch(rf" *| {{0,{indent}}}#.*", head[last - 1]):
            last -= 1
        return key.start_mark.line, last
    return len(head), len(head)
