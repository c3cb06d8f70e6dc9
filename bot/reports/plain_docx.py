"""A Word document of headings and paragraphs: three parts in a zip, opened and edited anywhere."""

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from xml.sax.saxutils import escape

HEADING_1, HEADING_2, TEXT = "Heading1", "Heading2", "Normal"
SPACE = "http://schemas.openxmlformats.org"
TYPES = (
    f'<Types xmlns="{SPACE}/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.styles+xml"/></Types>'
)
PACKAGE = (
    f'<Relationships xmlns="{SPACE}/package/2006/relationships"><Relationship Id="r1"'
    f' Type="{SPACE}/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
OF_DOCUMENT = (
    f'<Relationships xmlns="{SPACE}/package/2006/relationships"><Relationship Id="r1"'
    f' Type="{SPACE}/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
    "</Relationships>"
)
# The fonts a Chinese Word has; a Tibetan run needs the complex one.
FONTS = (
    '<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="宋体"'
    ' w:cs="Microsoft Himalaya"/>'
)


def _style(name: str, shown: str, size: int, *, is_bold: bool) -> str:
    """A paragraph style; `size` in half points."""
    bold = "<w:b/>" if is_bold else ""
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{shown}"/>'
        f'<w:pPr><w:spacing w:before="120" w:after="60" w:line="360" w:lineRule="auto"/></w:pPr>'
        f'<w:rPr>{FONTS}{bold}<w:sz w:val="{size}"/></w:rPr></w:style>'
    )


STYLES = (
    f'<w:styles xmlns:w="{SPACE}/wordprocessingml/2006/main">'
    + _style(TEXT, "Normal", 24, is_bold=False)
    + _style(HEADING_1, "heading 1", 36, is_bold=True)
    + _style(HEADING_2, "heading 2", 28, is_bold=True)
    + "</w:styles>"
)


def _paragraph(style: str, text: str) -> str:
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    return (
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:rPr>{FONTS}</w:rPr>{lines}</w:r>'
        "</w:p>"
    )


def docx(paragraphs: Iterable[tuple[str, str]], *, made_at: datetime) -> bytes:
    """A document of (style, text) paragraphs; the same paragraphs give the same bytes."""
    body = "".join(_paragraph(style, text) for style, text in paragraphs)
    document = (
        f'<w:document xmlns:w="{SPACE}/wordprocessingml/2006/main"><w:body>{body}</w:body>'
        "</w:document>"
    )
    parts = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": PACKAGE,
        "word/document.xml": document,
        "word/styles.xml": STYLES,
        "word/_rels/document.xml.rels": OF_DOCUMENT,
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as whole:
        for name, xml in parts.items():
            info = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            whole.writestr(info, f'<?xml version="1.0" encoding="UTF-8"?>{xml}')
    return made.getvalue()
