"""一期一档 as one zip: written piece by piece to disk, in parts where one would be too large."""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session

from bot.render import Renderer
from bot.reports import documents, training_papers, training_workbooks
from bot.reports.blocks import Document
from bot.reports.training_papers import Contents, words_of
from bot.reports.training_sheets import sign_in_document
from bot.training_certificate import certificate_pdf, file_name
from curriculum import training_file
from curriculum.people import ZONE
from curriculum.rhythm import local_date
from curriculum.training_file import TrainingFile

# Telegram takes 50 MB from a bot; what a zip says of each file comes on top of the files.
PART_BYTES = 45_000_000
# Kept free in the first part for the contents, which are known last.
FOR_CONTENTS = 1_000_000
NAME_LIMIT = 80
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')
DOCX, PDF, XLSX, ZIP = ".docx", ".pdf", ".xlsx", ".zip"


@dataclass(frozen=True, slots=True)
class Packed:
    """A file on disk: its parts in order, and how many files they hold.

    `missing` are the names of papers that are not among them; `notes` say what else is not.
    """

    parts: tuple[Path, ...]
    files: int
    missing: tuple[str, ...]
    notes: tuple[str, ...]


class Archive:
    """Zip files in a folder, a new one whenever the next piece could make one too large."""

    def __init__(self, folder: Path, *, made_at: datetime, limit: int = PART_BYTES) -> None:
        self._folder, self._limit = folder, limit
        self._dated = made_at.timetuple()[:6]
        self._paths: list[Path] = []
        self._stream: BinaryIO | None = None
        self._zip: zipfile.ZipFile | None = None
        self.files = 0

    @property
    def parts(self) -> int:
        """How many zip files there are so far."""
        return len(self._paths)

    def add(self, name: str, data: bytes) -> int:
        """Write one piece; gives the number of the part it is in."""
        reserved = FOR_CONTENTS if self.parts <= 1 else 0
        if self._zip is None or self._size() + len(data) + reserved > self._limit:
            self._next()
        self._write(self._zip, name, data)
        return self.parts

    def finish(self, name: str, contents: bytes) -> list[Path]:
        """Put the contents into the first part, where they are looked for; gives all parts."""
        if self._zip is None:
            self._next()
        self.close()
        with zipfile.ZipFile(self._paths[0], "a", zipfile.ZIP_DEFLATED) as first:
            self._write(first, name, contents)
        return self._paths

    def _write(self, into: zipfile.ZipFile | None, name: str, data: bytes) -> None:
        if into is None:
            raise ValueError(name)
        piece = zipfile.ZipInfo(name, self._dated)
        piece.external_attr = 0o600 << 16
        into.writestr(piece, data, zipfile.ZIP_DEFLATED)
        self.files += 1

    def _size(self) -> int:
        return self._stream.tell() if self._stream is not None else 0

    def _next(self) -> None:
        self.close()
        path = self._folder / f"part_{len(self._paths) + 1}{ZIP}"
        path.touch(mode=0o600)
        self._paths.append(path)
        self._stream = path.open("wb")
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED)

    def close(self) -> None:
        """End the part that is being written; what is unfinished is of no use."""
        if self._zip is not None and self._stream is not None:
            self._zip.close()
            self._stream.close()
            self._zip = self._stream = None


@dataclass(frozen=True, slots=True)
class _Group:
    """Pieces of one kind: a line of the contents, and the pieces as (name, what makes it)."""

    what: str
    name: str
    count: str
    pieces: Sequence[tuple[str, Callable[[], bytes]]]


@dataclass(frozen=True, slots=True)
class Making:
    """What a file is made of: the facts, the register on disk, the papers that were fetched.

    `papers` are the files by the paper's id; one that is missing is named in the contents.
    `username` is the bot that the certificates' codes open.
    """

    found: TrainingFile
    register: Path
    rows: int
    papers: Mapping[int, Path]
    renderer: Renderer
    language: str
    username: str
    made_at: datetime


def write_register(
    session: Session,
    found: TrainingFile,
    folder: Path,
    *,
    renderer: Renderer,
    language: str,
    made_at: datetime,
) -> tuple[Path, int]:
    """The register of hours on disk, streamed from the ledger; gives (path, how many rows)."""
    path = folder / f"register{XLSX}"
    rows = training_workbooks.write_register(
        training_file.ledger(session, found.event.event_id, found.halves),
        found.halves,
        path,
        renderer=renderer,
        language=language,
        made_at=made_at,
    )
    return path, rows


def pack(
    making: Making,
    folder: Path,
    *,
    on_piece: Callable[[int], None] | None = None,
    limit: int = PART_BYTES,
) -> Packed:
    """Write all pieces into `folder`, one at a time; `on_piece` hears how many there are so far."""
    words = words_of(making.language)
    archive = Archive(folder, made_at=making.made_at, limit=limit)
    try:
        lines = [_added(archive, group, on_piece) for group in _groups(making, folder)]
        contents = training_papers.index_document(
            making.found,
            lines,
            notes=[*_not_fetched(making), *_notes(making)],
            parts=archive.parts,
            language=making.language,
            made_on=local_date(making.made_at, ZONE),
        )
        paths = archive.finish(f"{words['index']}{DOCX}", documents.docx(contents))
    finally:
        archive.close()
    return Packed(tuple(paths), archive.files, _missing(making), tuple(_notes(making)))


