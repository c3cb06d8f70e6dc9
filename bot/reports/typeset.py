"""Facts and a layout in, a PDF or a picture out: Chinese and Tibetan, with the product's fonts.

A layout is a Typst file in `layouts/`; it gets its facts as JSON, so nothing in a name or a lesson
can be taken for markup. No font of the machine is ever used. The compiler is loaded with the first
of them: a process that only sends never needs its memory.
"""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal

HERE = Path(__file__).parent
LAYOUTS, FONTS = HERE / "layouts", HERE / "fonts"
# Chinese first: a Latin letter beside it should look the same; Tibetan falls through to its own.
FAMILIES = ("Noto Sans CJK SC", "Noto Serif Tibetan")
# Dots per inch of a phone's picture: 360 points wide gives 720 dots.
PICTURE_DOTS = 144.0
# One compiler at a time: it is quick, and several would only hold the same fonts more often.
COMPILING = Lock()


def pdf(layout: str, facts: Mapping[str, Any]) -> bytes:
    """A document of one or more pages."""
    return _compile(layout, facts, "pdf")[0]


def pictures(
    layout: str, facts: Mapping[str, Any], *, dots_per_inch: float = PICTURE_DOTS
) -> list[bytes]:
    """One PNG per page."""
    return _compile(layout, facts, "png", dots_per_inch)


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)]
    )


def _compile(
    layout: str,
    facts: Mapping[str, Any],
    file_format: Literal["pdf", "png"],
    dots_per_inch: float | None = None,
) -> list[bytes]:
    import typst

    inputs = {"facts": json.dumps(facts, ensure_ascii=False)}
    with COMPILING:
        compiler = typst.Compiler(
            str(LAYOUTS / f"{layout}.typ"),
            root=str(LAYOUTS),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs=inputs,
        )
        made = compiler.compile(format=file_format, ppi=dots_per_inch)
    if made is None:
        raise ValueError(layout)
    return made if isinstance(made, list) else [made]
