"""A report's file appears only when it is whole; its workbook holds text as text."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, BinaryIO


@contextmanager
def opened(target: BinaryIO | Path) -> Iterator[IO[bytes]]:
    """A stream to write to; a path appears only when it is whole, readable by its owner only."""
    if not isinstance(target, Path):
        yield target
        return
    with TemporaryDirectory(dir=target.parent, prefix=".") as folder:  # the same disk: a rename
        unfinished = Path(folder) / target.name
        unfinished.touch(mode=0o600)
        with unfinished.open("wb") as stream:
            yield stream
        unfinished.replace(target)


@contextmanager
def new_workbook(target: BinaryIO | Path, *, made_at: datetime) -> Iterator[Any]:
    """A workbook to fill row by row; memory does not grow with the rows.

    No text in it becomes a formula, a link or a number. While it is filled, the rows lie in a
    private temporary folder.
    """
    import xlsxwriter

    with opened(target) as stream, TemporaryDirectory() as folder:
        options = {"constant_memory": True, "tmpdir": folder, "default_date_format": "yyyy-mm-dd"}
        never = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        book = xlsxwriter.Workbook(stream, {**options, **never})
        try:
            book.set_properties({"created": made_at.astimezone(UTC).replace(tzinfo=None)})
            book.use_zip64()
            yield book
            book.close()
        except BaseException:
            for sheet in book.worksheets():  # its files would otherwise stay open
                sheet.row_data_fh.close()
            raise
