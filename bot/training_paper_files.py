"""A training's papers as Telegram keeps them, fetched onto this disk."""

from collections.abc import Callable, Sequence
from pathlib import Path

from telegram import Bot
from telegram.error import TelegramError

from curriculum.event_papers import Paper
from curriculum.training_file import LARGEST_PAPER


async def fetch(
    bot: Bot,
    papers: Sequence[Paper],
    folder: Path,
    *,
    on_failure: Callable[[Paper, TelegramError], None] | None = None,
) -> dict[int, Path]:
    """The papers that Telegram gives back, by id; one that it does not is left out."""
    kept: dict[int, Path] = {}
    for one in papers:
        if one.size > LARGEST_PAPER:
            continue
        path = folder / f"paper_{one.paper_id}"
        try:
            sent = await bot.get_file(one.file_id)
            await sent.download_to_drive(path)
        except TelegramError as error:
            if on_failure is not None:
                on_failure(one, error)
        else:
            kept[one.paper_id] = path
    return kept
