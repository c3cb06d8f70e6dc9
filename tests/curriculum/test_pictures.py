"""Pictures: whatever arrives leaves small, upright and without a trace, or is refused."""

import io
import random
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from curriculum.pictures import LONGEST_SIDE, MAX_BYTES, PictureRefused, small_jpeg
from tests.media_files import picture

GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def noise(width: int, height: int) -> bytes:
    """What compresses worst."""
    dots = random.Random(7).randbytes(width * height * 3)  # noqa: S311  no secret
    out = io.BytesIO()
    Image.frombytes("RGB", (width, height), dots).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_every_kind_becomes_a_small_jpeg(kind: str) -> None:
    """At most 1,280 dots a side and 100 KB, in the picture's own proportions."""
    small = small_jpeg(picture(3_000, 2_000, kind=kind))
    image = opened(small)
    assert (image.format, image.mode) == ("JPEG", "RGB")
    assert image.size == (LONGEST_SIDE, 853)
    assert len(small) <= MAX_BYTES


def test_a_small_picture_is_not_made_larger() -> None:
    """Dots that are not there would cost data and show nothing."""
    assert opened(small_jpeg(picture(400, 300))).size == (400, 300)


def test_even_noise_fits() -> None:
    """The worst picture loses dots until it fits."""
    small = small_jpeg(noise(1_600, 1_200))
    assert len(small) <= MAX_BYTES
    assert min(opened(small).size) >= 200


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_colour_mode_keeps_its_white(mode: str) -> None:
    """Black and white, grey, palettes, transparency, sixteen bits: the sheet stays white."""
    data = picture(mode="L") if mode == "I;16" else picture(mode=mode)
    if mode == "I;16":
        grey = Image.new("I;16", (400, 300), 0xFFFF)
        out = io.BytesIO()
        grey.save(out, "PNG")
        data = out.getvalue()
    image = opened(small_jpeg(data)).convert("L")
    assert image.getpixel((350, 250)) >= 250  # type: ignore[operator]


def test_print_colours_become_screen_colours() -> None:
    """A CMYK scan keeps its red corner."""
    red, green, blue = opened(small_jpeg(picture(kind="JPEG", mode="CMYK"))).getpixel((20, 20))  # type: ignore[misc]
    assert red > 180
    assert max(green, blue) < 90


def test_what_was_transparent_is_white() -> None:
    """A drawing without a background is read on white, not on black."""
    out = io.BytesIO()
    Image.new("RGBA", (200, 200), (0, 0, 0, 0)).save(out, "PNG")
    assert opened(small_jpeg(out.getvalue())).getpixel((100, 100)) == (255, 255, 255)


def test_place_and_camera_are_gone_and_the_picture_is_upright() -> None:
    """Where a photo was taken leaves with its other notes; its orientation is applied."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # turned a quarter: the red corner belongs at the top right
    exif[MAKE] = "SECRET-CAMERA"
    exif.get_ifd(GPS)[1] = "N"
    data = picture(400, 300, kind="JPEG", exif=exif, comment=b"SECRET-COMMENT")
    assert b"SECRET" in data
    small = small_jpeg(data)
    image = opened(small)
    assert b"SECRET" not in small
    assert b"Exif" not in small
    assert dict(image.getexif()) == {}
    assert image.size == (300, 400)
    red, green, _ = image.getpixel((280, 20))  # type: ignore[misc]
    assert red > 200
    assert green < 100


def _claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims to be of any size."""
    data = bytearray(picture(64, 64))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(data[12:29]))
    return bytes(data)


@pytest.mark.parametrize("size", [(5_001, 5_000), (20_000, 20_000), (60_000, 60_000)])
def test_a_bomb_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    """A few bytes cannot claim more memory than there is."""
    with pytest.raises(PictureRefused) as refused:
        small_jpeg(_claiming(*size))
    assert refused.value.code == "picture_too_many_dots"


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "PDF", "EPS"])
def test_other_kinds_are_not_opened(kind: str) -> None:
    """Only three decoders are ever given a byte, whatever a file calls itself."""
    with pytest.raises(PictureRefused) as refused:
        small_jpeg(picture(kind=kind))
    assert refused.value.code == "picture_not_read"


@settings(deadline=None)  # the machine may be busy
@given(st.binary(max_size=400), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_any_bytes_are_a_picture_or_refused(data: bytes, head: bytes) -> None:
    """Nothing but a refusal ever comes out of what is no picture."""
    with pytest.raises(PictureRefused):
        small_jpeg(head + data)


KINDS = {kind: picture(80, 60, kind=kind) for kind in ("PNG", "JPEG", "WEBP")}


@settings(deadline=None, max_examples=200)  # the machine may be busy
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), min_size=1, max_size=12),
    st.integers(1, 4_000),
)
def test_a_picture_damaged_anywhere_is_small_or_refused(
    kind: str, changes: list[tuple[int, int]], end: int
) -> None:
    """Whatever happened to a picture on its way, the answer is a small picture or a refusal."""
    data = bytearray(KINDS[kind])
    for place, byte in changes:
        data[place % len(data)] = byte
    try:
        small = small_jpeg(bytes(data[: max(20, end)]))
    except PictureRefused:
        return
    assert len(small) <= MAX_BYTES
    assert max(opened(small).size) <= LONGEST_SIDE
