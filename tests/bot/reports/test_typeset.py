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


def test_every_character_of_a_common_name_or_lesson_leaves_ink() -> None:
    """All 20,902 Chinese characters of GBK are in the font, and none comes out blank."""
    characters = [chr(number) for number in range(0x4E00, 0x9FA6)]
    blank = []
    for start in range(0, len(characters), 2500):
        cells = characters[start : start + 2500]
        (page,) = typeset.pictures("specimen", {"cells": cells}, dots_per_inch=72)
        picture = Image.open(io.BytesIO(page)).convert("L").point(lambda dot: 255 - dot)
        for place, cell in enumerate(cells):
            x, y = place % 50 * 20, place // 50 * 24
            if picture.crop((x, y, x + 20, y + 24)).getbbox() is None:
                blank.append(cell)
    assert blank == []


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
