"""What a tap on a button carries, read back: a forged one looks like one that does not exist."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Update

from bot import buttons
from bot.context import WuxueContext
from curriculum.errors import NotThere

Act = Callable[[Update, WuxueContext], Coroutine[Any, Any, None]]
# One that opens a form, or goes on with it, is handed them all.
FormAct = Callable[..., Coroutine[Any, Any, None]]
# Fifteen digits fit every database's whole numbers; only a forger writes more.
ID_DIGITS = 15


def carried(update: Update, verb: str, count: int) -> list[str]:
    """The ids behind a button's verb; raises NotThere for what none of ours carries."""
    query = update.callback_query
    try:
        return buttons.read(query.data if query else None, verb, count)
    except ValueError as error:
        raise NotThere from error


def number(written: str) -> int:
    """A number that a button carries; raises NotThere for what none of ours does."""
    if not (written.isascii() and written.isdecimal() and len(written) <= ID_DIGITS):
        raise NotThere
    return int(written)
