"""Pictures and recordings for tests, made on the spot: real JPEG, PNG, WebP, and Ogg Opus."""

import io
import struct

from PIL import Image, ImageDraw


def picture(
    width: int = 400, height: int = 300, *, kind: str = "PNG", mode: str = "RGB", **options: object
) -> bytes:
    """A white sheet with a red corner at the top left and a black line."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 4, height // 4), fill="red")
    draw.line((0, height - 1, width - 1, 0), fill="black", width=2)
    out = io.BytesIO()
    image.convert(mode).save(out, kind, **options)
    return out.getvalue()


def opus(seconds: int = 3) -> bytes:
    """An Ogg stream of Opus: its head, its tags, and pages of silence, twenty packets each."""
    silence = b"\xf8\xff\xfe"  # 20 ms, RFC 6716
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 4) + b"test" + struct.pack("<I", 0)
    pages = [_page(0x02, 0, 0, [head]), _page(0, 0, 1, [tags])]
    packets, made = seconds * 50, 0
    while made < packets:
        count = min(20, packets - made)
        made += count
        last = 0x04 if made == packets else 0
        pages.append(_page(last, 312 + made * 960, len(pages), [silence] * count))
    return b"".join(pages)


def _page(flags: int, position: int, number: int, packets: list[bytes]) -> bytes:
    """RFC 3533, section 6; every packet here is shorter than 255 bytes."""
    lengths = bytes(len(packet) for packet in packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, position, 7, number, 0)
    page = head + bytes([len(packets)]) + lengths + b"".join(packets)
    return page[:22] + struct.pack("<I", _checksum(page)) + page[26:]


def _checksum(page: bytes) -> int:
    """CRC-32 of Ogg: polynomial 0x04c11db7, nothing reflected, nothing inverted."""
    crc = 0
    for byte in page:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc
