"""The code of a half day as a page to hang on the wall: what it is for, when it counts."""

from typing import Any

from bot.render import Renderer
from bot.reports import typeset
from bot.reports.qr_code import svg
from curriculum.training_list import Half


def code_page(half: Half, renderer: Renderer, language: str, *, url: str) -> bytes:
    """An A4 page as PDF."""
    return typeset.pdf("training_code", code_facts(half, renderer, language, url=url))


def code_facts(half: Half, renderer: Renderer, language: str, *, url: str) -> dict[str, Any]:
    """What the layout draws."""
    only = renderer.label("training_code_only", language)
    return {
        "title": half.title,
        "topic": half.topic,
        "trainer": half.trainer,
        "when": renderer.moment(half.starts_at, language),
        "place": half.place,
        "scan": renderer.label("training_code_scan", language),
        "only": only.format(opens=renderer.clock(half.opens_at, language)),
        "qr": svg(url),
    }
