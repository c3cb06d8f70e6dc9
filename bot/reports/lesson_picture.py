"""A lesson as one phone-wide picture, to be kept, passed on, or looked at before it is sent."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from bot.reports import typeset
from curriculum.lesson_pack import CheckQuestion, LessonText
from curriculum.rich_text import RichText
from curriculum.text_entities import QUOTES, Span, spans_of

if TYPE_CHECKING:
    from PIL import Image

WIDTH = 720  # dots
MOST_BYTES = 150_000
# The layout's own colours (layouts/house.typ) and what lies between them where letters end:
# fewer steps until the picture is small enough. Colours found by counting would turn ink to grey.
PAPER, PALE, INK, GREEN = (255, 255, 255), (231, 241, 236), (34, 48, 42), (47, 125, 91)
STEPS = (8, 4, 3, 2, 1)
# Taking pains makes a picture at most this much smaller (of sixty, 4 to 9 %).
QUICK_EXCESS = 1.1
Colour = tuple[int, int, int]
LETTERS = "ABCDEFGHIJ"


class PictureTooLarge(Exception):
    """The lesson is too long for one picture of MOST_BYTES; its text can still be sent."""


@dataclass(frozen=True, slots=True)
class PictureText:
    """A lesson in one language; without a question the picture may go to a group."""

    language: str
    title: str
    body: RichText
    question: CheckQuestion | None = None


def lesson_picture(texts: Sequence[PictureText], *, heading: str, footer: str = "") -> bytes:
    """A PNG, 720 dots wide and at most 150,000 bytes: each language below the other.

    `heading` stands small above the first title (the lesson's number), `footer` below everything.
    Raises PictureTooLarge.
    """
    facts = {"heading": heading, "footer": footer, "parts": [_part(text) for text in texts]}
    pages = typeset.pictures("lesson", facts)
    return _smallest(pages[0])


def _part(text: PictureText) -> dict[str, Any]:
    question = None
    if text.question is not None:
        options = [
            {"letter": letter, "text": option}
            for letter, option in zip(LETTERS, text.question.options, strict=False)
        ]
        question = {"text": text.question.text, "options": options}
    return {
        "language": text.language,
        "title": text.title,
        "pieces": pieces(text.body),
        "question": question,
    }


def pieces(body: RichText) -> list[dict[str, Any]]:
    """The body as paragraphs, quotes and preformatted text, each a list of lines of styled runs.

    `{"kind": "text" | "quote" | "pre", "lines": [{"indent": em, "runs": [{"text", "styles"}]}]}`;
    a blank line parts paragraphs, and a list's further lines stand below its first word.
    """
    spans = spans_of(body)
    found: list[dict[str, Any]] = []
    is_open, start = False, 0
    for line in body.text.split("\n"):
        end = start + len(line)
        kind = _kind(spans, start, end)
        if not line.strip() and kind != "pre":
            is_open = False
        else:
            if not is_open or found[-1]["kind"] != kind:
                found.append({"kind": kind, "lines": []})
            runs = _runs(body.text, spans, start, end)
            found[-1]["lines"].append({"indent": _indent(line), "runs": runs})
            is_open = True
        start = end + 1
    return found


def _kind(spans: Sequence[Span], start: int, end: int) -> str:
    for span in spans:
        if span.start < max(end, start + 1) and span.end > start:
            if span.kind == "pre":
                return "pre"
            if span.kind in QUOTES:
                return "quote"
    return "text"


def _indent(line: str) -> float:
    """How far a list item's further lines go in, in em."""
    mark = line.lstrip(" \u00a0").split(" ")[0]
    is_item = mark in {"•", "◦", "▪", "-"} or (mark[:-1].isdecimal() and mark.endswith("."))
    return 1.2 if is_item else 0.0


def _runs(text: str, spans: Sequence[Span], start: int, end: int) -> list[dict[str, Any]]:
    """One line cut wherever a style begins or ends."""
    inside = [span for span in spans if span.start < end and span.end > start]
    borders = {start, end}
    borders |= {max(span.start, start) for span in inside} | {min(span.end, end) for span in inside}
    edges = sorted(borders)
    return [
        {
            "text": text[one:two],
            "styles": sorted({s.kind for s in inside if s.start <= one and s.end >= two}),
        }
        for one, two in pairwise(edges)
    ]


def _smallest(page: bytes) -> bytes:
    """The page with as many colours as fit into MOST_BYTES."""
    from PIL import Image

    picture = Image.open(io.BytesIO(page)).convert("RGB")
    for steps in STEPS:
        flat = picture.quantize(palette=_palette(steps), dither=Image.Dither.NONE)
        if len(_packed(flat)) > MOST_BYTES * QUICK_EXCESS:
            continue
        packed = _packed(flat, optimize=True)
        if len(packed) <= MOST_BYTES:
            return packed
    raise PictureTooLarge


def _packed(picture: "Image.Image", *, optimize: bool = False) -> bytes:
    """A PNG, packed quickly or as small as it gets, which takes five times as long."""
    packed = io.BytesIO()
    picture.save(packed, "PNG", optimize=optimize)
    return packed.getvalue()


def _palette(steps: int) -> "Image.Image":
    """Ink on paper and on pale in this many steps, and green where there is room for it."""
    from PIL import Image

    colours = [PAPER, PALE]
    colours += [_between(PAPER, INK, number / steps) for number in range(1, steps + 1)]
    if steps > 1:
        colours += [
            _between(PAPER, GREEN, number / (steps // 2)) for number in range(1, steps // 2 + 1)
        ]
    if steps == STEPS[0]:
        colours += [_between(PALE, INK, number / 4) for number in range(1, 4)]
    palette = Image.new("P", (1, 1))
    # What is left of the 256 entries must not bring colours of its own.
    palette.putpalette(
        [part for colour in [*colours, *[INK] * (256 - len(colours))] for part in colour]
    )
    return palette


def _between(light: Colour, dark: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(light, dark, strict=True))
    return red, green, blue


def of_lesson(texts: Mapping[str, LessonText], languages: Sequence[str]) -> list[PictureText]:
    """What stands in a pack (`Lesson.texts`), in these languages, in this order; KeyError."""
    return [
        PictureText(language, text.title, text.body, text.question)
        for language, text in ((language, texts[language]) for language in languages)
    ]
