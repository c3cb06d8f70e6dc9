"""Documents as Word files: fonts per script, tables with a repeated head, the page's measures."""

import io
import zipfile
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from bot.reports.blocks import (
    A4,
    CHINESE,
    FIXED,
    LANGUAGES,
    LATIN,
    MARGIN,
    TIBETAN,
    Document,
    Fields,
    Heading,
    Picture,
    Table,
    Text,
)

SIZES = {"Normal": 10.5, "Title": 18.0, "Heading 2": 14.0, "Heading 3": 12.0}
# How much of the page's width the names of a record form take.
NAMES_SHARE = 0.22


def written(document: Document) -> bytes:
    """The bytes of the .docx file, always the same for the same document."""
    made = docx.Document()
    width = _page(made, landscape=document.landscape, foot=document.foot)
    _fonts(made, document.language)
    for block in document.blocks:
        match block:
            case Heading():
                style = "Title" if block.level == 1 else f"Heading {block.level}"
                made.add_paragraph(block.text, style=style)
            case Text():
                made.add_paragraph(block.text)
            case Picture():
                made.add_picture(io.BytesIO(block.data), width=Mm(width * block.share))
            case Fields():
                shares = (NAMES_SHARE, 1 - NAMES_SHARE)
                _table(made, block.rows, shares, width, bold_first=True)
            case Table():
                head = (block.head,) if block.head else ()
                table = _table(made, (*head, *block.rows), block.widths, width, heads=len(head))
                for row in table.rows[: len(head)]:
                    _repeat(row)
                for row in table.rows[len(head) :]:
                    if block.row_height:
                        row.height_rule = WD_ROW_HEIGHT_RULE.AT_LEAST
                        row.height = Mm(block.row_height)
    # The date of making is Word's own, and the same document shall be the same file.
    made.core_properties.created = made.core_properties.modified = FIXED
    made.core_properties.author = made.core_properties.comments = ""
    out = io.BytesIO()
    made.save(out)
    return _without_dates(out)


def _without_dates(pack: io.BytesIO) -> bytes:
    """The same file whose parts do not say when they were packed."""
    out = io.BytesIO()
    with zipfile.ZipFile(pack) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for part in made.infolist():
            name = zipfile.ZipInfo(part.filename, FIXED.timetuple()[:6])
            again.writestr(name, made.read(part), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _page(made: Any, *, landscape: bool, foot: str) -> float:
    """A4 with our margins; returns the width in mm that is left for what stands on it."""
    section = made.sections[0]
    wide, high = reversed(A4) if landscape else A4
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    for side in ("left_margin", "right_margin", "top_margin", "bottom_margin"):
        setattr(section, side, Mm(MARGIN))
    if foot:
        section.footer.paragraphs[0].text = foot
    return wide - 2 * MARGIN


def _fonts(made: Any, language: str) -> None:
    """Every style names a font for each script; headings would otherwise be Word's blue Calibri."""
    for name, size in SIZES.items():
        style = made.styles[name]
        style.font.name, style.font.size, style.font.bold = LATIN, Pt(size), name != "Normal"
        properties = style.element.get_or_add_rPr()
        fonts = properties.get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), CHINESE)
        fonts.set(qn("w:cs"), TIBETAN)
        for colour in properties.findall(qn("w:color")):
            properties.remove(colour)
    languages = OxmlElement("w:lang")
    languages.set(qn("w:val"), LANGUAGES.get(language, "zh-CN"))
    languages.set(qn("w:eastAsia"), "zh-CN")
    languages.set(qn("w:bidi"), "bo-CN")
    made.styles["Normal"].element.get_or_add_rPr().append(languages)


def _table(
    made: Any,
    rows: tuple[tuple[str, ...], ...],
    shares: tuple[float, ...],
    width: float,
    *,
    heads: int = 0,
    bold_first: bool = False,
) -> Any:
    table = made.add_table(rows=0, cols=len(shares))
    table.style = "Table Grid"
    table.autofit = False
    widths = [Mm(width * share / sum(shares)) for share in shares]
    for number, row in enumerate(rows):
        cells = table.add_row().cells
        for place, text in enumerate(row):
            cells[place].width = widths[place]
            run = cells[place].paragraphs[0].add_run(text)
            run.bold = place == 0 if bold_first else number < heads
    return table


def _repeat(row: Any) -> None:
    """The head stands on every page the table goes on to."""
    head = OxmlElement("w:tblHeader")
    head.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(head)
