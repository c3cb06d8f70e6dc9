"""A small Word document of headings and paragraphs, written and read back, each heading known.

Every section's heading carries a bookmark, which Word and WPS keep while its text is edited; where
one was lost, the section is known by its heading's words. Nothing else of what Word may add to a
document is read.
"""

import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# What Word keeps beside a drawing for older programs repeats it.
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# Beyond it no text of ours is; a file that unpacks into more is not ours either.
MAX_XML = 20_000_000
# Word names no bookmark with more.
BOOKMARK = 40

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels"'
    ' ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.document.main+xml"/>'
    '<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-'
    'officedocument.wordprocessingml.styles+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/{kind}" Target="{target}"/></Relationships>'
)


class NoDocument(ValueError):
    """The bytes are no Word document that can be read."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of a level (1 to 3) and the lines below it; `key` is its bookmark, "" for none."""

    key: str
    level: int
    heading: str
    text: str


def written(title: str, sections: Sequence[Section]) -> bytes:
    """A document with a title and sections; ValueError for a key that Word would not keep."""
    body = [_paragraph(title, style="Title")]
    for number, section in enumerate(sections, 1):
        if len(section.key) > BOOKMARK:
            raise ValueError(section.key)
        body.append(_heading(number, section))
        body += [_paragraph(line) for line in section.text.split("\n") if line.strip()]
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:document xmlns:w="{W}"><w:body>{"".join(body)}<w:sectPr/></w:body></w:document>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        # A fixed date, so that the same text gives the same file.
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", _RELATIONS.format(kind="officeDocument", target="word/document.xml")),
            ("word/_rels/document.xml.rels", _RELATIONS.format(kind="styles", target="styles.xml")),
            ("word/styles.xml", _styles()),
            ("word/document.xml", document),
        ):
            pack.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), text)
    return out.getvalue()


def _heading(number: int, section: Section) -> str:
    run = _run(section.heading)
    if section.key:
        run = (
            f'<w:bookmarkStart w:id="{number}" w:name={quoteattr(section.key)}/>{run}'
            f'<w:bookmarkEnd w:id="{number}"/>'
        )
    return f'<w:p><w:pPr><w:pStyle w:val="Heading{section.level}"/></w:pPr>{run}</w:p>'


def _paragraph(text: str, *, style: str = "Normal") -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_run(text)}</w:p>'


def _run(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _styles() -> str:
    """Sizes in half points; fonts that a Chinese Word has, chosen by its own theme otherwise."""
    sizes = (("Normal", "Normal", 22), ("Title", "Title", 36))
    headings = tuple((f"Heading{n}", f"heading {n}", 34 - 4 * n) for n in (1, 2, 3))
    made = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>'
        f'<w:pPr><w:spacing w:before="{0 if key == "Normal" else 200}" w:after="80"/></w:pPr>'
        f'<w:rPr>{"" if key == "Normal" else "<w:b/>"}<w:sz w:val="{size}"/></w:rPr></w:style>'
        for key, name, size in (*sizes, *headings)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:styles xmlns:w="{W}">{made}</w:styles>'
    )


def read(data: bytes) -> list[Section]:
    """The sections of a document, what stands before the first heading left out.

    Raises NoDocument.
    """
    root = part(data)
    sections: list[Section] = []
    lines: list[str] = []
    for paragraph in root.iter(f"{{{W}}}p"):
        level, text = _level(paragraph), text_of(paragraph)
        if level == 0:
            lines.append(text)
            continue
        _close(sections, lines)
        lines = []
        sections.append(Section(_bookmark(paragraph), level, text.strip(), ""))
    _close(sections, lines)
    return sections


def _close(sections: list[Section], lines: list[str]) -> None:
    if sections:
        last = sections.pop()
        text = "\n".join(line for line in lines if line.strip()).strip()
        sections.append(Section(last.key, last.level, last.heading, text))


def part(data: bytes, name: str = "word/document.xml") -> Any:
    """The root of a part of a document, by default of its body; raises NoDocument without it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as pack:
            if pack.getinfo(name).file_size > MAX_XML:
                raise NoDocument
            xml = pack.read(name)
        # Entities are not resolved and nothing is fetched: the file comes from outside.
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
        return etree.fromstring(xml, parser)
    except (
        *(zipfile.BadZipFile, zlib.error, KeyError, OSError, ValueError, RuntimeError),
        *(NotImplementedError, etree.XMLSyntaxError),
    ) as error:
        raise NoDocument from error


def named(tag: str) -> str:
    """A tag or attribute of Word's own, as lxml names it."""
    return f"{{{W}}}{tag}"


def value_of(element: Any, path: str) -> str:
    """The value of a property below an element (`pPr/pStyle`), "" for none."""
    found = element.find("/".join(named(one) for one in path.split("/")))
    return str(found.get(named("val"), "")) if found is not None else ""


def _level(paragraph: Any) -> int:
    """The heading's level, 0 for other text; Word names its styles in its own language."""
    style = paragraph.find(f"{{{W}}}pPr/{{{W}}}pStyle")
    name = "" if style is None else style.get(f"{{{W}}}val", "")
    digits = name.removeprefix("Heading").removeprefix("标题").strip()
    if name == "Title":
        return 1
    # Chinese Word numbers the built-in headings 2, 3, 4 where it renames them.
    return int(digits) if digits.isdecimal() and len(digits) == 1 else 0


def _bookmark(paragraph: Any) -> str:
    for mark in paragraph.iter(f"{{{W}}}bookmarkStart"):
        name: str = mark.get(f"{{{W}}}name", "")
        if not name.startswith("_"):
            return name
    return ""


def text_of(element: Any) -> str:
    """The words of a paragraph; what was deleted, or moved away, with changes tracked is not among
    them.
    """
    found: list[str] = []
    _collect(element, found)
    return "".join(found)


def _collect(element: Any, found: list[str]) -> None:
    for node in element:
        if node.tag == f"{{{W}}}t":
            found.append(node.text or "")
        elif node.tag in (f"{{{W}}}br", f"{{{W}}}cr"):
            found.append("\n")
        elif node.tag == f"{{{W}}}tab":
            found.append(" ")
        elif node.tag == f"{{{W}}}noBreakHyphen":
            found.append("-")
        elif node.tag not in (f"{{{W}}}moveFrom", f"{{{W}}}pPr", FALLBACK):
            # A box of text stands in its paragraph with paragraphs of its own.
            if node.tag == f"{{{W}}}p" and found:
                found.append("\n")
            _collect(node, found)
