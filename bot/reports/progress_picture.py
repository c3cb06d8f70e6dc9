"""A person's progress as one picture for a phone: weeks as a strip, two bars, hours."""

import asyncio

from bot.render import Renderer
from bot.reports import typeset
from curriculum.people import Speaker
from curriculum.progress import Progress

# Telegram shows a picture of this width on every phone without asking to zoom.
DOTS_PER_INCH = 144.0
LARGEST = 100_000


async def draw(renderer: Renderer, speaker: Speaker, progress: Progress) -> bytes:
    """A PNG of at most 100 KB; drawn off the event loop."""
    return await asyncio.to_thread(_draw, renderer, speaker, progress)


def _draw(renderer: Renderer, speaker: Speaker, progress: Progress) -> bytes:
    language = speaker.language

    def word(name: str) -> str:
        return renderer.label(f"progress_{name}", language)

    busiest = max([week.learned for week in progress.weeks] + [5])
    facts = {
        "name": speaker.name,
        "unit": speaker.unit_name,
        "title": word("title"),
        "weeks": [
            {
                "day": f"{week.monday.month}/{week.monday.day}",
                "learned": week.learned,
                "right": week.right,
                "share": week.learned / busiest,
                "right_share": week.right / busiest,
            }
            for week in progress.weeks
        ],
        "words": {name: word(name) for name in ("learned", "right", "weeks", "hours", "month")},
        "learned": progress.learned,
        "right": progress.right,
        "lessons": max(progress.lessons, progress.learned, 1),
        "minutes": word("minutes").format(minutes=progress.minutes),
        "month_minutes": word("minutes").format(minutes=progress.month_minutes),
        "private": word("private"),
    }
    (picture,) = typeset.pictures("progress", facts, dots_per_inch=DOTS_PER_INCH)
    return picture
