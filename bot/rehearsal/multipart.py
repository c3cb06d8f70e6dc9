"""Reads multipart bodies, for the Bot API and for the page."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from bot.rehearsal.files import MAX_UPLOAD


@dataclass(frozen=True, slots=True)
class Part:
    """One part; `file_name` is None for a plain field."""

    name: str
    file_name: str | None
    data: bytes
    mime: str

    @property
    def text(self) -> str:
        """The value of a plain field; bytes that are not UTF-8 become lone surrogates."""
        return self.data.decode("utf-8", "surrogateescape")


async def read_parts(request: web.Request) -> list[Part]:
    """Every part of the body, together at most Telegram's 50 MB and a little.

    Raises ValueError for a body that is not multipart, HTTPRequestEntityTooLarge.
    """
    parts: list[Part] = []
    size = 0
    limit = MAX_UPLOAD + 1_000_000
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise ValueError("a part without a name")
            data = bytearray()
            while chunk := await part.read_chunk(1 << 16):
                data += chunk
                size += len(chunk)
                if size > limit:
                    raise web.HTTPRequestEntityTooLarge(limit, size)
            mime = part.headers.get("Content-Type", "application/octet-stream")
            parts.append(Part(part.name, part.filename, bytes(data), mime.partition(";")[0]))
    except HttpProcessingError as error:
        raise ValueError("broken part") from error
    return parts
