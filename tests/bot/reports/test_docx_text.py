"""A document goes out and comes back: what was written is what is read."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.docx_text import NoDocument, Section, read, written

LINE = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zs", "Zl", "Zp")), min_size=1, max_size=40
)


@given(st.lists(st.tuples(LINE, st.lists(LINE, max_size=3)), min_size=1, max_size=4))
def test_sections_come_back_as_they_were(parts: list[tuple[str, list[str]]]) -> None:
    """Headings with their bookmarks, levels and lines, whatever characters stand in them."""
    sections = [
        Section(f"wx_{n}", 1 + n % 3, heading, "\n".join(lines))
        for n, (heading, lines) in enumerate(parts)
    ]
    assert [one for one in read(written("题目", sections)) if one.key] == sections


def test_a_document_that_word_saved_anew_is_read() -> None:
    """Runs torn apart, bookmarks of Word's own, words deleted with changes tracked, new lines."""
    w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    xml = (
        f"<w:document {w}><w:body>"
        '<w:p><w:pPr><w:pStyle w:val="Heading2"/></w:pPr>'
        '<w:bookmarkStart w:id="9" w:name="_GoBack"/>'
        '<w:bookmarkStart w:id="1" w:name="wx_1"/><w:r><w:t>讨</w:t></w:r><w:r><w:t>论</w:t></w:r>'
        "</w:p><w:p><w:r><w:t>第一</w:t></w:r><w:del><w:r><w:delText>不要</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>行</w:t><w:br/><w:t>第二行</w:t></w:r></w:ins></w:p>"
        "</w:body></w:document>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("word/document.xml", xml)
    assert read(out.getvalue()) == [Section("wx_1", 2, "讨论", "第一行\n第二行")]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no zip"])
def test_anything_else_is_no_document(data: bytes) -> None:
    """A broken or foreign file is refused, never an error."""
    with pytest.raises(NoDocument):
        read(data)


def test_a_document_that_points_elsewhere_fetches_nothing() -> None:
    """An entity of the file's own is not filled in."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr(
            "word/document.xml",
            '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]><d>&e;</d>',
        )
    assert read(out.getvalue()) == []
