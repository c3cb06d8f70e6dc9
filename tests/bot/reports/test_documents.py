"""Word files and PDFs hold the same words; the Word file is looked at as the XML that it is."""

import io
import zipfile
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from bot.reports import blocks, documents
from bot.reports.blocks import Document, Fields, Heading, Table, Text

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
PEOPLE = tuple((str(number), "卓玛 སྒྲོལ་མ།", "") for number in range(1, 41))
SHEET = Document(
    [
        Heading("每年线下培训学签到表", 1),
        Fields((("日期", "12月9日(周三)上午"), ("地点", "八一镇\n二楼"))),
        Heading("签到"),
        Table(("序号", "姓名", "签名"), PEOPLE, (1, 3, 3), row_height=9),
        Text("=1+1 <b>&\n第二行"),
    ],
    foot="一期一档",
)


def xml(document: Document, name: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(io.BytesIO(documents.docx(document))) as pack:
        return etree.fromstring(pack.read(name))


def test_a_word_file_holds_every_word_in_order() -> None:
    """Nothing in a name or a note is taken for markup, line feeds stay."""
    root = xml(SHEET)
    found = ["\n" if node.tag == f"{W}br" else node.text for node in root.iter(f"{W}t", f"{W}br")]
    assert found[:6] == [
        "每年线下培训学签到表",
        "日期",
        "12月9日(周三)上午",
        "地点",
        "八一镇",
        "\n",
    ]
    assert found[-3:] == ["=1+1 <b>&", "\n", "第二行"]


def test_the_head_of_a_long_table_stands_on_every_page() -> None:
    """A sheet that is signed page by page says on each what belongs where."""
    rows = xml(SHEET).findall(f".//{W}tbl")[1].findall(f"{W}tr")
    assert rows[0].find(f".//{W}tblHeader") is not None
    assert [row.find(f".//{W}tblHeader") for row in rows[1:3]] == [None, None]
    assert rows[1].find(f".//{W}trHeight").get(f"{W}hRule") == "atLeast"


def test_every_style_names_a_font_for_chinese_and_for_tibetan() -> None:
    """Word would take its theme's fonts, which have neither on an office's machine."""
    styles = xml(SHEET, "word/styles.xml")
    for name in ("Normal", "Title", "Heading2", "Heading3"):
        (style,) = (one for one in styles if one.get(f"{W}styleId") == name)
        fonts = style.find(f".//{W}rFonts")
        assert fonts.get(f"{W}eastAsia") == blocks.CHINESE
        assert fonts.get(f"{W}cs") == blocks.TIBETAN
        assert not [key for key in fonts.attrib if key.endswith("Theme")]


def test_a_word_file_tells_neither_its_maker_nor_its_hour() -> None:
    """A frozen record can be made again and compared."""
    with zipfile.ZipFile(io.BytesIO(documents.docx(SHEET))) as pack:
        assert b"python-docx" not in pack.read("docProps/core.xml")
        assert {part.date_time[0] for part in pack.infolist()} == {2026}


def test_forty_people_fill_two_pages_of_print() -> None:
    """A row to sign in by hand is nine millimetres high, whoever prints it."""
    assert len(documents.pictures(SHEET)) == 2
    assert documents.pdf(SHEET).startswith(b"%PDF-")


def test_many_columns_are_printed_across() -> None:
    """The page is turned in both files."""
    wide = Document([Table(("a", "b"), (("1", "2"),), (1, 1))], landscape=True)
    (page,) = (Image.open(io.BytesIO(data)) for data in documents.pictures(wide))
    assert page.width > page.height
    assert xml(wide).find(f".//{W}pgSz").get(f"{W}orient") == "landscape"


def test_a_row_that_does_not_fit_its_head_is_refused() -> None:
    """A cell that slipped would stand under somebody else's name."""
    with pytest.raises(ValueError, match="姓名"):
        Table(("姓名", "签名"), (("卓玛",),), (1, 1))
