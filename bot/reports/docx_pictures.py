"""The pictures of a Word document, made small enough for a PDF that travels over a thin network."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any

from bot.reports.blocks import A4, MARGIN, Picture
from bot.reports.docx_text import FALLBACK, NoDocument, part
from curriculum.pictures import PictureRefused, small_jpeg

# More than these no summary has, and a PDF of more travels badly.
MOST = 20
MAX_BYTES = 20_000_000
_DRAWN = "http://schemas.openxmlformats.org/drawingml/2006/"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_BLIP = f"{{{_DRAWN}main}}blip"
# How older programs, and some phones, put a picture into a document.
_OLD = "{urn:schemas-microsoft-com:vml}imagedata"
_EXTENT = f"{{{_DRAWN}wordprocessingDrawing}}extent"
# Word measures a picture in 914,400ths of an inch.
_PER_MM = 36_000
_WIDTH = A4[0] - 2 * MARGIN


class Pictures:
    """Those of one document, as its paragraphs are read; `left_out` counts what cannot be shown."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._targets = _targets(data)
        self._shown = 0
        self.left_out = 0

    def below(self, element: Any) -> Iterator[Picture]:
        """The pictures of a paragraph or table, in their order."""
        for node in element.iter(_BLIP, _OLD):
            if next(node.iterancestors(FALLBACK), None) is not None:
                continue
            name = node.get(f"{{{_LINKS}}}embed") or node.get(f"{{{_LINKS}}}id") or ""
            small = self._small(name) if self._shown < MOST else None
            if small is None:
                self.left_out += 1
                continue
            self._shown += 1
            yield Picture(small, _share(node))

    def _small(self, name: str) -> bytes | None:
        """A picture by the name of its link; None for one that lies elsewhere or is no picture."""
        try:
            with zipfile.ZipFile(io.BytesIO(self._data)) as pack:
                target = self._targets[name]
                if pack.getinfo(target).file_size > MAX_BYTES:
                    return None
                return small_jpeg(pack.read(target))
        except (KeyError, PictureRefused, OSError, zipfile.BadZipFile):
            return None


def _targets(data: bytes) -> dict[str, str]:
    """Where in the file each link of the document leads, those to elsewhere left out."""
    try:
        root = part(data, "word/_rels/document.xml.rels")
    except NoDocument:
        return {}
    return {
        link.get("Id", ""): posixpath.normpath(
            posixpath.join("/word", link.get("Target", ""))
        ).lstrip("/")
        for link in root
        if link.get("TargetMode") != "External"
    }


def _share(node: Any) -> float:
    """How much of the page's width a picture takes; all of it where the document does not say."""
    for above in node.iterancestors():
        extent = above.find(_EXTENT)
        if extent is not None:
            written = extent.get("cx", "")
            wide = int(written) / _PER_MM / _WIDTH if written.isdecimal() else 1.0
            return min(max(wide, 0.05), 1.0)
    return 1.0
