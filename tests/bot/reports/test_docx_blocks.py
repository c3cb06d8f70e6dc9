"""What somebody edited in Word is what the PDF is made of: words, headings, lists and tables."""

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm
from PIL import Image

from bot.reports import documents, docx_blocks
from bot.reports.blocks import Document, Fields, Heading, Picture, Table, Text
from bot.reports.docx_text import NoDocument
from tests.media_files import picture

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
SUMMARY = Document(
    (
        Heading("赴拉萨参观交流总结", 1),
        Fields((("时间", "11月25日(周三)"), ("主办", ""), ("目的", "学站点管理\n看值班"))),
        Heading("行程", 2),
        Table(("日期", "时间", "地方"), (("11月25日(周三)", "10:00", "城关区社工站"),), (2, 1, 3)),
        Heading("看到了什么", 2),
        Text("展板每月换\n居民自己写（卓玛）"),
        Heading("小结", 3),
        Text("=1+1 <b>&"),
    )
)


def _saved(made: Any) -> bytes:
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_what_we_write_comes_back_as_the_same_blocks() -> None:
    """A summary that nobody changed gives the PDF it gave before."""
    read = docx_blocks.read(documents.docx(SUMMARY))
    assert read.left_out == 0
    back = [
        Table(one.head, one.rows, SUMMARY.blocks[3].widths)  # type: ignore[union-attr]
        if isinstance(one, Table)
        else one
        for one in read.blocks
    ]
    assert tuple(back) == SUMMARY.blocks
    (table,) = (one for one in read.blocks if isinstance(one, Table))
    whole = sum(table.widths)
    assert [round(6 * width / whole) for width in table.widths] == [2, 1, 3]
    assert documents.pdf(Document(read.blocks)).startswith(b"%PDF")


def test_what_an_office_adds_in_word_is_read() -> None:
    """Lists with their numbers, merged cells, tracked changes as accepted, pictures made small."""
    made = docx.Document(io.BytesIO(documents.docx(SUMMARY)))
    made.add_heading("下一步", 1)
    for words in ("排一周的班", "贴值班表"):
        made.add_paragraph(words, style="List Number")
    made.add_paragraph("先在八一镇试", style="List Bullet")
    grid = made.add_table(rows=2, cols=3)
    grid.cell(0, 0).merge(grid.cell(0, 1)).text = "两格"
    grid.cell(0, 2).merge(grid.cell(1, 2)).text = "两行"
    grid.cell(1, 0).text, grid.cell(1, 1).text = "甲", "乙"
    tracked = made.add_paragraph()
    tracked._p.append(parse_xml(f"<w:del {W}><w:r><w:delText>旧的</w:delText></w:r></w:del>"))
    tracked._p.append(parse_xml(f"<w:moveFrom {W}><w:r><w:t>搬走的</w:t></w:r></w:moveFrom>"))
    tracked._p.append(parse_xml(f"<w:ins {W}><w:r><w:t>新的一句</w:t></w:r></w:ins>"))
    made.add_picture(io.BytesIO(picture(4000, 3000)), width=Mm(85))
    read = docx_blocks.read(_saved(made))
    added = read.blocks[len(SUMMARY.blocks) :]
    assert added == (
        Heading("下一步", 2),
        Text("1. 排一周的班"),
        Text("2. 贴值班表"),
        Text("• 先在八一镇试"),
        Table((), (("两格", "", "两行"), ("甲", "乙", "")), added[4].widths),  # type: ignore[union-attr]
        Text("新的一句"),
        added[6],
    )
    assert isinstance(added[6], Picture)
    assert (round(added[6].share, 3), read.left_out) == (0.5, 0)
    assert Image.open(io.BytesIO(added[6].data)).size == (1280, 960)
    page = Document(read.blocks)
    assert documents.pdf(page).startswith(b"%PDF")
    # A table without a head is written as such, and read back.
    assert docx_blocks.read(documents.docx(page)).blocks[-3].head == ()  # type: ignore[union-attr]


def test_pictures_of_a_table_follow_it_and_what_is_none_is_counted() -> None:
    """Offices lay photos out in tables; a drawing that cannot be shown is said to be left out."""
    made = docx.Document()
    grid = made.add_table(rows=1, cols=2)
    for cell in grid.rows[0].cells:
        cell.paragraphs[0].add_run().add_picture(io.BytesIO(picture(640, 480)), width=Mm(60))
    grid.cell(0, 1).add_paragraph("展板")
    data = _saved(made)
    read = docx_blocks.read(data)
    assert [type(one) for one in read.blocks] == [Fields, Picture, Picture]
    broken = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(broken, "w") as new:
        for one in old.infolist():
            new.writestr(one, b"EMF" if "media/" in one.filename else old.read(one))
    read = docx_blocks.read(broken.getvalue())
    assert ([type(one) for one in read.blocks], read.left_out) == ([Fields], 2)


def test_headings_are_known_by_what_word_calls_them_in_china() -> None:
    """WPS and Chinese Word number the styles; their names say which level it is."""
    styles = "".join(
        f'<w:style {W} w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (("2", "heading 1"), ("3", "heading 2"), ("a3", "Title"))
    )
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{key}"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>'
        for key, words in (("2", "一"), ("3", "二"), ("9", "三"))
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("word/document.xml", f"<w:document {W}><w:body>{body}</w:body></w:document>")
        pack.writestr("word/styles.xml", f"<w:styles {W}>{styles}</w:styles>")
    # No paragraph is the title, so the first heading is.
    found = (Heading("一", 1), Heading("二", 2), Text("三"))
    assert docx_blocks.read(out.getvalue()).blocks == found


def test_chinese_numbers_are_counted_by_level() -> None:
    """一、 and 1.1, as the document's own list says, the second level from anew each time."""
    made = docx.Document()
    numbering = made.part.numbering_part.element
    levels = "".join(
        f'<w:lvl w:ilvl="{place}"><w:start w:val="1"/><w:numFmt w:val="{shape}"/>'
        f'<w:lvlText w:val="{words}"/></w:lvl>'
        for place, shape, words in ((0, "chineseCounting", "%1、"), (1, "decimal", "%2."))
    )
    numbering.insert(
        0, parse_xml(f'<w:abstractNum {W} w:abstractNumId="90">{levels}</w:abstractNum>')
    )
    numbering.append(parse_xml(f'<w:num {W} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for words, level in (("做法", 0), ("排班", 1), ("贴表", 1), ("成效", 0), ("没人白跑", 1)):
        properties = made.add_paragraph(words)._p.get_or_add_pPr()
        listed = OxmlElement("w:numPr")
        for tag, value in (("w:ilvl", level), ("w:numId", 90)):
            one = OxmlElement(tag)
            one.set(qn("w:val"), str(value))
            listed.append(one)
        properties.append(listed)
    texts = [one.text for one in docx_blocks.read(_saved(made)).blocks]  # type: ignore[union-attr]
    assert texts == ["一、做法", "1. 排班", "2. 贴表", "二、成效", "1. 没人白跑"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 old Word", b"%PDF-1.7"])
def test_what_is_no_word_document_is_refused(data: bytes) -> None:
    """An old .doc, one behind a password, a PDF: never an error."""
    with pytest.raises(NoDocument):
        docx_blocks.read(data)


def test_a_document_without_words_is_refused() -> None:
    """A page of nothing but empty lines would be an empty PDF."""
    with pytest.raises(NoDocument):
        docx_blocks.read(_saved(docx.Document()))
