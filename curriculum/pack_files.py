"""The files of a lesson pack, from a folder or a zip nobody has vouched for."""

import io
import os
import re
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from curriculum import recordings
from curriculum.clean_text import clean
from curriculum.lesson_problems import PackRefused, Problem

SETTINGS = "pack.toml"
MAX_FILES = 2_000
MAX_PACK = 20 * 1024 * 1024  # bytes, packed and unpacked
MAX_FILE = 64 * 1024  # bytes of one text
MAX_PICTURE = 8 * 1024 * 1024  # bytes as a camera writes them; a small copy is what is sent
MAX_VOICE = recordings.MAX_BYTES
MAX_RATIO = 100  # unpacked to packed; text reaches about 10, a bomb 1,000
MAX_DEPTH = 5  # folders inside each other

# What computers and authors leave beside lessons and nobody reads.
_IGNORED = re.compile(r"(^|/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini|README(\.\w+)?)(/|$)", re.I)
_PICTURE = re.compile(r"\.(png|jpe?g|webp)$", re.I)
_VOICE = re.compile(r"\.(ogg|oga|opus)$", re.I)
# What authors try, and what they hear instead of "unexpected".
_OTHER_PICTURE = re.compile(r"\.(gif|bmp|svg|heic|heif|avif|tiff?)$", re.I)
_OTHER_VOICE = re.compile(r"\.(mp3|m4a|aac|amr|wav|flac|wma|mp4|3gp)$", re.I)
_DRIVE = re.compile(r"[A-Za-z]:")
_CHUNK = 16 * 1024


@dataclass(frozen=True, slots=True)
class PackFiles:
    """A pack's files by path inside it, with `/` between folders: texts, and pictures and voice."""

    texts: dict[str, str]
    media: dict[str, bytes]


def read_folder(folder: Path) -> PackFiles:
    """What lies in a folder and its folders. PackRefused with every problem."""
    shelf = _Shelf(folder.name)
    for place, folders, names in os.walk(folder, followlinks=False):
        here = Path(place)
        folders[:] = sorted(name for name in folders if not _IGNORED.search(name))
        for name in sorted(folders + names):
            path = here / name
            inside = path.relative_to(folder).as_posix()
            if path.is_symlink():
                shelf.refuse(inside, "file_link")
            elif path.is_file() and shelf.wants(inside):
                with path.open("rb") as file:
                    shelf.put(inside, file.read(_limit(inside) + 1))
    return shelf.done()


