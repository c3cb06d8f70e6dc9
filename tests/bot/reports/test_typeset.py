"""Pictures and PDFs: Chinese and Tibetan from the product's own fonts, facts are never markup."""

import io

from PIL import Image

from bot.reports import typeset


def _ink(line: str) -> bytes:
    """The dots of one line, as drawn on the specimen page."""
    (page,) = typeset.pictures("specimen", {"lines": [line]})
    return Image.open(io.BytesIO(page)).convert("L").tobytes()


def test_chinese_and_tibetan_are_drawn_and_not_replaced_by_boxes() -> None:
    """Different characters give different pictures: a missing glyph would look alike for all."""
    lines = ("低保", "特困", "卓玛", "སློབ་སྦྱོང་", "སྦྱོང་བརྡར་", "རྫོང་")
    assert len({_ink(line) for line in lines}) == len(lines)


def test_a_tibetan_stack_is_one_column_and_not_a_row_of_letters() -> None:
    """Stacked letters stand under one another, so a stack is hardly wider than its first letter."""
    stacked, plain = (_width(line) for line in ("རྫྫྫ", "ར"))
    assert stacked < 2 * plain


def _width(line: str) -> int:
    (page,) = typeset.pictures("specimen", {"lines": [line]})
    picture = Image.open(io.BytesIO(page)).convert("L").point(lambda dot: 255 - dot)
    box = picture.getbbox()
    assert box is not None
    return box[2] - box[0]


def test_what_looks_like_markup_is_text() -> None:
    """A name with typesetting signs in it is drawn as it is written."""
    assert typeset.pdf("specimen", {"lines": ['#panic() $x$ *b* "quoted" \\ @ref <a>']})
