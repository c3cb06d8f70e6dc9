"""Three months of topics as one picture for a phone: a row a subject, a column a month."""

import asyncio

from bot.render import TOLD_FROM, Renderer
from bot.reports import typeset
from curriculum.topic_quarter import Quarter


async def draw(renderer: Renderer, language: str, quarter: Quarter) -> bytes:
    """A PNG; drawn off the event loop. No count below five is shown as a number or by its size."""
    return await asyncio.to_thread(_draw, renderer, language, quarter)


def facts(renderer: Renderer, language: str, quarter: Quarter) -> dict[str, object]:
    """What the layout needs: words, and a share of the largest count for each cell."""
    most = max((max(one.people) for one in quarter.subjects), default=0)
    largest = max(most, TOLD_FROM)
    return {
        "title": renderer.label("topics_picture_title", language),
        "note": renderer.label("topics_picture_note", language),
        "months": [
            renderer.label("topic_of_month", language).format(
                month=f"{month:%b}" if language == "en" else month.month
            )
            for month in quarter.months
        ],
        "subjects": [
            {
                "title": one.title,
                "cells": [
                    {
                        "words": renderer.several(count, language) if count else "",
                        "share": max(count, TOLD_FROM) / largest if count else 0,
                    }
                    for count in one.people
                ],
            }
            for one in quarter.subjects
        ],
    }


def _draw(renderer: Renderer, language: str, quarter: Quarter) -> bytes:
    (picture,) = typeset.pictures("topics", facts(renderer, language, quarter))
    return picture
