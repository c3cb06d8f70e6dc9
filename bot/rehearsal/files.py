"""Keeps the files sent and received, and reads the few facts Telegram tells about them."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import struct
from pathlib import PurePath

from bot.rehearsal.refusal import bad_request
from bot.rehearsal.stored import Json, StoredFile
from bot.rehearsal.strict import Parameters, Upload

MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
MAX_DOWNLOAD = 20 * 1024 * 1024
_FOLDERS = {"document": "documents", "photo": "photos", "voice": "voice"}
_PREFIXES = {"document": "BQAC", "photo": "AgAC", "voice": "AwAC"}


class FileStore:
    """Files by file_id and by path; equal content under an equal name is kept once."""

    def __init__(self) -> None:
        self.by_id: dict[str, StoredFile] = {}
        self.by_path: dict[str, StoredFile] = {}

    def keep(self, kind: str, upload: Upload) -> StoredFile:
        """Store an upload as a document, photo or voice. Raises Refusal, as Telegram would."""
        if not upload.data:
            raise bad_request("file must be non-empty")
        name = upload.name.encode("utf-8", "replace").decode() or "file"
        mime, width, height = upload.mime, 0, 0
        if kind == "photo":
            mime, width, height = _photo(upload.data)
        elif kind == "voice":
            mime = "audio/ogg"
        digest = hashlib.sha256(f"{kind}\n{name}\n{mime}\n".encode() + upload.data)
        unique = base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")
        file_id = _PREFIXES[kind] + unique
        known = self.by_id.get(file_id)
        if known is not None:
            return known
        suffix = PurePath(name).suffix or mimetypes.guess_extension(mime) or ""
        file = StoredFile(
            file_id=file_id,
            unique_id=unique[:15],
            path=f"{_FOLDERS[kind]}/file_{len(self.by_id)}{suffix}",
            name=name,
            mime=mime,
            data=upload.data,
            width=width,
            height=height,
        )
        self.by_id[file_id] = self.by_path[file.path] = file
        return file

    def named(self, params: Parameters, kind: str) -> StoredFile:
        """The file a send method speaks of: an upload, attach://name, or an earlier file_id.

        A web address is refused: the stand-in reaches no network.
        """
        value = params.text(kind)
        upload = params.uploads.get(value.removeprefix("attach://") if value else kind)
        if upload is not None:
            return self.keep(kind, upload)
        if not value:
            raise bad_request(f"there is no {kind} in the request")
        file = self.by_id.get(value)
        if file is None or not value.startswith(_PREFIXES[kind]):
            raise bad_request("wrong file identifier/HTTP URL specified")
        return file


def describe(kind: str, file: StoredFile, duration: int | None = None) -> Json:
    """The part of a message that describes its file."""
    base: Json = {
        "file_id": file.file_id,
        "file_unique_id": file.unique_id,
        "file_size": len(file.data),
    }
    if kind == "photo":
        return {"photo": [{**base, "width": file.width, "height": file.height}]}
    if kind == "voice":
        seconds = ogg_seconds(file.data) if duration is None else duration
        return {"voice": {**base, "duration": seconds, "mime_type": file.mime}}
    return {"document": {**base, "file_name": file.name, "mime_type": file.mime}}


def _photo(data: bytes) -> tuple[str, int, int]:
    """Type and size of a picture that may be sent as a photo.

    Source: Bot API, sendPhoto: 10 MB, width and height together 10,000, their ratio 20. The page
    shows photos in place, so the type follows from the bytes and not from what was claimed.
    """
    if len(data) > MAX_PHOTO:
        raise bad_request("file is too big")
    width, height = image_size(data)
    if not width or not height:
        raise bad_request("IMAGE_PROCESS_FAILED")
    if width + height > 10_000 or not 1 / 20 <= width / height <= 20:
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return "image/png" if data.startswith(b"\x89PNG") else "image/jpeg", width, height


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a PNG or JPEG, (0, 0) for anything else."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if not data.startswith(b"\xff\xd8"):
        return 0, 0
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, size = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        # The frame headers C0-CF carry the size, but for three of them that hold tables.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + size
    return 0, 0


def ogg_seconds(data: bytes) -> int:
    """Length of an Ogg Opus recording (its last page's position at 48 kHz), at least 1."""
    page = data.rfind(b"OggS")
    if page < 0 or page + 14 > len(data):
        return 1
    position = int.from_bytes(data[page + 6 : page + 14], "little", signed=True)
    return max(1, round(position / 48_000))
