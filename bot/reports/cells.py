"""Text for spreadsheet cells: nothing a program would run, nothing a reader would choke on."""

import re

CELL_LIMIT = 32_767  # Excel's limit for one cell, in UTF-16 units

# What XML 1.0 cannot hold: control characters but tab and line feed, surrogates, noncharacters.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# What programs take for the start of a formula, also in the full-width forms that some of them
# fold to plain ones, and after blanks or invisible signs that some of them drop.
_FORMULA = re.compile(
    r"[\s\u200b-\u200f\u2060\ufeff\u00ad]*[=+\-@＝＋－＠\u2212\ufe62\ufe63\ufe66\ufe6b]"
)
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")


def starts_like_formula(text: str) -> bool:
    """Whether a spreadsheet program might run this text instead of showing it."""
    legal = _ILLEGAL.sub("", text)  # what is dropped cannot hide the sign behind it
    return legal[:1] in ("\t", "\r") or _FORMULA.match(legal) is not None


def cell_text(text: str, *, cut_mark: str) -> str:
    """The text as any cell can hold it: legal characters, plain line feeds, within the limit.

    A text that is too long ends with `cut_mark` and is then exactly within CELL_LIMIT.
    """
    text = _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if 2 * len(text) <= CELL_LIMIT or utf16_units(text) <= CELL_LIMIT:
        return text
    room = CELL_LIMIT - utf16_units(cut_mark)
    return text.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore") + cut_mark


def csv_text(text: str, *, cut_mark: str) -> str:
    """As cell_text, with an apostrophe before what a program might run."""
    shown = cell_text(text, cut_mark=cut_mark)
    return cell_text("'" + shown, cut_mark=cut_mark) if starts_like_formula(text) else shown


def inline_text(text: str) -> str:
    """As a sheet's XML must hold it, for readers that take _x0041_ for the letter A (Excel does).

    A text from <r> to </r> is kept apart from the markup of a rich text, which looks the same.
    """
    text = _ESCAPE.sub("_x005F_", text)
    return f"_x003C_{text[1:]}" if text.startswith("<r>") else text


def utf16_units(text: str) -> int:
    """How Excel counts characters: those beyond the basic plane count twice."""
    return len(text) + sum(sign > "\uffff" for sign in text)
