"""Recordings of lessons: whether a file is what Telegram plays as a voice message."""

import struct

MIME = "audio/ogg"
MAX_BYTES = 1024 * 1024  # above it Telegram shows a file and no voice message
_PAGE = struct.Struct("<4sBBqIIIB")  # RFC 3533, section 6
_FIRST = 0x02
_OPUS_RATE = 48_000  # an Opus position counts in this, whatever was recorded (RFC 7845, section 4)


class NotOpus(ValueError):
    """The bytes are not one Ogg stream of Opus."""


def seconds_of(data: bytes) -> int:
    """How long an Ogg Opus recording lasts, at least 1; raises NotOpus for any other file."""
    at, last, skipped = 0, 0, None
    while at < len(data):
        if len(data) - at < _PAGE.size:
            raise NotOpus
        mark, version, flags, position, _, _, _, count = _PAGE.unpack_from(data, at)
        body = at + _PAGE.size + count
        end = body + sum(data[at + _PAGE.size : body])
        if mark != b"OggS" or version != 0 or end > len(data):
            raise NotOpus
        if skipped is None:
            skipped = _skipped(data[body:end], flags)
        last = max(last, position)
        at = end
    if skipped is None or last <= skipped:
        raise NotOpus
    return max(1, round((last - skipped) / _OPUS_RATE))


def _skipped(head: bytes, flags: int) -> int:
    """How many samples a player leaves out at the start, from the stream's first page."""
    if not flags & _FIRST or len(head) < 19 or not head.startswith(b"OpusHead"):
        raise NotOpus
    return int.from_bytes(head[10:12], "little")
