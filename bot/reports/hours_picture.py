"""Hours of supervision as one picture for a phone: a row a supervisor, a column a month."""

import asyncio
from collections.abc import Sequence

from bot.render import Renderer
from bot.reports import typeset
from curriculum.supervision_capacity import Load, Month

# More rows would not be read on a phone; those who lack most come first.
ROWS = 20


async def draw(renderer: Renderer, language: str, loads: Sequence[Load]) -> bytes:
    """A PNG; drawn off the event loop."""
    return await asyncio.to_thread(_draw, renderer, language, loads)


def facts(renderer: Renderer, language: str, loads: Sequence[Load]) -> dict[str, object]:
    """What the layout needs: each month's words, and its bar as a share of what there is."""
    most = max((month.needed for load in loads for month in load.months), default=0)
    return {
        "title": renderer.label("supervision_hours_title", language),
        "note": renderer.label("supervision_hours_note", language),
        "months": [
            renderer.label("supervision_month", language).format(
                month=f"{month.first:%b}" if language == "en" else month.first.month
            )
            for month in (loads[0].months if loads else ())
        ],
        "rows": [
            {"name": load.name, "cells": [_cell(month, most) for month in load.months]}
            for load in loads[:ROWS]
        ],
    }


def _cell(month: Month, most: int) -> dict[str, object]:
    """A full bar is all there is; where nothing was stated, the most that anybody needs."""
    whole = month.available or most
    share = min(1.0, month.needed / whole) if whole else 0.0
    return {"words": month.words, "share": share, "lacks": bool(month.lacking)}


def _draw(renderer: Renderer, language: str, loads: Sequence[Load]) -> bytes:
    (picture,) = typeset.pictures("hours", facts(renderer, language, loads))
    return picture