def _added(archive: Archive, group: _Group, on_piece: Callable[[int], None] | None) -> Contents:
    """Write the pieces of a group; its line of the contents names the part of the first."""
    part = archive.parts or 1
    for place, (name, make) in enumerate(group.pieces):
        lies_in = archive.add(name, make())
        part = lies_in if place == 0 else part
        if on_piece is not None:
            on_piece(archive.files)
    return Contents(group.what, group.name, group.count, part)


def _groups(making: Making, folder: Path) -> Iterator[_Group]:
    words, found, language = words_of(making.language), making.found, making.language
    renderer = making.renderer
    notice = training_papers.notice_document(found, renderer, language)
    name = f"1_{words['notice']}"
    yield _Group(words["notice"], f"{name}{DOCX}, {PDF}", "1", _both(name, notice))
    roster = folder / f"roster{XLSX}"
    coming = training_workbooks.write_roster(
        found, roster, renderer=renderer, language=language, made_at=making.made_at
    )
    name, count = f"2_{words['roster']}{XLSX}", words["roster_count"].format(count=coming)
    yield _Group(words["roster"], name, count, ((name, roster.read_bytes),))
    yield _sheets(making)
    name = f"4_{words['register']}{XLSX}"
    count = words["register_count"].format(count=making.rows)
    yield _Group(words["register"], name, count, ((name, making.register.read_bytes),))
    evaluation = training_papers.evaluation_document(found, renderer, language)
    name = f"5_{words['evaluation']}{DOCX}"
    yield _Group(words["evaluation"], name, "1", ((name, lambda: documents.docx(evaluation)),))
    yield _certificates(making)
    yield _papers(making)


def _both(name: str, document: Document) -> tuple[tuple[str, Callable[[], bytes]], ...]:
    return (
        (f"{name}{DOCX}", lambda: documents.docx(document)),
        (f"{name}{PDF}", lambda: documents.pdf(document)),
    )


def _sheets(making: Making) -> _Group:
    words, sheets = words_of(making.language), making.found.sheets
    folder = f"3_{words['sheets']}"
    pieces: list[tuple[str, Callable[[], bytes]]] = []
    for number, sheet in enumerate(sheets, start=1):
        document = sign_in_document(sheet, making.renderer, making.language)
        day = local_date(sheet.starts_at, ZONE).isoformat()
        pieces += _both(f"{folder}/{number:02d}_{day}_{safe(sheet.topic)}", document)
    count = words["sheets_count"].format(count=len(sheets))
    return _Group(words["sheets"], f"{folder}/", count, pieces)


def _certificates(making: Making) -> _Group:
    words, given = words_of(making.language), making.found.certificates
    folder = f"6_{words['certificates']}"

    def made(one: training_file.Given) -> Callable[[], bytes]:
        return lambda: certificate_pdf(one.statement, one.signature, username=making.username)

    pieces = [
        (
            f"{folder}/{Path(file_name(one.statement.serial)).stem}_{safe(one.statement.name)}{PDF}",
            made(one),
        )
        for one in given
    ]
    count = words["certificates_count"].format(count=len(given))
    return _Group(words["certificates"], f"{folder}/", count, pieces)


def _papers(making: Making) -> _Group:
    words = words_of(making.language)
    folder = f"7_{words['papers']}"
    pieces = [
        (f"{folder}/{number:02d}_{safe(one.name)}", making.papers[one.paper_id].read_bytes)
        for number, one in enumerate(making.found.papers, start=1)
        if one.paper_id in making.papers
    ]
    count = words["papers_count"].format(count=len(pieces))
    return _Group(words["papers"], f"{folder}/", count, pieces)


def _missing(making: Making) -> tuple[str, ...]:
    papers = making.found.papers
    return tuple(one.name for one in papers if one.paper_id not in making.papers)


def _not_fetched(making: Making) -> list[str]:
    word = words_of(making.language)["not_fetched"]
    return [word.format(name=name) for name in _missing(making)]


def _notes(making: Making) -> list[str]:
    """What besides papers is not in it, and why."""
    nameless = making.found.nameless
    return [words_of(making.language)["nameless"].format(count=nameless)] if nameless else []


def safe(name: str) -> str:
    """A name as every system can keep a file."""
    plain = _UNSAFE.sub("-", unicodedata.normalize("NFC", name)).strip(" .")
    stem, suffix = Path(plain).stem, Path(plain).suffix
    return f"{stem[: NAME_LIMIT - len(suffix)]}{suffix}" or "-"


def archive_name(making: Making, part: int, parts: int) -> str:
    """What a part is called: 培训档案_社工实务培训_2026-12-21_1of3.zip."""
    words, event = words_of(making.language), making.found.event
    day = local_date(event.starts_at, ZONE).isoformat()
    which = f"_{part}of{parts}" if parts > 1 else ""
    return f"{words['archive']}_{safe(event.title)}_{day}{which}{ZIP}"