def read_zip(data: bytes, name: str) -> PackFiles:
    """The same from the bytes of a zip called `name`. Only what can be a lesson is unpacked."""
    shelf = _Shelf(name)
    if len(data) > MAX_PACK:
        shelf.refuse(name, "pack_too_large", limit=MAX_PACK // 1024 // 1024)
        return shelf.done()
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        shelf.refuse(name, "zip_broken")
        return shelf.done()
    with archive:
        entries = archive.infolist()
        if len(entries) > MAX_FILES:
            shelf.refuse(name, "too_many_files", limit=MAX_FILES)
            return shelf.done()
        paths = [_path_of(entry) for entry in entries]
        top = _common_top(paths)
        for entry, path in zip(entries, paths, strict=True):
            _take(archive, entry, path, top, shelf)
    return shelf.done()


class _Shelf:
    """Collects what may be read and what is wrong, within the pack's limits."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.files: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self._size = 0
        self._seen: set[str] = set()

    def refuse(self, path: str, code: str, *, line: int = 0, **facts: str | int) -> None:
        shown = clean(path).replace("\n", " ")[:200]
        self.problems.append(Problem(shown, line, code, facts))

    def wants(self, path: str) -> bool:
        """Whether this file is to be read; says why when it should not be there at all."""
        if _IGNORED.search(path):
            return False
        key = same_name(path)
        if key in self._seen:
            self.refuse(path, "file_twice")
        elif _OTHER_PICTURE.search(path):
            self.refuse(path, "picture_kind")
        elif _OTHER_VOICE.search(path):
            self.refuse(path, "voice_kind")
        elif not (path.endswith(".md") or path == SETTINGS or is_media(path)):
            self.refuse(path, "file_unexpected")
        elif path.count("/") > MAX_DEPTH:
            self.refuse(path, "too_deep", limit=MAX_DEPTH)
        elif len(self._seen) >= MAX_FILES:
            if len(self._seen) == MAX_FILES:
                self.refuse(self.name, "too_many_files", limit=MAX_FILES)
        else:
            self._seen.add(key)
            return True
        self._seen.add(key)
        return False

    def put(self, path: str, data: bytes) -> None:
        self._size += len(data)
        if len(data) > _limit(path):
            self._refuse_size(path)
        elif self._size > MAX_PACK:
            if self._size - len(data) <= MAX_PACK:
                self.refuse(self.name, "pack_too_large", limit=MAX_PACK // 1024 // 1024)
        else:
            self.files[path] = data

    def _refuse_size(self, path: str) -> None:
        if _PICTURE.search(path):
            self.refuse(path, "picture_too_large", limit=MAX_PICTURE // 1024 // 1024)
        elif _VOICE.search(path):
            self.refuse(path, "voice_too_large", limit=MAX_VOICE // 1024 // 1024)
        else:
            self.refuse(path, "file_too_large", limit=MAX_FILE // 1024)

    def done(self) -> PackFiles:
        texts = {}
        media = {path: data for path, data in self.files.items() if is_media(path)}
        for path, data in self.files.items():
            text = None if path in media else self._decoded(path, data)
            if text is not None:
                texts[path] = clean(text)
        if self.problems:
            raise PackRefused(self.problems)
        return PackFiles(texts, media)

    def _decoded(self, path: str, data: bytes) -> str | None:
        if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:2]:
            self.refuse(path, "encoding_known", line=1, found="UTF-16")
            return None
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
        try:
            data.decode("gb18030")
        except UnicodeDecodeError:
            self.refuse(path, "encoding_unknown", line=line)
        else:
            self.refuse(path, "encoding_known", line=line, found="GBK")
        return None


def is_media(path: str) -> bool:
    """Whether a file can be a picture or a recording, by its name alone."""
    return bool(_PICTURE.search(path) or _VOICE.search(path))


def same_name(path: str) -> str:
    """A path as file systems compare it: capitals and how accents are put together do not count."""
    return unicodedata.normalize("NFC", path).casefold()


def _limit(path: str) -> int:
    """How many bytes a file of this name may have."""
    if _PICTURE.search(path):
        return MAX_PICTURE
    return MAX_VOICE if _VOICE.search(path) else MAX_FILE


def _path_of(entry: zipfile.ZipInfo) -> str:
    """The name as it was meant: zips from Chinese Windows carry GBK without saying so."""
    raw = entry.orig_filename
    if entry.flag_bits & 0x800 or raw.isascii():
        return raw
    try:
        encoded = raw.encode("cp437")
    except UnicodeEncodeError:
        return raw
    for encoding in ("utf-8", "gb18030"):
        try:
            return encoded.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw


def _common_top(paths: list[str]) -> str:
    """The one folder everything lies in ("starter/"), or "" when the settings lie at the root."""
    tops = {path.split("/", 1)[0] + "/" for path in paths if not _IGNORED.search(path)}
    if len(tops) != 1 or SETTINGS in paths:
        return ""
    top = tops.pop()
    return "" if top in {"/", "../", "./"} else top


def _take(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, top: str, shelf: _Shelf
) -> None:
    parts = path.removesuffix("/").split("/")
    unsafe = any(part in {"", ".", ".."} for part in parts)
    if unsafe or _DRIVE.match(path) or "\\" in path or any(not char.isprintable() for char in path):
        shelf.refuse(path, "unsafe_name")
        return
    inside = path.removeprefix(top)
    if stat.S_ISLNK(entry.external_attr >> 16):
        shelf.refuse(inside, "file_link")
    elif not path.endswith("/") and shelf.wants(inside):
        if entry.flag_bits & 0x1:
            shelf.refuse(inside, "zip_encrypted")
        elif entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            # the other methods unpack without a limit
            shelf.refuse(inside, "zip_method")
        else:
            _unpack(archive, entry, inside, shelf)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: str, shelf: _Shelf) -> None:
    data = bytearray()
    try:
        for chunk in _chunks(archive, entry):
            data += chunk
            if len(data) > _limit(path):
                break
            if len(data) > _CHUNK and len(data) > MAX_RATIO * max(entry.compress_size, 1):
                shelf.refuse(path, "zip_bomb")
                return
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        shelf.refuse(path, "zip_broken")
        return
    shelf.put(path, bytes(data))


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    with archive.open(entry) as member:
        while chunk := member.read(_CHUNK):
            yield chunk
