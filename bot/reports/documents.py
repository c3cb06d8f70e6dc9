"""A document of headings, texts and tables, as a Word file to fill in and as a PDF to print.

Whoever makes one (a sign-in sheet, a supervision record, a summary of a visit) says what stands in
it; both files hold the same. Letters are chosen per script: Word has fonts for Latin, for Chinese
(East Asian) and for complex scripts such as Tibetan, and takes a box for what none of them holds.
"""

from typing import Any

from bot.reports import typeset
from bot.reports.blocks import MARGIN, Block, Document, Fields, Heading, Picture, Table, Text


def pdf(document: Document) -> bytes:
    """The document to print, with the product's own fonts."""
    return typeset.pdf("document", _facts(document))


def pictures(document: Document) -> list[bytes]:
    """The same pages as pictures, one PNG each, for whoever looks at them on a phone."""
    return typeset.pictures("document", _facts(document))


def _facts(document: Document) -> dict[str, Any]:
    return {
        "landscape": document.landscape,
        "foot": document.foot,
        "margin": MARGIN,
        "blocks": [_block(block) for block in document.blocks],
    }


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "text": block.text, "level": block.level}
        case Text():
            return {"kind": "text", "text": block.text}
        case Fields():
            return {"kind": "fields", "rows": block.rows}
        case Picture():
            return {"kind": "picture", "data": list(block.data), "share": block.share}
        case Table():
            return {
                "kind": "table",
                "head": block.head,
                "rows": block.rows,
                "widths": block.widths,
                "height": block.row_height,
            }


def docx(document: Document) -> bytes:
    """The document to fill in, for Word and WPS."""
    from bot.reports.word_files import written

    return written(document)
