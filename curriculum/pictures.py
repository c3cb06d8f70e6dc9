"""Pictures for a thin network: any JPEG, PNG or WebP made into a small plain JPEG.

It lives here and not in bot because a pack is checked here: whether a file is a picture is one of
the problems named by file and line, and what is stored is what will be sent. Pillow knows nothing
of Telegram. It is loaded with the first picture: sending lessons needs none of it.
"""

import io
import math
from typing import TYPE_CHECKING
from warnings import catch_warnings, simplefilter

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
MIME = "image/jpeg"
# Above this a small file can unpack into more memory than the machine has (25 million dots are
# about 100 MB); a phone's usual photo has 12 million.
MAX_DOTS = 25_000_000
LONGEST_SIDE = 1_280  # dots; a phone shows no more
MAX_BYTES = 100 * 1024  # EXPERIENCE section 3
# Telegram sends nothing narrower as a photo (Bot API, sendPhoto), and nobody could read it.
MAX_RATIO = 20
SHORTEST_SIDE = 40  # dots
_QUALITIES = (82, 74, 66, 58)
_SMALLER = 0.85


class PictureRefused(Exception):
    """`code` is picture_not_read, picture_too_many_dots or picture_too_narrow."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def small_jpeg(data: bytes) -> bytes:
    """A JPEG of at most 1,280 dots a side and 100 KB; raises PictureRefused.

    Upright, as the camera's orientation says, on white where it was transparent. Nothing else of
    the file is kept: no place, no date, no camera, no thumbnail of what was cut off.
    """
    from PIL import Image

    picture = _plain(_read(data))
    width, height = picture.size
    if min(width, height) < SHORTEST_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        raise PictureRefused("picture_too_narrow")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    while True:
        for quality in _QUALITIES:
            small = _jpeg(picture, quality)
            if len(small) <= MAX_BYTES:
                return small
        # Noise, or a very detailed scan: fewer dots read better than a coarser quality.
        size = tuple(max(1, math.floor(side * _SMALLER)) for side in picture.size)
        picture = picture.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def _read(data: bytes) -> "Image.Image":
    """The decoded picture, upright; its size is known and judged before anything is unpacked."""
    from PIL import Image, ImageOps

    try:
        with catch_warnings():
            # Its own warning of bombs begins far above our limit; damage is judged by the result.
            simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
            if picture.width * picture.height <= MAX_DOTS:
                # JPEGs can be unpacked at a fraction of their size, as long as it is enough.
                picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture.load()
                return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError:
        pass
    except Exception as error:
        # Decoders trip over a broken file in too many ways to list; each means the same to whoever
        # wrote the lesson.
        raise PictureRefused("picture_not_read") from error
    raise PictureRefused("picture_too_many_dots")


def _plain(picture: "Image.Image") -> "Image.Image":
    """Red, green and blue of eight bits, with white behind what was transparent."""
    from PIL import Image

    if picture.mode.startswith("I;16"):
        # Sixteen bits of grey would be cut off at white instead of scaled.
        picture = picture.point(lambda value: value / 256).convert("L")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        above = picture.convert("RGBA")
        below = Image.new("RGBA", above.size, "white")
        picture = Image.alpha_composite(below, above)
    plain = picture.convert("RGB")
    # A comment would be written again with the picture.
    plain.info.clear()
    return plain


def _jpeg(picture: "Image.Image", quality: int) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
    return out.getvalue()
